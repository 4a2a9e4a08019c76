"""Who reads what; the insurer's credentials are read by administrators only, and a copied database has none."""

import json

from odoo.exceptions import AccessError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .insurer_common import InsurerCommon, LoopbackMixin

KEY = "very-secret-key-of-the-insurer"


class TestSecurity(InsurerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._user("admin", "tradecredit.group_administrator")
        cls.manager = cls._user("mona", "tradecredit.group_manager")

    def _as(self, user):
        return self.policy.with_user(user).with_company(self.company)

    def test_only_administrators_read_the_key(self):
        self.policy.api_key = KEY
        users = self.salesperson | self.controller | self.manager
        users.group_ids |= self.env.ref("base.group_allow_export")
        self.assertEqual(self._as(self.admin).read(["api_key"])[0]["api_key"], KEY)
        for user in users:
            policy = self._as(user)
            for name in ("api_key", "base_url"):
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError):
                        policy.read([name])
                    with self.assertRaises(AccessError):
                        policy.export_data([name])
                    with self.assertRaises(AccessError):
                        policy.search([(name, "=like", "very%")])
                    with self.assertRaises(AccessError):
                        policy.web_read({name: {}})
                    with self.assertRaises(AccessError):
                        policy._read_group([], [name])
                    self.assertNotIn(name, policy.fields_get())
            self.assertNotIn(KEY, json.dumps(policy.read(), default=str))
            self.assertNotIn(KEY, json.dumps(policy.copy_data() if policy.has_access("create") else [], default=str))

    def test_the_key_reaches_no_chatter_log_or_copy(self):
        self.policy.base_url = "http://127.0.0.1:9/open/v1"
        with self.assertLogs("odoo", "DEBUG") as logs:
            self.policy.write({"api_key": KEY + "2", "insured_percentage": 85})
            self._ask()
            self._send()
            self._poll()
            self.env.flush_all()
        self.assertNotIn(KEY, "\n".join(line for line in logs.output if "odoo.sql_db" not in line))
        self.env.cr.execute("SELECT body FROM mail_message UNION SELECT note FROM mail_activity")
        self.assertNotIn(KEY, str(self.env.cr.fetchall()))
        self.env.cr.execute("SELECT old_value_char, new_value_char FROM mail_tracking_value")
        self.assertNotIn(KEY, str(self.env.cr.fetchall()))
        self.assertNotIn(KEY, str(self.env["tradecredit.outbox"].search([]).mapped("last_error")))
        self.assertFalse(self.policy.copy({"name": "COPY", "active": False}).api_key)

    def test_a_manager_does_not_set_up_policies_and_an_administrator_does_not_release(self):
        with self.assertRaises(AccessError):
            self._as(self.manager).write({"on_stale_limit": "use_last"})
        self.assertFalse(self.admin.has_group("tradecredit.group_manager"))
        self.assertTrue(self.admin.has_group("tradecredit.group_controller"))

    def test_limits_applications_and_the_outbox_are_written_by_nobody(self):
        self._ask(amount=50_000)
        self._send()
        buyer = self.buyer
        for user in (self.salesperson, self.controller, self.manager, self.admin):
            for record in (buyer.limit_ids, buyer.application_ids, buyer.application_ids.outbox_ids):
                with self.subTest(user=user.login, model=record._name):
                    theirs = record.with_user(user)
                    for act in (lambda r=theirs: r.write({"active": False}), theirs.unlink, theirs.copy):
                        with self.assertRaises(AccessError):
                            act()
        with self.assertRaises(AccessError):
            buyer.with_user(self.salesperson).write({"insurer_buyer_id": "900000002"})

    def test_a_salesperson_sees_own_checks_only(self):
        checks = self.env["tradecredit.check"]
        mine, other = (
            checks.create({
                "company_id": self.company.id, "policy_id": self.policy.id, "buyer_id": self.buyer.id,
                "partner_id": self.buyer.partner_id.id, "res_model": "res.partner", "trigger": "confirm",
                "checked_at": "2026-01-01", "day": "2026-01-01", "user_id": user.id, "currency_id": self.euro.id,
                "outcome": "blocked",
            })
            for user in (self.salesperson, self.controller)
        )  # fmt: skip
        both = mine | other
        self.assertEqual(checks.with_user(self.salesperson).search([("id", "in", both.ids)]), mine)
        self.assertEqual(checks.with_user(self.controller).search([("id", "in", both.ids)]), both)

    def test_what_others_sold_is_no_matter_of_a_salesperson(self):
        hidden = {
            self.buyer: ("used", "available", "cover_note"),
            self.buyer.partner_id: ("tradecredit_used",),
            self._ask(comment="He pays late, as we know."): ("comment",),
        }
        colleague = self._user("colleague", "tradecredit.group_requester")
        for record, names in hidden.items():
            for name in names:
                with self.subTest(model=record._name, field=name):
                    self.assertIn(name, record.with_user(self.controller).fields_get())
                    for user in (self.salesperson, colleague):
                        with self.assertRaises(AccessError):
                            record.with_user(user).read([name])
        buyer = self.buyer.with_user(colleague)
        self.assertEqual((buyer.cover_state, buyer.cover), ("none", 0))
        application = self.buyer.application_ids
        self.assertEqual(application.with_user(self.salesperson).own_comment, "He pays late, as we know.")
        self.assertFalse(application.with_user(colleague).own_comment)

    def test_companies_are_kept_apart(self):
        self._ask(amount=50_000)
        self._send()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        outsider = self._user("outsider", "tradecredit.group_administrator", elsewhere)
        records = (
            self.policy, self.buyer, self.buyer.limit_ids, self.buyer.application_ids,
            self.buyer.application_ids.outbox_ids,
        )  # fmt: skip
        for record in records:
            with self.subTest(record._name):
                self.assertTrue(record)
                self.assertFalse(self.env[record._name].with_user(outsider).search([("id", "in", record.ids)]))
                with self.assertRaises(AccessError):
                    record.with_user(outsider).read(["display_name"])
        with self.assertRaises(AccessError):
            self.policy.with_user(outsider).action_test_connection()
        with self.assertRaises(AccessError):
            self.buyer.with_user(outsider).action_read_limits()
        with self.assertRaises(AccessError):
            self.buyer.application_ids.with_user(outsider).action_cancel()

    def test_buttons_verify_the_right_themselves(self):
        for act in (
            self._as(self.controller).action_test_connection,
            self._as(self.controller).action_read_terms,
            self.buyer.with_user(self.salesperson).action_forget,
        ):
            with self.assertRaises(AccessError):
                act()

    def test_a_copied_database_is_silent(self):
        self._ask()
        for query in get_neutralization_queries(["tradecredit"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.policy.api_key or self.policy.base_url or self.policy.active)
        crons = self.env.ref("tradecredit.cron_send") | self.env.ref("tradecredit.cron_poll")
        self.assertFalse(any(crons.mapped("active")))
        self._send()
        self._poll()
        self.assertFalse(self._received())


@tagged("post_install", "-at_install")
class TestRemoteCalls(LoopbackMixin, HttpCase):
    def setUp(self):
        super().setUp()
        company = self.env["res.company"].create({"name": "Remote seller"})
        self.policy = self.env["tradecredit.policy"].create(
            {"name": "REMOTE-1", "company_id": company.id, "api_key": KEY, "base_url": "https://insurer.example"}
        )
        self.controller = InsurerCommon._user.__func__(type(self), "remote", "tradecredit.group_controller", company)
        self.admin = InsurerCommon._user.__func__(type(self), "radmin", "tradecredit.group_administrator", company)

    def _call(self, user, method, *arguments, **options):
        self.authenticate(user.login, user.login)
        params = {"model": "tradecredit.policy", "method": method, "args": arguments, "kwargs": options}
        answer = self.url_open(
            f"/web/dataset/call_kw/tradecredit.policy/{method}",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.text

    def test_the_key_over_rpc(self):
        ids, context = self.policy.ids, {"context": {"tradecredit_trusted": True, "su": True, "uid": 1}}
        self.assertIn(KEY, self._call(self.admin, "read", ids, ["api_key"]))
        with mute_logger("odoo.http"):
            for method, arguments in {
                "read": (ids, ["api_key"]),
                "web_read": (ids, {"api_key": {}}),
                "export_data": (ids, ["api_key"]),
                "search_read": ([], ["api_key"]),
                "web_search_read": ([], {"api_key": {}}),
                "copy_data": (ids,),
            }.items():
                with self.subTest(method):
                    self.assertNotIn(KEY, self._call(self.controller, method, *arguments, **context))
            for method in ("_client", "_failed", "_take_over", "_read_for_a_person"):
                with self.subTest(method):
                    self.assertIn("error", self._call(self.admin, method, ids))
