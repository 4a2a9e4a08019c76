"""Many confirmations at the same moment: no more go through than fit, and nobody sees a database error.

Everything is committed, so these tests run in a database of their own. Each works in a company that it makes.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name, new_test_user
from odoo.tools import SQL, config, mute_logger
from psycopg2.errors import SerializationFailure

SERVER_SECONDS = 120
AT_ONCE = 8
FIT = 3


class Committed(BaseCase):
    """A company with a policy, two buyers with a limit each, and a salesperson; all committed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The thread that runs tests at start-up keeps the lock, as a server that serves does not.
        cls.classPatch(Registry, "_lock", DummyRLock())
        cls.registry = Registry(get_db_name())
        with cls._env() as env:
            env.user.group_ids |= env.ref("tradecredit.group_administrator")
            cls._make(env)
        cls.addClassCleanup(cls._retire)

    @classmethod
    @contextmanager
    def _env(cls, uid=SUPERUSER_ID):
        with cls.registry.cursor() as cr:
            yield api.Environment(cr, uid, {})

    @classmethod
    def _make(cls, env):
        stamp = time.time_ns()
        euro = env.ref("base.EUR")
        euro.active = True
        company = env["res.company"].create({"name": f"Seller {stamp}", "currency_id": euro.id})
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.currency_id = euro
        env = env(context={"allowed_company_ids": company.ids})
        cls.company_id, cls.euro_id = company.id, euro.id
        cls.policy_id = env["tradecredit.policy"].create({
            "name": f"P-{stamp}", "company_id": company.id, "insurer": "open", "currency_id": euro.id,
            "all_countries": True, "tax_basis": "net",
        }).id  # fmt: skip
        cls.seller_id = new_test_user(
            env, login=f"seller-{stamp}", company_id=company.id, company_ids=[Command.set(company.ids)],
            groups="base.group_user,sales_team.group_sale_salesman_all_leads,account.group_account_invoice",
        ).id  # fmt: skip
        cls.product_id = env["product.product"].create({"name": "Goods", "type": "service", "taxes_id": False}).id
        cls.partner_ids, cls.buyer_ids = [], []
        for name in ("A", "B"):
            partner = env["res.partner"].create({"name": f"{name} {stamp}", "is_company": True})
            buyer = env["tradecredit.buyer"]._of_partner(env["tradecredit.policy"].browse(cls.policy_id), partner)
            buyer.write({"insurer_buyer_id": f"{name}{stamp}"[:20], "as_of": fields.Datetime.now()})
            cls.partner_ids.append(partner.id)
            cls.buyer_ids.append(buyer.id)

    @classmethod
    def _retire(cls):
        """What is on record stays; without a policy nothing is checked against it any more."""
        with cls._env() as env:
            env["tradecredit.policy"].browse(cls.policy_id).active = False
            env["sale.order"].search([("company_id", "=", cls.company_id), ("state", "=", "sale")])._action_cancel()

    def _limit(self, amount: float, buyer: int = 0) -> None:
        with self._env() as env:
            env["tradecredit.limit"].search([("buyer_id", "=", self.buyer_ids[buyer])]).active = False
            env["sale.order"].search([("company_id", "=", self.company_id), ("state", "=", "sale")])._action_cancel()
            env["tradecredit.limit"].create({
                "buyer_id": self.buyer_ids[buyer], "insurer_limit_id": f"L{time.time_ns()}", "kind": "permanent",
                "state": "approved", "amount": amount, "currency_id": self.euro_id, "valid_from": "2020-01-01",
            })  # fmt: skip

    def _orders(self, amounts, buyer: int = 0) -> list[int]:
        with self._env(self.seller_id) as env:
            return env["sale.order"].create([{
                "partner_id": self.partner_ids[buyer], "company_id": self.company_id, "payment_term_id": False,
                "pricelist_id": False, "order_line": [Command.create({
                    "product_id": self.product_id, "price_unit": amount, "tax_ids": [Command.clear()],
                })],
            } for amount in amounts]).ids  # fmt: skip

    def _states(self, ids) -> list[str]:
        with self._env() as env:
            return env["sale.order"].browse(ids).mapped("state")

    def _as_request(self, work) -> str:
        """Do `work(env)` as Odoo does a request: its own cursor, and again after a conflict."""
        threading.current_thread().dbname = get_db_name()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, self.seller_id, {"allowed_company_ids": [self.company_id]})
            try:
                retrying(partial(work, env), env)
            except UserError as error:
                return str(error)
        return "done"

    def _at_once(self, works) -> list[str]:
        barrier = threading.Barrier(len(works))

        def run(work):
            barrier.wait(timeout=60)
            return self._as_request(work)

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(run, works))


def _confirm(*ids):
    return lambda env: env["sale.order"].browse(ids).action_confirm()


@tagged("-standard", "-at_install", "post_install", "database_breaking")
class TestConcurrency(Committed):
    def test_of_eight_threads_with_room_for_three_exactly_three_pass(self):
        self._limit(100 * FIT)
        ids = self._orders([100] * AT_ONCE)
        with mute_logger("odoo.sql_db"):
            results = self._at_once([_confirm(id_) for id_ in ids])
        self.assertEqual(results.count("done"), FIT, results)
        for refusal in results:
            if refusal != "done":
                self.assertIn("100.00", refusal)
        self.assertEqual(self._states(ids).count("sale"), FIT)
        with self._env() as env:
            checks = env["tradecredit.check"].search([("res_model", "=", "sale.order"), ("res_id", "in", ids)])
            self.assertEqual(checks.mapped("passed").count(True), FIT)
            blocked = checks.filtered(lambda check: not check.passed)
            self.assertEqual(set(blocked.mapped("res_id")), {
                id_ for id_, result in zip(ids, results, strict=True) if result != "done"
            })  # fmt: skip

    def test_the_refusal_of_a_stranger_is_on_record_and_makes_him_a_buyer(self):
        with self._env() as env:
            stranger = env["res.partner"].create({"name": "Stranger", "is_company": True}).id
        with patch.object(self, "partner_ids", [stranger]):
            ids = self._orders([100])
        self.assertIn("Stranger", self._as_request(_confirm(*ids)))
        with self._env() as env:
            check = env["tradecredit.check"].search([("res_model", "=", "sale.order"), ("res_id", "in", ids)])
            self.assertRecordValues(check, [{"passed": False, "partner_id": stranger}])
            self.assertEqual(check.buyer_id.partner_id.id, stranger)

    def _late(self, ids) -> str:
        """Confirm the second order with a snapshot that is older than the first one's confirmation."""
        first, second = ids
        with self.registry.cursor() as late:
            late.execute("SELECT count(*) FROM sale_order")  # here its snapshot begins
            self.assertEqual(self._as_request(_confirm(first)), "done")
            env = api.Environment(late, self.seller_id, {"allowed_company_ids": [self.company_id]})
            try:
                env["sale.order"].browse(second).action_confirm()
                late.commit()
            except SerializationFailure:
                return "again"
            except UserError:
                return "refused"
        return "done"

    def test_an_old_snapshot_is_repeated_and_not_believed(self):
        self._limit(1000)
        ids = self._orders([600, 600])
        with mute_logger("odoo.sql_db"):
            self.assertEqual(self._late(ids), "again")
        self.assertEqual(self._states(ids), ["sale", "draft"])
        self.assertNotEqual(self._as_request(_confirm(ids[1])), "done")

    def test_a_lock_that_writes_nothing_would_not_hold(self):
        """Why the row is written: FOR UPDATE in its place lets both orders through."""

        def only_lock(buyers):
            buyers.flush_model()
            buyers.env.cr.execute(SQL("SELECT id FROM tradecredit_buyer WHERE id IN %s FOR UPDATE", tuple(buyers.ids)))

        self._limit(1000)
        ids = self._orders([600, 600])
        with patch.object(self.registry["tradecredit.buyer"], "_lock", only_lock):
            self.assertEqual(self._late(ids), "done")
        self.assertEqual(self._states(ids), ["sale", "sale"])

    def test_two_buyers_in_opposite_order_end_without_an_error(self):
        self._limit(1000)
        self._limit(1000, buyer=1)
        a = self._orders([100, 100])
        b = self._orders([100, 100], buyer=1)
        met = threading.Barrier(2)
        attempts = []

        def crosswise(first, second):
            def work(env):
                attempts.append(first)
                env["sale.order"].browse(first).action_confirm()
                env.flush_all()
                if len(attempts) <= 2:
                    met.wait(timeout=60)
                env["sale.order"].browse(second).action_confirm()

            return work

        with mute_logger("odoo.sql_db"):
            results = self._at_once([crosswise(a[0], b[0]), crosswise(b[1], a[1])])
        self.assertEqual(results, ["done", "done"])
        self.assertGreater(len(attempts), 2, "one of them had to begin again")
        self.assertEqual(set(self._states([*a, *b])), {"sale"})

    def test_batches_take_their_buyers_in_one_order(self):
        self._limit(1000)
        self._limit(1000, buyer=1)
        a = self._orders([50] * 4)
        b = self._orders([50] * 4, buyer=1)
        before = self._deadlocks()
        works = [_confirm(a[0], b[0]), _confirm(b[1], a[1]), _confirm(a[2], b[2]), _confirm(b[3], a[3])]
        with mute_logger("odoo.sql_db"):
            self.assertEqual(set(self._at_once(works)), {"done"})
        self.assertEqual(self._deadlocks(), before)
        self.assertEqual(set(self._states([*a, *b])), {"sale"})

    def _deadlocks(self) -> int:
        with self.registry.cursor() as cr:
            cr.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            return cr.fetchone()[0]

    # A direct invoice at the same moment

    def _invoice(self, amount: float) -> int:
        with self._env(self.seller_id) as env:
            return env["account.move"].with_context(allowed_company_ids=[self.company_id]).create({
                "move_type": "out_invoice", "partner_id": self.partner_ids[0], "company_id": self.company_id,
                "invoice_date": fields.Date.today(), "currency_id": self.euro_id,
                "invoice_line_ids": [Command.create({
                    "name": "direct", "quantity": 1, "price_unit": amount, "tax_ids": [Command.clear()],
                })],
            }).id  # fmt: skip

    def _cancel_invoice(self, move_id: int) -> None:
        with self._env() as env:
            move = env["account.move"].browse(move_id)
            move.button_draft()
            move.button_cancel()

    def test_an_invoice_posted_meanwhile_is_seen(self):
        self._limit(1000)
        [order] = self._orders([600])
        with self.registry.cursor() as late:
            late.execute("SELECT count(*) FROM account_move")
            move = self._invoice(800)
            self.assertEqual(self._as_request(lambda env: env["account.move"].browse(move).action_post()), "done")
            self.addCleanup(self._cancel_invoice, move)
            env = api.Environment(late, self.seller_id, {"allowed_company_ids": [self.company_id]})
            with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                env["sale.order"].browse(order).action_confirm()
        self.assertIn("800.00", self._as_request(_confirm(order)))
        self.assertEqual(self._states([order]), ["draft"])

    def test_an_invoice_and_a_confirmation_at_once_do_not_overlook_each_other(self):
        self._limit(1000)
        [order] = self._orders([600])
        move = self._invoice(300)
        self.addCleanup(self._cancel_invoice, move)
        with mute_logger("odoo.sql_db"):
            results = self._at_once([
                _confirm(order),
                lambda env: env["account.move"].browse(move).action_post(),
            ])  # fmt: skip
        self.assertEqual(results, ["done", "done"])
        with self._env() as env:
            policy = env["tradecredit.policy"].browse(self.policy_id)
            family = (self.partner_ids[0],)
            exposure = env["tradecredit.exposure"]._of(policy, [family])[family]
            owed = sum(money.amount for money in (*exposure.open, *exposure.overdue, *exposure.ordered))
            self.assertEqual(owed, 900)


@tagged("-standard", "-at_install", "post_install", "database_breaking")
class TestTwoServers(Committed):
    """Two server processes on one database, spoken to over HTTP."""

    @classmethod
    def _make(cls, env):
        super()._make(env)
        user = env["res.users"].browse(cls.seller_id)
        cls.key = env(user=user.id)["res.users.apikeys"]._generate(
            scope="rpc", name="test", expiration_date=datetime.now() + timedelta(hours=1)
        )

    def _serve(self) -> str:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        words = [
            sys.executable, "-m", "odoo", "-d", get_db_name(), "--db-filter", f"^{get_db_name()}$",
            "--addons-path", ",".join(map(str, config["addons_path"])), "--data-dir", str(config["data_dir"]),
            "--http-interface", "127.0.0.1", "--http-port", str(port), "--max-cron-threads", "0", "--workers", "0",
            "--log-level", "warn",
        ]  # fmt: skip
        server = subprocess.Popen(words, env=os.environ.copy(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait, timeout=30)
        self.addCleanup(server.terminate)
        url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + SERVER_SECONDS
        while time.monotonic() < end and server.poll() is None:
            try:
                with urllib.request.urlopen(f"{url}/web/health", timeout=10):
                    return url
            except OSError:
                time.sleep(0.2)
        self.fail("A server did not start.")

    def _call(self, url: str, order_id: int) -> tuple[int, str]:
        request = urllib.request.Request(
            f"{url}/json/2/sale.order/action_confirm",
            data=json.dumps({"ids": [order_id], "context": {"bypass_risk": True}}).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=180) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)["message"]

    def test_of_eight_calls_to_two_servers_with_room_for_three_exactly_three_pass(self):
        self._limit(100 * FIT)
        ids = self._orders([100] * AT_ONCE)
        urls = [self._serve(), self._serve()]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(self._call, urls * (AT_ONCE // 2), ids))
        self.assertEqual([status for status, _ in answers].count(200), FIT, answers)
        for status, message in answers:
            if status != 200:
                self.assertEqual(status, 422, message)
                self.assertIn("100.00", message)
        self.assertEqual(self._states(ids).count("sale"), FIT)
