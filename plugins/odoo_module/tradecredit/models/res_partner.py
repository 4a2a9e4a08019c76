"""Partners: by which numbers two of them are one legal entity."""

import re

from odoo import api, fields, models
from odoo.exceptions import AccessError

NUMBERS = {"tradecredit_vat", "tradecredit_registry"}
IDENTITY = {"vat", "company_registry", "country_id", "parent_id", "is_company", "commercial_partner_id"}
CONTROLLER = "tradecredit.group_controller"
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

    tradecredit_vat = fields.Char(
        compute="_compute_tradecredit_numbers", store=True, index="btree_not_null", groups="tradecredit.group_requester"
    )
    tradecredit_registry = fields.Char(
        compute="_compute_tradecredit_numbers", store=True, index="btree_not_null", groups="tradecredit.group_requester"
    )
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

    @api.model_create_multi
    def create(self, vals_list):
        self._tradecredit_guard(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._tradecredit_guard(vals)
        if not vals.keys() & IDENTITY:
            done = super().write(vals)
        else:
            before = {one: (one.tradecredit_vat, one.tradecredit_registry) for one in self.sudo()}
            done = super().write(vals)
            self._tradecredit_check_identity(before)
            self.env["tradecredit.buyer"].sudo()._join(self.commercial_partner_id)
        if "tz" in vals:  # of a company it decides on which day limits and deadlines end
            self.env.registry.clear_cache()
        return done

    def _tradecredit_guard(self, *all_vals) -> None:
        if not self.env.su and any(NUMBERS & vals.keys() for vals in all_vals):
            raise AccessError(
                self.env._("By which numbers two partners are one legal entity is computed, and not written.")
            )

    def _tradecredit_check_identity(self, before: dict) -> None:
        """Who takes a number from an insured buyer takes its debts out of the limit: that is for a controller to do."""
        if self.env.su or self.env.user.has_group(CONTROLLER):
            return
        for partner, (vat, registry) in before.items():
            lost_vat = vat if vat != partner.tradecredit_vat else False
            lost_registry = registry if registry != partner.tradecredit_registry else False
            if not (lost_vat or lost_registry):
                continue
            buyers = self.env["tradecredit.buyer"].sudo()
            if buyers.search_count(buyers._insured_under(partner, lost_vat, lost_registry), limit=1):
                raise AccessError(self.env._(
                    "%s is insured under its numbers: a credit controller changes them.", partner.display_name
                ))  # fmt: skip
