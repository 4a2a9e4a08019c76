"""A seller with a policy, buyers with limits, and people in each role."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from odoo import Command, fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.tests import tagged
from odoo.tests.common import new_test_user

from ..models.check_request import CheckRequest


@tagged("post_install", "-at_install")
class TradecreditCommon(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        roles = ("tradecredit.group_administrator", "tradecredit.group_manager")
        cls.env.user.group_ids |= cls.env["res.groups"].union(*map(cls.env.ref, roles))
        cls.company = cls.company_data["company"]
        cls.euro = cls.env.ref("base.EUR")
        cls.company.currency_id = cls.euro
        cls.germany = cls.env.ref("base.de")
        cls.policy = cls.env["tradecredit.policy"].create({
            "name": "DEMO-001",
            "company_id": cls.company.id,
            "insurer": "open",
            "base_url": "http://127.0.0.1:9/open/v1",
            "currency_id": cls.euro.id,
            "all_countries": True,
            "tax_basis": "net",
        })  # fmt: skip
        cls.today = fields.Date.today()
        cls.partner = cls._partner("Nordlicht Handel GmbH", vat="DE175919696")
        cls.salesperson = cls._user("sally", "tradecredit.group_requester")
        cls.controller = cls._user("carl", "tradecredit.group_controller")
        cls.manager = cls._user("mona", "tradecredit.group_manager")

    @classmethod
    def _user(cls, login: str, groups: str):
        return new_test_user(
            cls.env, login=f"tc-{login}", groups=f"base.group_user,{groups}", company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )  # fmt: skip

    @classmethod
    def _partner(cls, name: str, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, "country_id": cls.germany.id, **values})

    @classmethod
    def _buyer(cls, partner=None, insurer_buyer_id="900000001", heard=0):
        """The identified buyer's row of a partner, of which the insurer was heard `heard` hours ago."""
        buyer = cls.env["tradecredit.buyer"].sudo()._of_partner(cls.policy, partner or cls.partner)
        buyer.write({
            "insurer_buyer_id": insurer_buyer_id,
            "as_of": fields.Datetime.now() - timedelta(hours=heard),
        })  # fmt: skip
        return buyer

    @classmethod
    def _limit(cls, buyer, amount: float, **values):
        return cls.env["tradecredit.limit"].sudo().create({
            "buyer_id": buyer.id,
            "insurer_limit_id": f"L-{buyer.id}-{amount}",
            "kind": "permanent",
            "state": "approved",
            "amount": amount,
            "currency_id": cls.euro.id,
            "valid_from": cls.today - timedelta(days=30),
            **values,
        })  # fmt: skip

    def _invoice(self, amount: float, partner=None, *, post=True, due=30, taxes=(), move_type="out_invoice", **values):
        """An invoice of today, due in `due` days; overdue where that is negative."""
        move = self.env["account.move"].with_company(self.company).create({
            "move_type": move_type,
            "partner_id": (partner or self.partner).id,
            "invoice_date": self.today + timedelta(days=min(due, 0)),
            "invoice_date_due": self.today + timedelta(days=due),
            "invoice_payment_term_id": False,
            "currency_id": self.euro.id,
            "invoice_line_ids": [Command.create({
                "name": "goods", "quantity": 1, "price_unit": amount, "tax_ids": [Command.set([tax.id for tax in taxes])],
            })],
            **values,
        })  # fmt: skip
        if post:
            move.action_post()
        return move

    def _check(self, amount, partner=None, *, document=None, tax=0, currency=None, terms_days=30, **options):
        """One document checked; a partner stands in for the document where none is given."""
        payer = partner or self.partner
        request = CheckRequest(
            document or payer, payer, Decimal(str(amount)), Decimal(str(tax)), currency or self.euro, terms_days
        )
        [outcome] = self.env["tradecredit.check"]._run(self.company, [request], trigger="confirm", **options)
        return outcome

    def _codes(self, outcome) -> list[str]:
        return [reason.code.value for reason in outcome.verdict.reasons]
