"""Calls from outside: what dialogs, proofs and records tell and let happen to whoever has no right to them."""

import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests.common import new_test_user

from .insurer_common import HALF
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

    # Declarations

    def test_a_controller_of_the_company_alone_reads_declarations(self):
        self.env.flush_all()
        for user in (self.salesperson, self.accountant, self.portal, self.stranger):
            overdues = self.env["tradecredit.overdue"].with_user(user)
            mine = overdues.browse(self.overdue.id)
            for name, call in {
                "search": lambda overdues=overdues: overdues.search([]).ids,
                "read": lambda mine=mine: mine.read(["amount"]),
                "group": lambda overdues=overdues: overdues.formatted_read_group([], ["state"], ["late_amount:sum"]),
                "export": lambda mine=mine: mine.export_data(["amount"])["datas"],
                "lines": lambda user=user: self.env["tradecredit.overdue.line"].with_user(user).search([]).ids,
                "names": lambda overdues=overdues: overdues.name_search(""),
                "outbox": lambda user=user: self.env["tradecredit.outbox"].with_user(user).search([]).ids,
                "chatter": lambda user=user: self._of_overdues("mail.message", "model", user),
                "activities": lambda user=user: self._of_overdues("mail.activity", "res_model", user),
                "buyer": lambda user=user: self.env["tradecredit.buyer"].with_user(user).search(
                    [("overdue_ids.amount", ">", 0)]
                ).ids,
                "invoice": lambda user=user: self.env["account.move"].with_user(user).search(
                    [("tradecredit_overdue_line_ids.amount", ">", 0)]
                ).ids,
            }.items():  # fmt: skip
                with self.subTest(user=user.login, way=name):
                    try:
                        found = call()
                    except (UserError, ValueError):
                        continue
                    self.assertFalse(found)

    def _of_overdues(self, model, field, user):
        return self.env[model].with_user(user).search([(field, "=", "tradecredit.overdue")]).ids

    def test_what_the_books_and_the_insurer_say_is_written_by_nobody(self):
        line = self.overdue.line_ids
        for user in (self.salesperson, self.accountant, self.portal, self.stranger, self.controller):
            mine = self.overdue.with_user(user)
            for values in (
                {"state": "settled"}, {"notify_by": "2030-01-01"}, {"buyer_id": 1}, {"warned_days": -1}, {"paused": True},
                {"line_ids": [Command.clear()]}, {"line_ids": [Command.delete(line.id)]},
                {"line_ids": [Command.update(line.id, {"amount": 1})]}, {"outbox_ids": [Command.clear()]},
                {"line_ids": [Command.create({"number": "x", "original_due": "2026-01-01", "amount": 5})]},
                {"proof_ids": [Command.clear()]},
            ):  # fmt: skip
                with self.subTest(user=user.login, values=values), self.assertRaises(UserError):
                    mine.write(values)
                    self.env.flush_all()
        for user in (self.salesperson, self.accountant, self.portal, self.stranger):
            for method in ("action_declare", "action_resume", "action_prepare_again", "unlink", "copy"):
                with self.subTest(user=user.login, method=method), self.assertRaises(UserError):
                    getattr(self.overdue.with_user(user), method)()
        for method in ("unlink", "copy"):
            with self.assertRaises(UserError):
                getattr(self.overdue.with_user(self.controller), method)()
        buyer = self.buyer.with_user(self.controller)
        for values in ({"told_stop_since": False}, {"told_stop_until": "2020-01-01"}):
            with self.assertRaises(AccessError):
                buyer.write(values)

    def test_the_button_on_an_invoice_declares_for_nobody_else(self):
        invoice = self._invoice(100, 80, self._second())
        for user in (self.accountant, self.salesperson, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                invoice.with_user(user).action_tradecredit_overdue()
        self.assertEqual(self.overdues.search([]), self.overdue)

    def _second(self):
        other = self._buyer("Zweite GmbH", HALF)
        self._insure(other)
        return other

    # By hand

    def _by_hand(self, overdue=None, **values):
        self.env["tradecredit.declared.by.hand"].with_user(self.controller).create({
            "overdue_id": (overdue or self.overdue).id, "way": "portal", "proof": PROOF, "proof_name": "p.txt", **values,
        }).action_record()  # fmt: skip

    def test_a_proof_is_neither_changed_nor_deleted(self):
        self._by_hand()
        proof = self.overdue.proof_ids.with_user(self.controller)
        for call in (
            lambda: proof.write({"raw": b"forged"}),
            lambda: proof.write({"res_id": 0, "res_model": False}),
            proof.unlink,
            proof.sudo().unlink,
            lambda: proof.sudo()._delete_and_notify(),
        ):
            with self.assertRaises(UserError):
                call()
        self.env.invalidate_all()
        self.assertEqual(proof.raw, b"confirmation of the portal")
        other = self.env["ir.attachment"].with_user(self.controller).create({
            "name": "note", "raw": b"x", "res_model": "tradecredit.overdue", "res_id": self.overdue.id,
        })  # fmt: skip
        other.raw = b"y"
        other.unlink()

    def test_a_proof_is_read_by_controllers_only(self):
        self._by_hand()
        for user in (self.salesperson, self.accountant, self.portal, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.overdue.proof_ids.with_user(user).read(["datas"])

    def test_the_number_of_another_declaration_is_not_taken(self):
        other = self._second()
        self._invoice(100, 70, other)
        self._scan()
        second = self._found(other)
        self._declare(second)
        self._send()
        self.env.invalidate_all()
        with self.assertRaises(UserError) as refused:
            self._by_hand(insurer_overdue_id=f" {second.insurer_overdue_id} ")
        self.assertIn(second.reference, str(refused.exception))
        self._by_hand(insurer_overdue_id="ANOTHER")
        with self.assertRaises(UserError):
            self._by_hand(second)

    def test_what_waits_is_taken_back_before_it_is_paused(self):
        self._declare(self.overdue)
        self.overdue.with_user(self.controller)._pause("half of it was broken")
        self._send()
        self.env.invalidate_all()
        self.assertEqual((self.overdue.state, self.overdue.paused, self._declared()), ("draft", True, []))
        self.overdue.with_user(self.controller).action_resume()
        self._declare(self.overdue)
        self.sandbox.faults(rate=1.0, kinds=["reset_before"], paths=["/open/v1"])
        self._send()
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            self.overdue.with_user(self.controller)._pause("half of it was broken")
