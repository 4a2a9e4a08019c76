"""The texts in the templates are those of the addons, and a person reads them in their language."""

import io
from pathlib import Path

import polib
from odoo.addons.tradecredit.models.reason_text import reason_text
from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

ADDONS = ("tradecredit", "tradecredit_sale")
LANGUAGES = ("de_DE", "es_ES", "fr_FR", "zh_CN")


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    def test_the_templates_have_every_text(self):
        for addon in ADDONS:
            exported = io.BytesIO()
            trans_export(None, [addon], exported, "po", self.env)
            texts = {entry.msgid for entry in polib.pofile(exported.getvalue().decode())}
            template = {entry.msgid for entry in polib.pofile(Path(get_module_path(addon), "i18n", f"{addon}.pot"))}
            self.assertEqual(texts - template, set(), "python -m tools.odoo_runtime translations")

    def test_read_in_each_language(self):
        for language in LANGUAGES:
            self.env["res.lang"]._activate_lang(language)
        self.env["ir.module.module"].search([("name", "in", ADDONS)])._update_translations(LANGUAGES)
        self.assertEqual(
            [self._read(language) for language in LANGUAGES],
            [
                ("Käufer", "Kreditversicherung", "Der Versicherer gewährt auf diesen Käufer keine Deckung."),
                ("Deudor", "Seguro de crédito", "La aseguradora no concede cobertura sobre este deudor."),
                ("Acheteur", "Assurance-crédit", "L'assureur n'accorde pas de garantie sur cet acheteur."),
                ("买方", "信用保险", "保险公司对该买方不提供保障。"),
            ],
        )

    def _read(self, language: str) -> tuple[str, str, str]:
        """The label of a field, a piece of a page, and a sentence of a program."""
        env = self.env(context={"lang": language})
        label = env["tradecredit.application"].fields_get(["buyer_id"])["buyer_id"]["string"]
        page = env.ref("tradecredit.res_partner_view_form").arch_db
        reason = reason_text(env, {"code": "limit_zero", "params": {}, "message": "in English"})
        return label, next(text for text in page.split(">") if "</span" in text).removesuffix("</span").strip(), reason
