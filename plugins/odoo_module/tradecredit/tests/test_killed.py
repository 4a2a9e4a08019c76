"""A server process that is killed while it sends: nothing is lost, and nothing is sent twice."""

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.testing.server import RunningSandbox

from ..models.tradecredit_outbox import LEASE
from .insurer_common import A_PERSON, ALWAYS, HALF

PATIENCE_SECONDS = 60
SLOW_SECONDS = 3.0
SEND = b"env['tradecredit.outbox']._cron_send()\n"


@tagged("-standard", "-at_install", "post_install", "database_breaking")
class TestKilled(BaseCase):
    """In committed transactions and a process of its own, so on a database that is thrown away."""

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger("uvicorn.error"))  # says that a slow answer lost its reader, which is the point
        self.sandbox = self.enterContext(RunningSandbox(underwriter_seconds=3600))
        with self._env() as env:
            company = env["res.company"].create(
                {"name": f"Seller {secrets.token_hex(4)}", "currency_id": env.ref("base.EUR").id}
            )
            policy = env["tradecredit.policy"].create({
                "name": "DEMO-001", "company_id": company.id, "base_url": self.sandbox.base_url_open,
                "api_key": "sandbox", "currency_id": env.ref("base.EUR").id,
            })  # fmt: skip
            self.policy_id, self.application_ids = policy.id, []
            for insurer_buyer_id in (ALWAYS, HALF, A_PERSON):
                partner = env["res.partner"].create({"name": f"Buyer {insurer_buyer_id}", "is_company": True})
                buyer = env["tradecredit.buyer"]._of_partner(policy, partner)
                buyer.insurer_buyer_id = insurer_buyer_id
                application = env["tradecredit.application"]._request(buyer, amount=10_000)
                self.application_ids.append(application.id)

    def tearDown(self):
        with self._env() as env:
            # Past the refusal to archive what has open business.
            env.cr.execute("UPDATE tradecredit_policy SET active = FALSE WHERE id = %s", [self.policy_id])
        super().tearDown()

    @contextmanager
    def _env(self):
        """An environment with a transaction of its own, committed at the end."""
        with Registry(get_db_name()).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _rows(self):
        with self._env() as env:
            rows = env["tradecredit.outbox"].search([("application_id", "in", self.application_ids)], order="id")
            return [(row.state, row.attempts, row.application_id.state) for row in rows]

    def _received(self) -> list[str]:
        return [one["reference"] for one in self.sandbox.control("GET", "/applications")["items"]]

    def _until(self, condition) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), end, "the process that sends did not get so far")
            time.sleep(0.05)

    def _kill_while_sending(self, fault: str, condition) -> None:
        """Run the job in a process of its own, and end it without warning as soon as the condition is met."""
        self.sandbox.faults(rate=1.0, kinds=[fault], paths=["/open/v1"], latency_seconds=SLOW_SECONDS)
        command = [sys.executable, "-m", "odoo", "shell", "-d", get_db_name(), "--no-http", "--log-level=critical"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
        ) as child:
            try:
                child.stdin.write(SEND)
                child.stdin.close()
                self._until(condition)
            finally:
                child.send_signal(signal.SIGKILL)
        self.sandbox.faults()

    def _send(self) -> None:
        with self._env() as env:
            env["tradecredit.outbox"]._cron_send()

    def _let_the_lease_end(self) -> None:
        with self._env() as env:
            for row in env["tradecredit.outbox"].search([("state", "=", "sending")]):
                row.sent_at -= LEASE

    def _check_the_rest(self) -> None:
        self.assertEqual(self._rows()[0][:2], ("sending", 1))
        self._send()
        self.assertEqual(self._rows()[0][:2], ("sending", 1), "nobody knows yet that its process is dead")
        self._let_the_lease_end()
        self._send()
        states = [(row, application) for row, _attempts, application in self._rows()]
        self.assertEqual(states, [("done", "approved"), ("done", "partly_approved"), ("done", "referred")])
        references = self._received()
        self.assertEqual((len(references), len(set(references))), (3, 3))

    def test_killed_before_the_insurer_had_it(self):
        self._kill_while_sending("latency", lambda: self._rows()[0][0] == "sending")
        self._check_the_rest()

    def test_killed_when_the_insurer_had_it(self):
        self._kill_while_sending("drip", lambda: len(self._received()) == 1)
        self._check_the_rest()

    def test_killed_at_an_insurer_who_counts_a_reference_twice(self):
        self._kill_while_sending("drip", lambda: len(self._received()) == 1)
        capabilities = OpenInsurer.capabilities
        careful = type(capabilities)(operations=capabilities.operations, idempotent_reference=False)
        with patch.object(OpenInsurer, "capabilities", careful):
            self._check_the_rest()
