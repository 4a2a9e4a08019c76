"""Every role opens every screen that its menu offers."""

from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import Form

from .insurer_common import InsurerCommon

MODELS = ("policy", "buyer", "limit", "application", "outbox", "check", "release", "overdue")


class TestViews(InsurerCommon):
    def test_screens_can_be_opened_and_read(self):
        self._ask(amount=50_000)
        self._send()
        admin = self._user("admin", "tradecredit.group_administrator")
        for user in (self.salesperson, self.controller, admin):
            for name in MODELS:
                model = self.env[f"tradecredit.{name}"].with_user(user).with_company(self.company)
                if not model.has_access("read"):
                    self.assertEqual(user, self.salesperson)
                    self.assertIn(name, ("outbox", "overdue"))
                    continue
                with self.subTest(user=user.login, model=name):
                    views = model.get_views([(False, "list"), (False, "form"), (False, "search")])["views"]
                    for kind in ("list", "form"):
                        shown = self._shown(views[kind]["arch"], model)
                        model.web_search_read([], {field: {} for field in shown})

    def _shown(self, arch: str, model) -> set[str]:
        tree = etree.fromstring(arch)
        return {node.get("name") for node in tree.iter("field")} & set(model._fields)

    def test_an_administrator_sets_up_a_policy(self):
        admin = self._user("admin", "tradecredit.group_administrator")
        self.policy.active = False
        with Form(self.env["tradecredit.policy"].with_user(admin).with_company(self.company)) as form:
            form.name = "DEMO-001"
            form.base_url = self.sandbox.base_url_open
            form.api_key = "sandbox"
            form.currency_id = self.euro
        policy = form.record
        self.assertEqual(policy.action_test_connection()["tag"], "display_notification")
        policy.action_read_terms()
        self.assertEqual((policy.discretionary_limit, policy.max_extension_days), (10_000, 60))
        self.assertEqual(len(policy.country_ids), 25)

    def test_the_partner_form_shows_the_button_to_whom_it_may_concern(self):
        views = self.env["res.partner"].with_user(self.salesperson).get_views([(False, "form")])["views"]
        self.assertIn("action_tradecredit_buyer", views["form"]["arch"])
        stranger = self._user("stranger", "base.group_partner_manager")
        views = self.env["res.partner"].with_user(stranger).get_views([(False, "form")])["views"]
        self.assertNotIn("tradecredit", views["form"]["arch"])
        for record in (self.buyer.partner_id, self.company):
            names = [name for name in record.with_user(stranger).fields_get() if "tradecredit" in name]
            record.with_user(stranger).read(["name", *names])
        with self.assertRaises(AccessError):
            self.buyer.with_user(stranger).read(["name"])
