"""A policy at an insurer that runs beside the tests: the SDK's sandbox, over real HTTP on this machine."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo import Command
from odoo.tests import TransactionCase, tagged
from odoo.tests.common import _super_send, new_test_user

from tradecredit_sdk.testing.server import RunningSandbox

from ..models import tradecredit_policy
from .lying_insurer import changed_answers

ALWAYS, HALF, REFUSED, UNDERWRITER, REDUCED_LATER = (f"90000000{number}" for number in (1, 2, 3, 4, 5))
A_PERSON, IN_USD, WITH_CONDITIONS = "900000007", "900000009", "900000010"


class LoopbackMixin:
    """Lets requests to this machine through: Odoo's own guard takes a timeout to be one number, and ours are two."""

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        if urlsplit(request.url).hostname == "127.0.0.1":
            return _super_send(session, request, **options)
        return super()._request_handler(session, request, **{**options, "timeout": None})


@tagged("post_install", "-at_install")
class InsurerCommon(LoopbackMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls.enterClassContext(RunningSandbox(underwriter_seconds=3600))
        cls.euro = cls.env.ref("base.EUR")
        (cls.euro | cls.env.ref("base.USD")).active = True
        cls.company = cls.env["res.company"].create({"name": "Seller", "currency_id": cls.euro.id})
        cls.env.user.company_ids |= cls.company
        cls.policy = cls.env["tradecredit.policy"].create({
            "name": "DEMO-001",
            "company_id": cls.company.id,
            "base_url": cls.sandbox.base_url_open,
            "api_key": "sandbox",
            "currency_id": cls.euro.id,
        })  # fmt: skip
        cls.salesperson = cls._user("sally", "tradecredit.group_requester")
        cls.controller = cls._user("carl", "tradecredit.group_controller")
        cls.policy.responsible_id = cls.controller
        cls.buyer = cls._buyer("Sandbox Always GmbH", ALWAYS)

    def setUp(self):
        super().setUp()
        self.sandbox.reset()
        # Once is enough to see what follows from a failure, and repetitions are logged as warnings.
        for times in (tradecredit_policy.CRON_SECONDS, tradecredit_policy.CLICK_SECONDS):
            self.enterContext(patch.dict(times, retries=0))

    @classmethod
    def _user(cls, login: str, groups: str, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env, login=f"tci-{login}", groups=f"base.group_user,{groups}", company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )  # fmt: skip

    @classmethod
    def _partner(cls, name: str, **values):
        germany = cls.env.ref("base.de")
        return cls.env["res.partner"].create({"name": name, "is_company": True, "country_id": germany.id, **values})

    @classmethod
    def _buyer(cls, name: str, insurer_buyer_id: str | None):
        buyer = cls.env["tradecredit.buyer"].sudo()._of_partner(cls.policy, cls._partner(name))
        buyer.insurer_buyer_id = insurer_buyer_id or False
        return buyer

    def _ask(self, buyer=None, amount=50_000, **options):
        """An application in the salesperson's name, waiting in the outbox."""
        applications = self.env["tradecredit.application"].with_user(self.salesperson)
        return applications._request(buyer or self.buyer, amount=amount, **options).sudo()

    @contextmanager
    def _jobs(self):
        """An environment as a job has it: with a cursor that may be committed."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield self.env(cr=cr, user=self.env.ref("base.user_root").id, su=True)

    def _send(self):
        """Run the job that sends."""
        with self._jobs() as env:
            env["tradecredit.outbox"]._cron_send()

    def _poll(self):
        """Run the job that listens."""
        with self._jobs() as env:
            env["tradecredit.policy"]._cron_poll()

    def _received(self) -> list[dict]:
        """What the insurer has received."""
        return self.sandbox.control("GET", "/applications")["items"]

    def _later(self):
        """Let what waits in the outbox be due."""
        rows = self.env["tradecredit.outbox"].search([("state", "in", ("pending", "unknown"))])
        rows.next_try = "2020-01-01 00:00:00"

    @contextmanager
    def _lying(self, change):
        """The insurer of the policy answers as `change` of (path, status, body) makes of it."""
        with changed_answers(self.sandbox.base_url_open, change) as address:
            self.policy.base_url = address
            yield
        self.policy.base_url = self.sandbox.base_url_open

    @contextmanager
    def _server(self, *answers: tuple[int, str, str]):
        """A web server that answers (status, content type, body) in turn, the last one for ever; yields its address."""
        waiting = list(answers)

        class Handler(BaseHTTPRequestHandler):
            def _answer(self):
                status, kind, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = _answer  # noqa: N815

            def log_message(self, *_arguments):
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _outages(self):
        return self.policy.activity_ids
