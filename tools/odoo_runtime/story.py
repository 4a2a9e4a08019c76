"""What the demo data tells of the insurer is told by the sandbox too, or it would be gone after Odoo has asked once."""

from __future__ import annotations

from collections.abc import Mapping

from . import program
from .commands import run
from .steps import timed

ADDON = "tradecredit"
LOG = "story.log"
SCRIPT = """
import os
import requests

insurer = os.environ["TRADECREDIT_SANDBOX_URL"] + "/sandbox/v1"
env["tradecredit.outbox"]._cron_send()  # what the demo data asks for is decided from here on
told = env.ref("tradecredit.limit_dijkhorst")
shown = requests.get(f"{insurer}/limits", {"buyer_id": told.buyer_id.insurer_buyer_id}, timeout=10).json()["items"]
cut = {
    "amount": {"amount": f"{told.change_amount:.2f}", "currency": told.currency_id.name},
    "notice_days": (told.change_on - env.cr.now().date()).days,
}
requests.post(f"{insurer}/limits/{shown[0]['id']}/cut", json=cut, timeout=10).raise_for_status()
env["tradecredit.policy"]._cron_poll()
env.cr.commit()
[now] = told.buyer_id.limit_ids
assert (now.amount, now.change_amount, now.change_on) == (told.amount, told.change_amount, told.change_on), now.read()
"""
"""The announced reduction of one limit, as demo/tradecredit_demo.xml has it."""


def tell(database: str, env: Mapping[str, str]) -> None:
    """Send what the demo data asks for, and have the sandbox announce the reduction that is in it.

    `env` names the sandbox by its URL. Raises OdooRuntimeError when Odoo does not show the same as before.
    """
    with timed("telling the sandbox insurer what the demo data tells"):
        run(program.command("shell", "-d", database, "--no-http"), LOG, env=env, stdin=SCRIPT)
