"""A policy: its terms as the rules read them, and how its insurer is reached."""

import os
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from tradecredit_sdk import ConfigError, Money

from .insurer_common import InsurerCommon


class TestPolicy(InsurerCommon):
    def _policy(self, **values):
        return self.env["tradecredit.policy"].create(
            {"name": "OTHER", "company_id": self.company.id, "currency_id": self.euro.id, **values}
        )

    def test_a_company_has_one_active_policy(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._policy()
        old = self._policy(active=False)
        self.assertEqual(self.company.tradecredit_policy_id, self.policy)
        self.policy.active = False
        self.assertFalse(self.company.tradecredit_policy_id)
        old.active = True
        self.assertEqual(self.company.tradecredit_policy_id, old)

    def test_a_branch_is_insured_with_its_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.assertEqual(branch.tradecredit_policy_id, self.policy)
        own = self._policy(company_id=branch.id)
        self.assertEqual(branch.tradecredit_policy_id, own)
        self.assertFalse(self.env["res.company"].create({"name": "Stranger"}).tradecredit_policy_id)

    def test_terms_as_the_rules_read_them(self):
        germany = self.env.ref("base.de")
        self.policy.write({
            "insured_percentage": 87.5, "max_extension_days": 45, "all_countries": False, "country_ids": germany.ids,
            "has_discretionary_limit": True, "discretionary_limit": 0, "tax_basis": "gross",
            "order_tolerance_percent": 2.25, "limit_max_age_hours": 0, "on_stale_limit": "block",
        })  # fmt: skip
        terms = self.policy._sdk_policy()
        self.assertEqual((terms.insured_percentage, terms.order_tolerance_percent), (Decimal("87.5"), Decimal("2.25")))
        self.assertEqual((terms.covered_countries, terms.max_extension_days), (("DE",), 45))
        self.assertEqual(terms.discretionary_limit, Money("0.00", "EUR"), "none of your own and zero differ")
        self.assertEqual((terms.tax_basis.value, terms.on_stale_limit.value), ("gross", "block"))
        self.policy.write({"all_countries": True, "has_discretionary_limit": False})
        terms = self.policy._sdk_policy()
        self.assertIsNone(terms.covered_countries)
        self.assertIsNone(terms.discretionary_limit)
        self.policy.write({"all_countries": False, "country_ids": False})
        self.assertEqual(self.policy._sdk_policy().covered_countries, (), "no country, and not every country")

    def test_impossible_terms_are_refused(self):
        for values in (
            {"insured_percentage": 101}, {"order_tolerance_percent": -1}, {"max_extension_days": -1},
            {"limit_max_age_hours": -1}, {"discretionary_limit": -1},
        ):  # fmt: skip
            with (
                self.subTest(values), mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):  # fmt: skip
                self.policy.write(values)
                self.policy.flush_recordset()

    def test_the_servers_environment_has_no_say(self):
        foreign = {
            "TRADECREDIT_BASE_URL": "https://elsewhere.example", "TRADECREDIT_POLICY": "ELSEWHERE",
            "TRADECREDIT_API_KEY": "another", "TRADECREDIT_JOURNAL": "sqlite:////nowhere/journal",
        }  # fmt: skip
        with patch.dict(os.environ, foreign):
            with self.policy._client() as client:
                self.assertEqual((client.settings.policy, client.settings.base_url), ("DEMO-001", self.policy.base_url))
                self.assertIsNone(client.settings.journal_url)
                client.probe()
            self.policy.api_key = False
            with self.assertRaises(ConfigError):
                self.policy._client()

    def test_the_connection_is_tested_in_plain_words(self):
        self.assertEqual(self.policy.action_test_connection()["tag"], "display_notification")
        self.policy.api_key = "not-the-key-of-this-insurer"
        with self.assertRaisesRegex(UserError, "DEMO-001") as caught:
            self.policy.action_test_connection()
        self.assertNotIn("not-the-key", str(caught.exception))
        self.policy.base_url = "http://127.0.0.1:9/open/v1"
        with self.assertRaises(UserError):
            self.policy.action_test_connection()

    def test_errors_name_the_fields_of_the_form_and_no_command_line(self):
        page = "<html>Hello</html>"
        with self._server((200, "text/html", page)) as other:
            for values, words in (
                ({"api_key": False}, "field Key"),
                ({"api_key": "a key that was typed"}, "field Key"),
                ({"api_key": "two\nlines"}, "field Key"),
                ({"base_url": False}, "field Address"),
                ({"base_url": "insurer"}, "field Address"),
                ({"base_url": "http://insurer.example"}, "field Address"),
                ({"base_url": "http://127.0.0.1:9/open/v1"}, "field Address"),
                ({"base_url": self.sandbox.url + "/nowhere"}, "Number and Address"),
                ({"base_url": other}, "Insurer and Address"),
                ({"name": "DEMO-999"}, "field(s|) Number"),
                ({"insurer": "allianz-trade", "base_url": False, "business_unit": False}, "usiness unit|Address"),
            ):
                self.policy.write({
                    "name": "DEMO-001", "api_key": "sandbox", "base_url": self.sandbox.base_url_open, "insurer": "open",
                    **values,
                })  # fmt: skip
                with self.subTest(values), self.assertRaisesRegex(UserError, words) as caught:
                    self.policy.action_test_connection()
                self.assertNotRegex(str(caught.exception), "TRADECREDIT|base_url|api_key|profile|sandbox")

    def test_terms_are_read_from_the_insurer(self):
        own = {"order_tolerance_percent": 3, "limit_max_age_hours": 12, "on_stale_limit": "block"}
        self.policy.write({"insured_percentage": 10, "max_extension_days": 1, **own})
        self.policy.action_read_terms()
        with self.policy._client() as client:
            terms = client.policies.get()
        for name in type(terms).model_fields.keys() - own.keys() - {"id", "insurer"}:
            self.assertEqual(getattr(self.policy._sdk_policy(), name), getattr(terms, name), name)
        self.assertEqual({name: self.policy[name] for name in own}, own, "what is the company's own choice stays")

    def test_terms_in_a_currency_that_is_not_active(self):
        dollar = self.env.ref("base.USD")
        self.policy.currency_id = dollar
        self.env["res.company"].search([("currency_id", "=", self.euro.id)]).currency_id = dollar
        self.env["account.account"].search([("currency_id", "=", self.euro.id)]).currency_id = False
        self.euro.active = False
        with self.assertRaisesRegex(UserError, "EUR"):
            self.policy.action_read_terms()

    def test_insurers_are_those_that_are_installed(self):
        names = [name for name, _label in self.env["tradecredit.policy"]._selection_insurer()]
        self.assertEqual(names, sorted(set(names)))
        self.assertLessEqual({"open", "allianz-trade"}, set(names))

    def test_an_outage_is_told_to_the_controller_or_another(self):
        self.assertEqual(self.policy._who_is_told(), self.controller)
        self.policy.responsible_id = False
        self.assertIn(self.policy._who_is_told(), self.env.ref("tradecredit.group_controller").all_user_ids)
