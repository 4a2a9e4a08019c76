"""Partners: by which numbers two of them are one legal entity."""

import re

from odoo import api, fields, models

GENERIC_NUMBERS = {"XAXX010101000", "XEXX010101000"}
"""Numbers that a tax office gives to everybody (Mexico: general public, foreigners)."""

LEAST_DIGITS = 4


def normalise_number(number: str | bool, country: str | bool) -> str | bool:
    """A VAT or registration number written one way, with its country in front; False for what is no number.

    Words such as `N/A` or `/` are no number, nor are numbers of one repeated digit: they would join strangers.
    """
    text = re.sub(r"[^0-9A-Z]", "", (number or "").upper())
    digits = re.sub(r"\D", "", text)
    if len(digits) < LEAST_DIGITS or len(set(digits)) == 1 or text in GENERIC_NUMBERS:
        return False
    if country and not re.match(r"[A-Z]{2}", text):
        text = {"GR": "EL"}.get(country, country) + text
    return text


class ResPartner(models.Model):
    _inherit = "res.partner"

    tradecredit_vat = fields.Char(compute="_compute_tradecredit_numbers", store=True, index="btree_not_null")
    tradecredit_registry = fields.Char(compute="_compute_tradecredit_numbers", store=True, index="btree_not_null")
    tradecredit_buyer_ids = fields.One2many(
        "tradecredit.buyer", "partner_id", "Insured buyers", groups="tradecredit.group_requester"
    )

    @api.depends("vat", "company_registry", "country_id.code", "commercial_partner_id")
    def _compute_tradecredit_numbers(self):
        for partner in self:
            is_head = partner.commercial_partner_id == partner
            country = partner.country_id.code
            partner.tradecredit_vat = is_head and normalise_number(partner.vat, country)
            registry = is_head and normalise_number(partner.company_registry, country)
            partner.tradecredit_registry = registry and f"{country or ''}:{registry}"

    def write(self, vals):
        done = super().write(vals)
        if "tz" in vals:  # of a company it decides on which day limits and deadlines end
            self.env.registry.clear_cache()
        if vals.keys() & {"vat", "company_registry", "country_id", "parent_id", "is_company", "commercial_partner_id"}:
            self.env["tradecredit.buyer"].sudo()._join(self.commercial_partner_id)
        return done
