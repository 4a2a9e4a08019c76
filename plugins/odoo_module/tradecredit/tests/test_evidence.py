"""What was asked, sent, shown and decided is evidence; cover is opened by the insurer or a manager, not by typing."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tests.common import new_test_user

from .insurer_common import HALF, InsurerCommon


class TestEvidence(InsurerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("mona", "tradecredit.group_manager")
        cls.admin = cls._user("admin", "tradecredit.group_administrator")
        cls.second = cls._buyer("Zweite GmbH", HALF)

    # What the insurer says

    def test_no_program_deletes_what_was_asked_sent_or_shown(self):
        application = self._ask()
        self._send()
        limit = self.buyer.limit_ids
        self.assertTrue(limit)
        for record in (application.outbox_ids, application, limit):
            with self.subTest(record._name), self.assertRaises(UserError), self.cr.savepoint():
                record.sudo().unlink()
            self.assertTrue(record.exists())

    def test_nobody_types_what_the_insurer_says_or_who_a_buyer_is(self):
        now = fields.Datetime.now()
        self.buyer.as_of = now - timedelta(days=30)
        values = {
            "as_of": now, "partner_id": self._partner("Dritte GmbH").id, "policy_id": self._spare_policy().id,
            "insurer_buyer_id": HALF, "insurer_status": "active", "status": "active", "insurer_country": "DE",
            "grade": "1", "insurer_name": "Andere", "file_read_at": now, "company_id": self.env.company.id, "name": "Y",
            "lock_seq": 1,
        }  # fmt: skip
        for user in (self.controller, self.manager, self.admin):
            for name, value in values.items():
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    self.buyer.with_user(user).write({name: value})

    def _spare_policy(self):
        return self.policy.copy({"name": "X", "active": False})

    def test_buyers_and_candidates_are_made_by_methods_only(self):
        partner = self._partner("Dritte GmbH")
        for user in (self.controller, self.manager, self.admin):
            buyers = self.env["tradecredit.buyer"].with_user(user)
            with self.assertRaises(AccessError):
                buyers.create({"policy_id": self.policy.id, "partner_id": partner.id, "insurer_buyer_id": "900000003"})
            with self.assertRaises(AccessError):
                self.buyer.with_user(user).copy()
            dialog = self.env["tradecredit.find.buyer"].with_user(user).create({
                "buyer_id": self.buyer.id, "country_id": partner.country_id.id,
            })  # fmt: skip
            candidate = {"insurer_buyer_id": "900000003", "status": "active"}
            with self.assertRaises(AccessError):
                dialog.line_ids.create({"wizard_id": dialog.id, **candidate})
            with self.assertRaises(AccessError):
                dialog.write({"line_ids": [Command.create(candidate)]})

    def test_a_controller_still_works_buyers(self):
        buyer = self.second.with_user(self.controller)
        buyer.write({"active": False})
        buyer.write({"active": True})
        buyer.message_post(body="called")
        buyer.action_read_limits()
        buyer.action_forget()
        self.assertFalse(self.second.insurer_buyer_id)

    def test_a_limit_is_asked_for_documents_one_may_write(self):
        dialogs = self.env["tradecredit.request.limit"].with_user(self.salesperson)
        asked = {"buyer_id": self.buyer.id, "currency_id": self.euro.id, "amount": 10}
        with self.assertRaises(UserError):
            dialogs.create({**asked, "res_model": "no.such.model", "res_id": 1}).action_send()
        with self.assertRaises(AccessError):
            dialogs.create({**asked, "res_model": self.policy._name, "res_id": self.policy.id}).action_send()
        self.assertFalse(self.buyer.application_ids)

    # Not insured on purpose

    def test_a_manager_decides_what_is_not_checked_and_that_is_told(self):
        for user in (self.controller, self.admin):
            with self.assertRaises(AccessError):
                self.buyer.with_user(user).write({"exempt": True})
            self.assertTrue(Form(self.buyer.with_user(user))._get_modifier("exempt", "readonly"))
        form = Form(self.buyer.with_user(self.manager))
        form.exempt = True
        form.save()
        self.env.flush_all()
        self.buyer.invalidate_recordset()
        self.assertTrue(self.buyer.exempt)
        self.cr.precommit.run()
        told = self.buyer.message_ids.filtered(lambda one: one.tracking_value_ids.field_id.name == "exempt")
        self.assertEqual(told.author_id, self.manager.partner_id)

    # Who reads what

    def test_every_model_is_kept_to_the_users_companies(self):
        ours = [name for name in self.registry if name.startswith("tradecredit.")]
        kept = {
            rule.model_id.model
            for rule in self.env["ir.rule"].search([("groups", "=", False)])
            if "company_ids" in (rule.domain_force or "")
        }
        stored = {
            name for name in ours if self.registry[name]._auto and not self.registry[name]._transient
        } - {name for name in ours if self.registry[name]._abstract}  # fmt: skip
        self.assertTrue({"tradecredit.buyer", "tradecredit.receivable"} <= stored)
        self.assertEqual(stored - kept, set())

    def test_sums_of_another_company_are_not_read(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        for company in (elsewhere, self.company):
            self.env.cr.execute(
                "INSERT INTO tradecredit_receivable (company, debtor, currency, due, gross, net, loose, debits)"
                " VALUES (%s, %s, %s, now(), 777, 777, 0, 1)",
                [company.id, self.buyer.partner_id.id, self.euro.id],
            )
        sums = self.env["tradecredit.receivable"].with_user(self.controller)
        self.assertEqual(sums.search([("gross", "=", 777)]).mapped("company"), self.company.ids)

    def test_outsiders_read_nothing_that_the_addon_adds(self):
        portal = new_test_user(self.env, login="tci-portal", groups="base.group_portal", company_id=self.company.id,
                               company_ids=[Command.set(self.company.ids)])  # fmt: skip
        staff = self._user("staff", "base.group_user")
        for user in (portal, staff):
            for model in ("res.partner", "res.company"):
                seen = self.env[model].with_user(user).fields_get()
                with self.subTest(user=user.login, model=model):
                    self.assertEqual([name for name in seen if name.startswith("tradecredit")], [])
        for model in ("account.move", "account.move.line"):
            seen = self.env[model].with_user(portal).fields_get()
            with self.subTest(model=model):
                self.assertEqual([name for name in seen if name.startswith("tradecredit")], [])
