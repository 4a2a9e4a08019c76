"""Calls from outside: what dialogs, proofs and records tell and let happen to whoever has no right to them."""

import base64

from odoo.exceptions import AccessError
from odoo.tests.common import new_test_user

from .overdue_common import OverdueCommon

PROOF = base64.b64encode(b"confirmation of the portal")


class TestDoors(OverdueCommon):
    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(100, 84)
        self._scan()
        self.overdue = self._found()
        self.other = self.env["res.company"].create({"name": "Other", "currency_id": self.euro.id})
        groups = "tradecredit.group_manager,account.group_account_manager"
        self.stranger = self._user("strange", groups, self.other)
        self.accountant = self._user("acc", "account.group_account_manager")
        self.portal = new_test_user(self.env, login="tci-portal", groups="base.group_portal")

    # Dialogs

    def _dialogs(self):
        """(model, the record it is about, what else is filled in)"""
        release = self.env["tradecredit.release"].with_user(self.salesperson)._ask(
            self.buyer.partner_id, buyer=self.buyer, policy=self.policy, amount=900.0, wish="secret wish"
        ).sudo()  # fmt: skip
        line = self.invoice.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        germany, today = self.env.ref("base.de").id, self.today
        return {
            "tradecredit.declared.by.hand": ("overdue_id", self.overdue, {"way": "x", "proof": PROOF}),
            "tradecredit.pause.overdue": ("overdue_id", self.overdue, {"reason": "x"}),
            "tradecredit.find.buyer": ("buyer_id", self.buyer, {"country_id": germany}),
            "tradecredit.request.limit": ("buyer_id", self.buyer, {"amount": 1, "currency_id": self.euro.id}),
            "tradecredit.decide.release": ("release_id", release, {"reason": "x", "amount": 1, "expires_on": today}),
            "tradecredit.make.report": ("buyer_id", self.buyer, {"action": "adverse", "adverse_kind": "other"}),
            "tradecredit.correct.due": ("line_id", line, {"move_id": line.move_id.id, "due": today, "reason": "x"}),
        }  # fmt: skip

    def _ways(self, dialogs, link, record, values):
        """All ways on which a record may be named."""
        spec = {name: {} for name, field in dialogs._fields.items() if field.type != "one2many"}
        on_file = {name: str(value) for name, value in values.items() if name != "proof"}
        yield "create", lambda: dialogs.create({link: record.id, **values}).read()
        yield "default", lambda: dialogs.with_context(**{f"default_{link}": record.id}).default_get(list(spec))
        yield "first onchange", lambda: dialogs.with_context(**{f"default_{link}": record.id}).onchange({}, [], spec)
        yield "onchange", lambda: dialogs.onchange({link: record.id, **on_file}, [link], spec)
        yield "record in record", lambda: dialogs.onchange({link: {"id": record.id}}, [link], spec)

    def test_a_dialog_tells_nothing_of_another_company(self):
        for model, (link, record, values) in self._dialogs().items():
            for way, call in self._ways(self.env[model].with_user(self.stranger), link, record, values):
                self.env.flush_all()
                self.env.invalidate_all()
                with self.subTest(model=model, way=way), self.assertRaises(AccessError):
                    call()

        dialogs = self.env["tradecredit.correct.due"].with_user(self.stranger).with_context(active_id=self.invoice.id)
        with self.assertRaises(AccessError):
            dialogs.default_get(["move_id", "line_id", "original_due"])

    def test_a_dialog_of_ones_own_is_not_turned_to_another_record(self):
        mine = self.env["tradecredit.buyer"].sudo()._of_partner(
            self.env["tradecredit.policy"].create({
                "name": "OTHER", "company_id": self.other.id, "currency_id": self.euro.id,
            }), self.buyer.partner_id,
        )  # fmt: skip
        dialog = self.env["tradecredit.request.limit"].with_user(self.stranger).create({
            "buyer_id": mine.id, "amount": 1, "currency_id": self.euro.id,
        })  # fmt: skip
        for call in (
            lambda: dialog.write({"buyer_id": self.buyer.id}),
            lambda: dialog.onchange({"buyer_id": self.buyer.id}, ["buyer_id"], {"is_identified": {}}),
        ):
            with self.assertRaises(AccessError):
                call()
            self.env.invalidate_all()
        dialog.onchange({"buyer_id": mine.id}, ["buyer_id"], {"is_identified": {}})

    def test_a_line_of_a_dialog_tells_nothing_through_its_dialog(self):
        lines = self.env["tradecredit.make.report.instalment"].with_user(self.stranger)
        for parent in (
            {"buyer_id": self.buyer.id, "action": "adverse"},
            {"overdue_id": self.overdue.id, "action": "reschedule"},
        ):
            with self.assertRaises(AccessError):
                lines.onchange({"wizard_id": parent, "amount": 1}, ["amount"], {"currency_id": {}})
        own = self.env["tradecredit.make.report.instalment"].with_user(self.controller)
        parent = {"overdue_id": self.overdue.id, "buyer_id": self.buyer.id, "action": "reschedule"}
        own.onchange({"wizard_id": parent, "amount": 1}, ["amount"], {"currency_id": {}})
