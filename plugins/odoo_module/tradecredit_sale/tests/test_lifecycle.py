"""An update keeps everything; uninstalling leaves an Odoo that works, and nothing of ours in its database.

Both happen in processes of their own on a copy of the database, as an administrator would do it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools.misc import exec_pg_environ, find_pg_tool

ADDONS = ("tradecredit", "tradecredit_sale")
RESULT = "RESULT "

SELLER = """
import json
from odoo import Command, fields
euro = env.ref("base.EUR")
company = env["res.company"].search([("name", "=", "Lifecycle")])
if not company:
    company = env["res.company"].create({"name": "Lifecycle", "currency_id": euro.id})
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    company.currency_id = euro
env = env(context={"allowed_company_ids": company.ids})
"""
POLICY = """
policy = env["tradecredit.policy"].create({
    "name": "P-1", "company_id": company.id, "currency_id": euro.id, "api_key": "key", "max_extension_days": 45,
    "has_discretionary_limit": True, "discretionary_limit": 500,
})
partner = env["res.partner"].create({"name": "Kept GmbH", "is_company": True})
buyer = env["tradecredit.buyer"]._of_partner(policy, partner)
buyer.write({"insurer_buyer_id": "900000001", "as_of": fields.Datetime.now()})
env["tradecredit.limit"].create({
    "buyer_id": buyer.id, "insurer_limit_id": "L-1", "kind": "permanent", "state": "approved", "amount": 1000,
    "currency_id": euro.id, "valid_from": "2020-01-01",
})
env["tradecredit.application"]._request(buyer, amount=5000)
"""
BOOK = """
partner = env["res.partner"].search([("name", "=", "Kept GmbH")])
product = env["product.product"].create({"name": "Goods", "type": "service", "taxes_id": False})
move = env["account.move"].create({
    "move_type": "out_invoice", "partner_id": partner.id,
    "invoice_line_ids": [Command.create({"product_id": product.id, "price_unit": 100, "tax_ids": [Command.clear()]})],
})
move.action_post()
order = env["sale.order"].create({
    "partner_id": partner.id,
    "order_line": [Command.create({"product_id": product.id, "price_unit": PRICE, "tax_ids": [Command.clear()]})],
})
order.action_confirm()
env.cr.commit()
print("RESULT " + json.dumps([move.state, order.state]))
"""
UNINSTALL = """
env["ir.module.module"].search([("name", "=", "tradecredit")]).button_immediate_uninstall()
print("RESULT " + json.dumps(env["ir.module.module"].search([("name", "in", ADDONS)]).mapped("state")))
"""
KEPT = """
SELECT 'policy ' || to_jsonb(policy)::text FROM tradecredit_policy policy
UNION ALL SELECT 'buyer ' || to_jsonb(buyer)::text FROM tradecredit_buyer buyer
UNION ALL SELECT 'limit ' || to_jsonb(held)::text FROM tradecredit_limit held
UNION ALL SELECT 'application ' || to_jsonb(application)::text FROM tradecredit_application application
UNION ALL SELECT 'outbox ' || to_jsonb(outbox)::text FROM tradecredit_outbox outbox
UNION ALL SELECT 'check ' || to_jsonb(checked)::text FROM tradecredit_check checked
UNION ALL SELECT 'release ' || to_jsonb(release)::text FROM tradecredit_release release
UNION ALL SELECT 'open ' || to_jsonb(receivable)::text FROM tradecredit_receivable receivable
UNION ALL SELECT concat('order ', id, ' ', state, ' ', tradecredit_state) FROM sale_order
ORDER BY 1
"""
OURS = """
SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname LIKE '%tradecredit%'
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname LIKE '%tradecredit%'
UNION ALL SELECT 'relation ' || relname FROM pg_class WHERE relname LIKE '%tradecredit%'
UNION ALL SELECT concat('column ', attrelid::regclass, '.', attname) FROM pg_attribute
           WHERE attname LIKE '%tradecredit%' AND NOT attisdropped
UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE conname LIKE '%tradecredit%'
UNION ALL SELECT concat('record ', model, ' ', module, '.', name) FROM ir_model_data WHERE module LIKE 'tradecredit%'
UNION ALL SELECT 'model ' || model FROM ir_model WHERE model LIKE 'tradecredit%'
UNION ALL SELECT concat('field ', model, '.', name) FROM ir_model_fields WHERE name LIKE '%tradecredit%'
UNION ALL SELECT 'sequence ' || code FROM ir_sequence WHERE code LIKE '%tradecredit%'
UNION ALL SELECT 'action ' || res_model FROM ir_act_window WHERE res_model LIKE 'tradecredit%'
UNION ALL SELECT 'message of ' || model FROM mail_message WHERE model LIKE 'tradecredit%'
UNION ALL SELECT 'activity of ' || res_model FROM mail_activity WHERE res_model LIKE 'tradecredit%'
UNION ALL SELECT 'file of ' || res_model FROM ir_attachment WHERE res_model LIKE 'tradecredit%'
ORDER BY 1
"""


@tagged("-standard", "-at_install", "post_install", "database_breaking")
class TestLifecycle(BaseCase):
    def setUp(self):
        super().setUp()
        self.database = f"lifecycle_{os.getpid()}"
        self._postgres("dropdb", "--if-exists", "--force", self.database)
        self._postgres("createdb", "--template=template0", self.database)
        self.addCleanup(self._postgres, "dropdb", "--force", self.database)
        copied = self._postgres("pg_dump", "--no-owner", get_db_name())
        self._postgres("psql", "--quiet", "--set=ON_ERROR_STOP=1", self.database, stdin=copied)

    def test_updated_and_uninstalled(self):
        booked = self._shell(SELLER + POLICY + BOOK.replace("PRICE", "900"))
        self.assertEqual(booked, ["posted", "sale"])
        before = self._rows(KEPT)
        self.assertEqual({row.split()[0] for row in before}, {
            "application", "buyer", "check", "limit", "open", "order", "outbox", "policy",
        } | ({"release"} if any(row.startswith("release") for row in before) else set()))  # fmt: skip

        self._odoo("--update", ",".join(ADDONS), "--stop-after-init")
        self.assertEqual(self._rows(KEPT), before)

        self.assertEqual(self._shell(UNINSTALL.replace("ADDONS", repr(ADDONS))), ["uninstalled", "uninstalled"])
        self.assertEqual(self._rows(OURS), [])
        self.assertEqual(self._shell(SELLER + BOOK.replace("PRICE", "90000")), ["posted", "sale"])

    def _postgres(self, tool: str, *words: str, stdin: str = "") -> str:
        command = [find_pg_tool(tool), *words]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=exec_pg_environ())
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def _rows(self, query: str) -> list[str]:
        return self._postgres("psql", "--tuples-only", "--no-align", "-c", query, self.database).splitlines()

    def _odoo(self, *words: str, stdin: str = "") -> str:
        """Odoo's own command line on the copy; it must have nothing to warn of."""
        command = [sys.executable, "-m", "odoo", *words, "-d", self.database, "--no-http", "--log-level=warn"]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=dict(os.environ))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotRegex(done.stderr, " (WARNING|ERROR|CRITICAL) ")
        return done.stdout

    def _shell(self, script: str):
        output = self._odoo("shell", stdin=f"import json\n{script}")
        [line] = [line for line in output.splitlines() if line.startswith(RESULT)]
        return json.loads(line.removeprefix(RESULT))
