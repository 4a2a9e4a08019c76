"""Find a buyer at the insurer: nothing is asked until a person clicks, for the insurer may bill each look-up."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from tradecredit_sdk import Address, Buyer, Identifier, TradeCreditError

from ..models.insurer_text import plain
from ..models.tradecredit_buyer_identity import carries, on_file

LONGEST_NAME = 200


class TradecreditFindBuyer(models.TransientModel):
    _name = "tradecredit.find.buyer"
    _description = "Find a buyer at the insurer"
    _inherit = ["tradecredit.dialog"]

    buyer_id = fields.Many2one("tradecredit.buyer", required=True, readonly=True)
    policy_id = fields.Many2one(related="buyer_id.policy_id")
    may_cost = fields.Boolean(compute="_compute_may_cost", help="The insurer may bill each look-up.")
    name = fields.Char(help="May be left empty where there is a number.")
    country_id = fields.Many2one("res.country", required=True)
    vat = fields.Char("VAT number")
    registration = fields.Char("Registration number")
    town = fields.Char()
    postal_code = fields.Char()
    is_searched = fields.Boolean()
    line_ids = fields.One2many("tradecredit.find.buyer.line", "wizard_id", "Candidates")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        partner = self.env["tradecredit.buyer"].browse(values.get("buyer_id")).partner_id
        known = {
            "name": partner.name,
            "country_id": partner.country_id.id,
            "vat": partner.vat,
            "registration": partner.company_registry,
            "town": partner.city,
            "postal_code": partner.zip,
        }
        return {**{name: value for name, value in known.items() if name in fields_list}, **values}

    @api.depends("policy_id")
    def _compute_may_cost(self):
        for wizard in self:
            try:
                with wizard.policy_id._client() as client:
                    wizard.may_cost = client.capabilities.lookup_may_cost
            except TradeCreditError:  # said when the button is clicked
                wizard.may_cost = True

    def action_search(self) -> dict[str, Any]:
        """Ask the insurer once and show its candidates, best first."""
        self.ensure_one()
        self.buyer_id.check_access("write")
        identifiers = self._identifiers()
        if not identifiers and not (self.name or "").strip():
            raise UserError(self.env._("Fill in a name or a number to look for."))
        with self.policy_id._asking() as client:
            found = client.buyers.find(
                (self.name or "").strip()[:LONGEST_NAME] or None,
                country=self.country_id.code,
                identifiers=identifiers,
                town=self.town or None,
                postal_code=self.postal_code or None,
            )
        trusted = self.sudo()  # candidates are written by nobody else, for one of them is taken at its word
        trusted.line_ids.unlink()
        trusted.write({
            "is_searched": True,
            "line_ids": [fields.Command.create(self._line(one, identifiers)) for one in found],
        })  # fmt: skip
        self.buyer_id.searched_at = fields.Datetime.now()
        return self.buyer_id._open_wizard(self._name, self.env._("Find the buyer at the insurer")) | {"res_id": self.id}

    def _identifiers(self) -> list[Identifier]:
        """The numbers as typed; UserError for one that cannot be right."""
        found = []
        for kind, value in (("vat", self.vat), ("registration", self.registration)):
            if value:
                try:
                    found.append(Identifier(type=kind, value=value[:40], country=self.country_id.code))
                except ValueError:
                    label = self._fields[kind]._description_string(self.env)
                    raise UserError(self.env._(
                        "%(field)s: %(number)s cannot be such a number in %(country)s. Mend it, or leave it out.",
                        field=label, number=value, country=self.country_id.name,
                    )) from None  # fmt: skip
        return found

    def _line(self, company: Buyer, wanted: list[Identifier]) -> dict[str, Any]:
        return {
            "insurer_buyer_id": company.id,
            **on_file(company),
            "identifiers": plain(", ".join(known.value for known in company.identifiers)),
            "address": plain(_one_line(company.address)),
            "score": min(company.score or 0, 100),
            "is_exact": carries(company, wanted),
        }


def _one_line(address: Address | None) -> str:
    if address is None:
        return ""
    town = " ".join(filter(None, (address.postal_code, address.town)))
    return ", ".join(filter(None, (address.street, town)))
