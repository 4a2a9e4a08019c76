"""Words from which the sandbox's invented companies are put together: coined roots, trades, legal forms, places.

One entry a country: `roots` are made up, `names` say where root and trade stand, `places` are postal code and town,
`streets` end up with a house number where `{n}` stands. Numbers: `#` is a digit drawn, `?` a check character that is
searched for, `{registration}` the number already made.
"""

# ruff: noqa: RUF001  (Turkish has a dotless i)

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What the companies of one country are made of."""

    roots: str
    trades: str
    names: str
    places: str
    streets: str
    registration: str
    vat: str = ""

    def of(self, field: str) -> list[str]:
        """The choices of one field; they are separated by bars."""
        return [item.strip() for item in getattr(self, field).split("|") if item.strip()]


COUNTRIES: dict[str, Words] = {
    "AT": Words(
        "Almwasser|Ennsbrück|Gletscherau|Kaltenfurth|Lärchegger|Murtaler|Pielhofer|Salzsteig|Traunfels|Zirbenau",
        "Holzbau|Metalltechnik|Feinkost|Kunststofftechnik|Getränke", "{root} {trade} GmbH|{root} {trade} AG|{root} & Söhne {trade} KG",
        "1100 Wien|4020 Linz|5020 Salzburg|6020 Innsbruck|8010 Graz", "Mühlgasse {n}|Am Steinfeld {n}|Brückenstraße {n}",
        "######a", "ATU#######?",
    ),
    "BE": Words(
        "Brandelaer|Dunevoort|Hoogveldt|Kerseleers|Lindebrugge|Meulenaert|Oosterloo|Sambreval|Valmeuse|Wijngaerde",
        "Bouwmaterialen|Logistics|Textiles|Verpakking|Alimentation", "{root} {trade} NV|{root} {trade} BV|{root} {trade} SRL",
        "1000 Bruxelles|2000 Antwerpen|4000 Liège|8500 Kortrijk|9000 Gent", "Kanaalstraat {n}|Rue du Moulin {n}|Nijverheidslaan {n}",
        "0#######??", "BE{registration}",
    ),
    "BR": Words(
        "Araçubá|Brisalto|Caporanga|Guaritã|Ipêmirim|Jacarezal|Lagoa Rubra|Pedravale|Sapucaíra|Veredão",
        "Alimentos|Autopeças|Embalagens|Têxtil|Distribuidora", "{root} {trade} Ltda.|{root} {trade} S.A.|{trade} {root} Ltda.",
        "01310-100 São Paulo|20040-002 Rio de Janeiro|30130-010 Belo Horizonte|80010-000 Curitiba", "Rua das Acácias, {n}|Avenida Industrial, {n}",
        "########0001??", "{registration}",
    ),
    "CA": Words(
        "Birchmoor|Caribourne|Érablac|Fundyside|Larchmount|Muskelake|Outardes Nord|Pinecrag|Sainte-Orme|Tamarack Bend",
        "Lumber|Food Service|Industrial Supply|Équipements|Packaging", "{root} {trade} Inc.|{root} {trade} Ltd.|{trade} {root} ltée",
        "M5H 2N2 Toronto|H2Y 1C6 Montréal|V6B 1A1 Vancouver|T2P 1J9 Calgary", "{n} Foundry Road|{n} rue du Quai|{n} Millpond Avenue",
        "########?", "",
    ),
    "CH": Words(
        "Aarhalde|Bündnerstein|Chasserelle|Firnblick|Jurafels|Lavauxine|Reussegg|Simmenrain|Thurwies|Valserhorn",
        "Präzisionstechnik|Uhrenteile|Käserei|Handel|Apparatebau", "{root} {trade} AG|{root} {trade} GmbH|{root} {trade} SA",
        "3011 Bern|4051 Basel|8005 Zürich|1003 Lausanne|9000 St. Gallen", "Fabrikstrasse {n}|Seeweg {n}|Chemin des Vignes {n}",
        "CHE########?", "{registration}MWST",
    ),
    "CN": Words(
        "明澄|瀚屿|嘉岩|禾澜|启峦|宏渡|锦汐|泽岚|云砚|旭棠",
        "机械|纺织|电子科技|食品|包装材料", "苏州{root}{trade}有限公司|宁波{root}{trade}有限公司|广东{root}{trade}股份有限公司",
        "215000 苏州|315000 宁波|510000 广州|518000 深圳", "工业路{n}号|新港大道{n}号",
        "91320500MA######??", "",
    ),
    "CZ": Words(
        "Bukovnář|Černolesk|Jizerka Vrch|Kovářov|Lipnoves|Moravník|Říčkov|Skalánek|Třebín|Žďárna",
        "Strojírny|Sklárny|Stavebniny|Potraviny|Obaly", "{root} {trade} s.r.o.|{root} {trade} a.s.|{trade} {root} s.r.o.",
        "110 00 Praha|602 00 Brno|702 00 Ostrava|301 00 Plzeň", "Nádražní {n}|Průmyslová {n}|Na Mlýně {n}",
        "#######?", "CZ{registration}",
    ),
    "DE": Words(
        "Brennmark|Deichhorst|Eifelkamp|Falkstett|Grünhagen|Isarwiek|Kesselbrink|Möhrenau|Süderlohe|Wieskamm",
        "Maschinenbau|Lebensmittel|Elektrotechnik|Baustoffe|Logistik", "{root} {trade} GmbH|{root} {trade} GmbH & Co. KG|{root} {trade} AG",
        "20457 Hamburg|80331 München|50667 Köln|70173 Stuttgart|90402 Nürnberg", "Hafenstr. {n}|Gewerbering {n}|Am Güterbahnhof {n}",
        "{town} HRB #####", "DE########?",
    ),
    "DK": Words(
        "Bølgemark|Fjordhuset|Gråsten Næs|Hedelund Vig|Klitbjerg|Møllerup Øst|Nørresund|Rævdal|Skovgærde|Ådalen",
        "Byggevarer|Fødevarer|Møbler|Maskinfabrik|Emballage", "{root} {trade} A/S|{root} {trade} ApS",
        "2100 København|8000 Aarhus|5000 Odense|9000 Aalborg", "Havnegade {n}|Industrivej {n}|Møllevænget {n}",
        "#######?", "DK{registration}",
    ),
    "ES": Words(
        "Alborada Sur|Brezal|Castañeira|Dehesón|Espigalba|Guadarroyo|Jaramiel|Montesalud|Peñalcor|Viñarosa",
        "Alimentación|Cerámicas|Maquinaria|Textiles|Suministros", "{root} {trade}, S.L.|{root} {trade}, S.A.|{trade} {root}, S.L.",
        "28001 Madrid|08001 Barcelona|46001 Valencia|41001 Sevilla|48001 Bilbao", "Calle de la Fábrica, {n}|Polígono Las Eras, {n}",
        "B#######?", "ES{registration}",
    ),
    "FI": Words(
        "Hallakoski|Jäälinna|Kuusivaara|Lumisaari|Männikkö|Pyhäranta|Sinilahti|Tervakallio|Utusuo|Ylämaja",
        "Konepaja|Elintarvike|Puutuote|Sähkö|Pakkaus", "{root} {trade} Oy|{root}n {trade} Oyj|Oy {root} {trade} Ab",
        "00100 Helsinki|33100 Tampere|20100 Turku|90100 Oulu", "Satamakatu {n}|Tehtaantie {n}|Myllypolku {n}",
        "#######?", "FI{registration}",
    ),
    "FR": Words(
        "Aubeclaire|Brévanne|Chênelong|Durancelle|Étangrieu|Fontevert|Garrigol|Marnevoie|Roquenoire|Vauxfleury",
        "Distribution|Emballages|Mécanique|Boissons|Matériaux", "{root} {trade} SAS|{root} {trade} SARL|{trade} {root} SA",
        "75011 Paris|69002 Lyon|13002 Marseille|44000 Nantes|59000 Lille", "{n} rue des Ateliers|{n} quai de la Forge|{n} avenue du Canal",
        "########?", "FR??{registration}",
    ),
    "GB": Words(
        "Ashcombe Vale|Bramblewick|Cragholme|Dunmarrow|Eskdale Tarn|Fenmarch|Harrowmere|Kestrelby|Larkminster|Thistlebeck",
        "Engineering|Foods|Building Supplies|Packaging|Electrical", "{root} {trade} Ltd|{root} {trade} PLC|{root} & Sons {trade} Ltd",
        "EC1A 1BB London|M1 1AE Manchester|B1 1AA Birmingham|LS1 4AP Leeds", "{n} Foundry Lane|{n} Canal Wharf|{n} Mill Street",
        "0#######", "#######??",
    ),
    "IT": Words(
        "Altavena|Borgoscuro|Collefermo|Dolceriva|Fiumechiaro|Grottalba|Lagovento|Montecervo|Pietrasole|Valmirta",
        "Alimentari|Meccanica|Ceramiche|Tessuti|Imballaggi", "{root} {trade} S.r.l.|{root} {trade} S.p.A.|{trade} {root} S.r.l.",
        "20121 Milano|10121 Torino|40121 Bologna|35121 Padova|80121 Napoli", "Via dell'Officina {n}|Viale della Stazione {n}|Via del Mulino {n}",
        "#######015?", "IT{registration}",
    ),
    "JP": Words(
        "ミナホシ|青嶺|暁浜|ツキハラ|桐ノ瀬|白砂岳|ヒノサキ|湊柴|雪柳川|若葉台東",
        "商事|機械工業|食品|電子|包装", "株式会社{root}{trade}|{root}{trade}株式会社|有限会社{root}{trade}",
        "100-0005 東京|530-0001 大阪|460-0002 名古屋|812-0011 福岡", "本町{n}|港町{n}|工業団地{n}",
        "?############", "",
    ),
    "KR": Words(
        "한울빛|새솔강|푸른마루|별누리재|가온들|다솜내|미르벌|아라샘|해오름터|도담뫼",
        "산업|전자|식품|섬유|포장", "주식회사 {root}{trade}|{root}{trade} 주식회사|(주){root}{trade}",
        "04524 서울|48058 부산|41911 대구|22000 인천", "공단로 {n}|항만길 {n}",
        "12381####?", "",
    ),
    "MX": Words(
        "Agaveral|Barrancal|Cenotlán|Durazneda|Espinoverde|Jacarandal|Mezquitán|Nopalera Alta|Sierrabaja|Tequexal",
        "Alimentos|Autopartes|Empaques|Aceros|Comercializadora", "{root} {trade}, S.A. de C.V.|{trade} {root}, S. de R.L. de C.V.",
        "06000 Ciudad de México|64000 Monterrey|44100 Guadalajara|72000 Puebla", "Calle del Taller {n}|Avenida Industria {n}",
        "QXZ9#061###?", "{registration}",
    ),
    "NL": Words(
        "Beemsterveen|Dijkhorst|Elzenkade|Grutterswijk|Houtvaart|Klaverslag|Molenwaard|Oeverstein|Rietdonk|Waterlandse Tuin",
        "Groothandel|Techniek|Bloemen|Verpakkingen|Transport", "{root} {trade} B.V.|{root} {trade} N.V.",
        "1011 AB Amsterdam|3011 AA Rotterdam|5611 AA Eindhoven|3511 AA Utrecht", "Havenweg {n}|Industriekade {n}|Molenpad {n}",
        "8#######", "NL########?B01",
    ),
    "NO": Words(
        "Bjørkås|Fossmyr|Gråholmen|Havtind|Isbreidal|Kråkevåg|Lyngøy|Nordskarv|Reinsvann|Tømmerlia",
        "Sjømat|Byggevarer|Offshore|Møbler|Verksted", "{root} {trade} AS|{root} {trade} ASA",
        "0150 Oslo|5003 Bergen|7010 Trondheim|4006 Stavanger", "Bryggegata {n}|Verkstedveien {n}|Kaivegen {n}",
        "########?", "{registration}MVA",
    ),
    "PL": Words(
        "Brzozówka|Dębogóra|Jaskółkowo|Kłosinek|Łąkowiec|Modrzewno|Orzechów Nowy|Śnieżyca|Wierzbnik|Żurawiec",
        "Meble|Opakowania|Stal|Spożywcze|Części", "{root} {trade} Sp. z o.o.|{root} {trade} S.A.|{trade} {root} Sp. z o.o.",
        "00-001 Warszawa|30-001 Kraków|50-001 Wrocław|80-001 Gdańsk|61-001 Poznań", "ul. Fabryczna {n}|ul. Młyńska {n}|ul. Składowa {n}",
        "########?", "PL#########?",
    ),
    "PT": Words(
        "Aldeiamar|Barrosinha|Carvalhosa Nova|Espumarola|Figueirinhal|Ladeirão|Moinhar|Penhalonga Sul|Sobralinho|Vinhamor",
        "Cortiças|Conservas|Têxteis|Moldes|Calçado", "{root} {trade}, Lda.|{root} {trade}, S.A.|{trade} {root}, Lda.",
        "1100-148 Lisboa|4000-322 Porto|3800-200 Aveiro|4700-200 Braga", "Rua da Oficina, {n}|Avenida do Cais, {n}",
        "5#######?", "PT{registration}",
    ),
    "SE": Words(
        "Björknäset|Fjällgård|Granhyttan|Hällmo|Isälven|Kvarnforsa|Lövskogen|Norrmyra|Ståldalen|Ängsvik",
        "Verkstad|Livsmedel|Trävaror|Förpackning|Elteknik", "{root} {trade} AB|{trade} i {root} AB",
        "111 20 Stockholm|411 05 Göteborg|211 20 Malmö|722 11 Västerås", "Hamngatan {n}|Verkstadsvägen {n}|Kvarnstigen {n}",
        "5592#####?", "SE{registration}01",
    ),
    "SG": Words(
        "Anggerik Bay|Banyan Crest|Coral Quay|Durian Peak|Kembangan Star|Lantana|Merbok|Orchid Harbour|Rempah|Tembusu Link",
        "Trading|Electronics|Marine Services|Foods|Logistics", "{root} {trade} Pte. Ltd.|{root} {trade} (S) Pte Ltd",
        "048616 Singapore|609431 Singapore|139234 Singapore", "{n} Pioneer Link|{n} Harbour Crescent|{n} Tuas Bend",
        "2012#####?", "{registration}",
    ),
    "TR": Words(
        "Akçadere|Bozkıryolu|Çınarova|Denizağı|Elmagöl|Gümüşpınar|İncirkale|Karaçayır|Söğütbaşı|Yıldızkaya",
        "Tekstil|Gıda|Makina|Ambalaj|Yapı Malzemeleri", "{root} {trade} A.Ş.|{root} {trade} Ltd. Şti.|{root} {trade} San. ve Tic. A.Ş.",
        "34000 İstanbul|06000 Ankara|35000 İzmir|16000 Bursa", "Fabrika Cad. No: {n}|Liman Sok. No: {n}",
        "#########?", "{registration}",
    ),
    "US": Words(
        "Bluestem Ridge|Cottonwood Fork|Dry Creekton|Elkhorn Mesa|Granite Hollow|Ironbark|Juniper Gap|Prairie Lantern|Redwillow|Sawtooth Basin",
        "Supply|Foods|Manufacturing|Distribution|Building Products", "{root} {trade}, Inc.|{root} {trade} LLC|{root} {trade} Corp.",
        "60601 Chicago|77002 Houston|30303 Atlanta|98101 Seattle|19103 Philadelphia", "{n} Foundry Street|{n} Depot Avenue|{n} Mill Road",
        "20#######", "",
    ),
}  # fmt: skip
