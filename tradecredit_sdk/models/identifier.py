"""National numbers of companies: written in one form, check digits verified, and compared however they are written."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

# The number under which a company stands in its national register, where python-stdnum knows its check digits.
_REGISTRATION = {
    "AL": "al.nipt", "AR": "ar.cuit", "AT": "at.businessid", "AU": "au.acn", "BE": "be.vat", "BG": "bg.vat",
    "BR": "br.cnpj", "CA": "ca.bn", "CH": "ch.uid", "CL": "cl.rut", "CN": "cn.uscc", "CO": "co.nit", "CR": "cr.cpj",
    "CZ": "cz.dic", "DE": "de.handelsregisternummer", "DK": "dk.cvr", "DO": "do.rnc", "EC": "ec.ruc",
    "EE": "ee.registrikood", "ES": "es.cif", "FI": "fi.ytunnus", "FR": "fr.siren", "HR": "hr.oib", "IL": "il.hp",
    "IS": "is_.kennitala", "IT": "it.iva", "JP": "jp.cn", "KR": "kr.brn", "LV": "lv.pvn", "MA": "ma.ice",
    "MD": "md.idno", "MX": "mx.rfc", "NO": "no.orgnr", "PE": "pe.ruc", "PL": "pl.regon", "PT": "pt.nif",
    "PY": "py.ruc", "RO": "ro.cui", "SE": "se.orgnr", "SG": "sg.uen", "SI": "si.maticna", "TH": "th.moa",
    "TR": "tr.vkn", "TW": "tw.ubn", "UA": "ua.edrpou", "US": "us.ein", "UY": "uy.rut", "VE": "ve.rif", "VN": "vn.mst",
}  # fmt: skip


def normalise_identifier(kind: str, value: str, country: str | None) -> str:
    """Return `value` without separators, check digits verified where they are known; ValueError says what is wrong."""
    value = value.strip()
    if not value:
        raise ValueError("an identifier must not be empty")
    module = _module(kind, country)
    if module is None:
        return value
    from stdnum.exceptions import ValidationError

    try:
        compact = str(module.validate(value))
    except ValidationError as error:
        where = f" of {country}" if country else ""
        raise ValueError(f"not a valid {kind} number{where}: {str(error).rstrip('.').lower()}") from None
    prefix = _eu_prefix(country) if kind == "vat" else ""
    return compact if compact.startswith(prefix) else prefix + compact


def bare_number(value: str, country: str | None) -> tuple[str, str]:
    """The letters and the digits of a number, to compare it with one that is written or named otherwise.

    Blanks, signs, the order of words and the country a VAT number begins with mean nothing: "HRB 61748 München" and
    "München HRB 61748", "DE 175 919 696" and "175919696" are one number each.
    """
    text = value.upper()
    if country:
        text = re.sub(
            rf"^\W*(?:{'|'.join(map(re.escape, {country, _eu_prefix(country) or country}))})\W*(?=[A-Z]{{0,2}}\W*\d)",
            "",
            text,
        )
    words = re.findall(r"[^\W\d_]+|\d+", text)
    digits = [word for word in words if word.isdigit()]
    return " ".join(sorted(word for word in words if not word.isdigit())), "".join(digits)


def _eu_prefix(country: str | None) -> str:
    """The two letters an EU VAT number begins with (EL for Greece); python-stdnum drops them for some countries."""
    from stdnum.eu.vat import MEMBER_STATES

    if country is None or country.lower() not in MEMBER_STATES | {"gr"}:
        return ""
    return "EL" if country == "GR" else country


def _module(kind: str, country: str | None) -> Any:
    if kind == "lei":
        return import_module("stdnum.lei")
    if kind == "vat":
        if country is None:
            raise ValueError("a VAT number needs its country")
        import stdnum

        return stdnum.get_cc_module(country, "vat")
    if kind == "registration":
        if country is None:
            raise ValueError("a registration number needs its country")
        name = _REGISTRATION.get(country)
        return import_module(f"stdnum.{name}") if name else None
    return None
