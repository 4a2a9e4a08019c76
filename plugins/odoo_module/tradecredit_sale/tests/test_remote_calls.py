"""Programs from outside: no context key, no method and no field takes them past the check."""

import json
from datetime import datetime, timedelta
from xmlrpc.client import Fault

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import SaleCommon

KEYS = {
    "tradecredit_hold": False, "tradecredit_skip": True, "tradecredit_gate": True, "tradecredit_sale.watch": {},
    "bypass_risk": True, "install_mode": True, "tracking_disable": True, "import_file": True, "su": True, "uid": 1,
}  # fmt: skip

XMLRPC_LOGS = ("odoo.http", "odoo.service.model", "odoo.addons.rpc.controllers.xmlrpc")


@tagged("post_install", "-at_install")
class TestRemoteCalls(HttpCase, SaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        user = cls.seller.with_user(cls.seller)
        key = user.env["res.users.apikeys"]._generate(
            scope="rpc", name="test", expiration_date=datetime.now() + timedelta(days=0.5)
        )
        cls.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        cls.order = cls._order(5000)

    def _json2(self, method: str, **values):
        return self.url_open(f"/json/2/sale.order/{method}", data=json.dumps(values), headers=self.headers)

    def _xmlrpc(self, method: str, *args, context=None, model="sale.order"):
        return self.xmlrpc_object.execute_kw(
            self.cr.dbname, self.seller.id, "tc-seller", model, method, args, {"context": context or {}}
        )

    def assertStopped(self):
        self.order.invalidate_recordset()
        self.assertEqual(self.order.state, "draft")

    def test_json2_refuses_in_words_whatever_the_context(self):
        for context in ({}, KEYS):
            with self.subTest(context=context), mute_logger("odoo.http"):
                answer = self._json2("action_confirm", ids=self.order.ids, context=context)
                self.assertEqual(answer.status_code, 422)
                self.assertIn(self.partner.name, answer.json()["message"])
                self.assertIn("5,000.00", answer.json()["message"])
                self.assertStopped()

    def test_json2_may_choose_to_be_held(self):
        self._json2("action_confirm", ids=self.order.ids, context={**KEYS, "tradecredit_hold": True})
        self.assertStopped()
        self.assertEqual(self.order.tradecredit_state, "held")

    def test_json2_does_not_write_around_the_check(self):
        with mute_logger("odoo.http"):
            for vals in ({"state": "sale"}, {"tradecredit_state": "released"}, {"state": "sale", "locked": True}):
                with self.subTest(vals=vals):
                    answer = self._json2("write", ids=self.order.ids, vals=vals, context=KEYS)
                    self.assertIn(answer.status_code, (403, 422))
                    self.assertStopped()
            answer = self._json2("create", vals_list=[{
                "partner_id": self.partner.id, "state": "sale", "user_id": self.seller.id,
                "order_line": [[0, 0, {"product_id": self.product.id, "product_uom_qty": 100}]],
            }], context=KEYS)  # fmt: skip
            self.assertEqual(answer.status_code, 422)

    def test_private_methods_are_not_called_from_outside(self):
        with mute_logger("odoo.http"):
            for method in ("_action_confirm", "_tradecredit_end_hold", "_tradecredit_free", "_validate_order"):
                with self.subTest(method=method):
                    self.assertIn(self._json2(method, ids=self.order.ids).status_code, (403, 404, 422))
                    self.assertStopped()

    def test_xmlrpc_refuses_in_words_whatever_the_context(self):
        for context in ({}, KEYS):
            with self.subTest(context=context), mute_logger(*XMLRPC_LOGS):
                with self.assertRaises(Fault) as refused:
                    self._xmlrpc("action_confirm", self.order.ids, context=context)
                self.assertIn(self.partner.name, refused.exception.faultString)
                with self.assertRaises(Fault):
                    self._xmlrpc("write", self.order.ids, {"state": "sale"}, context=context)
                self.assertStopped()

    def test_xmlrpc_does_not_grow_a_confirmed_order(self):
        order = self._order(1000)
        order.action_confirm()
        with mute_logger(*XMLRPC_LOGS):
            for model, ids, vals in (
                (
                    "sale.order",
                    order.ids,
                    {"order_line": [[0, 0, {"product_id": self.product.id, "product_uom_qty": 1}]]},
                ),
                ("sale.order.line", order.order_line.ids, {"product_uom_qty": 20}),
                ("sale.order.line", order.order_line.ids, {"price_unit": 1001}),
            ):
                with self.subTest(model=model, vals=vals), self.assertRaises(Fault):
                    self._xmlrpc("write", ids, vals, context=KEYS, model=model)
        order.invalidate_recordset()
        self.assertEqual(order.amount_total, 1000)

    def test_a_refusal_is_on_record_after_its_transaction_was_undone(self):
        before = self.env["tradecredit.check"].search_count([("res_id", "=", self.order.id)])
        with mute_logger("odoo.http"):
            self._json2("action_confirm", ids=self.order.ids)
        self.env.invalidate_all()
        checks = self._checks(self.order)
        self.assertEqual(len(checks), before + 1)
        self.assertRecordValues(checks[0], [{"outcome": "blocked", "passed": False, "user_id": self.seller.id}])
