"""Take the pictures of the Odoo addons that the docs show: docs/images/odoo-*.png.

Starts `make odoo` with a new database, walks through the scenes in a browser as each person would, and looks at them.
Run it after a change of what people see: `python -m tools.odoo_screenshots` (needs Playwright and Chromium). Odoo keeps
running afterwards; `make odoo-stop` ends it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, sync_playwright

from tools import chromium
from tools.odoo_runtime import sandbox, server
from tools.odoo_runtime.people import PEOPLE
from tools.odoo_runtime.places import ROOT
from tools.odoo_runtime.processes import recall
from tools.odoo_runtime.steps import OdooRuntimeError

IMAGES = ROOT / "docs" / "images"
SIZE: ViewportSize = {"width": 1280, "height": 800}
QUOTATIONS = "odoo/action-sale.action_quotations_with_onboarding"
PANEL = ".o_tradecredit_panel"
UNDERWRITER_SECONDS = 4
NOBODY = "http://127.0.0.1:9/open/v1"
"""Where no insurer answers."""
PASSWORDS = {person.login: person.password for person in PEOPLE}


class Odoo:
    """The running server, as an administrator's script talks to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        admin = {"db": server.DATABASE, "login": "admin", "password": PASSWORDS["admin"]}
        self._post("web/session/authenticate", admin)

    def call(self, model: str, method: str, *args: Any) -> Any:
        """One method of a model, in the administrator's name."""
        return self._post("web/dataset/call_kw", {"model": model, "method": method, "args": args, "kwargs": {}})

    def _post(self, path: str, params: dict[str, Any]) -> Any:
        answer = self.session.post(f"{self.url}/{path}", json={"params": params}, timeout=60).json()
        if "error" in answer:
            raise OdooRuntimeError(answer["error"]["data"]["message"])
        return answer["result"]

    def id_of(self, name: str) -> int:
        """The id of a record of the demo data."""
        module, name = name.split(".")
        [row] = self.call("ir.model.data", "search_read", [("module", "=", module), ("name", "=", name)], ["res_id"])
        return int(row["res_id"])

    def run_jobs(self, *names: str) -> None:
        """What Odoo's scheduler does every few minutes: send, hear what the insurer says, check held orders again."""
        for name in names or ("tradecredit.cron_send", "tradecredit.cron_poll", "tradecredit_sale.cron_recheck"):
            self._run_job(self.id_of(name))

    def _run_job(self, job: int) -> Any:
        for _ in range(20):
            try:
                return self.call("ir.cron", "method_direct_trigger", [job])
            except OdooRuntimeError as error:  # the scheduler may run it at this moment
                if "already executing" not in str(error):
                    raise
            time.sleep(0.5)
        raise OdooRuntimeError("Odoo's scheduler does not end; see its log.")


class Desk:
    """One person in front of a browser."""

    def __init__(self, page: Page, odoo: Odoo) -> None:
        self.page, self.odoo = page, odoo

    def order(self, name: str) -> None:
        """Open an order of the demo data."""
        self.page.goto(f"{self.odoo.url}/{QUOTATIONS}/{self.odoo.id_of(f'tradecredit_sale.{name}')}")
        self.page.wait_for_selector(PANEL)

    def menu(self, action: str) -> None:
        """Open what a menu opens."""
        self.page.goto(f"{self.odoo.url}/odoo/action-{action}")
        self.page.wait_for_selector(".o_content .o_view_controller, .o_view_controller .o_renderer, .o_content")
        self.page.wait_for_timeout(500)

    def form(self, action: str, record: int) -> None:
        """Open one record as its menu does."""
        self.page.goto(f"{self.odoo.url}/odoo/action-{action}/{record}")
        self.page.wait_for_selector(".o_form_view .o_form_sheet")

    def press(self, label: str, wait_for: str) -> None:
        """Press a button of the page or of the dialog that is in front."""
        front = self.page.locator(".modal").last if self.page.locator(".modal").count() else self.page
        front.get_by_role("button", name=label, exact=True).first.click()
        self.page.wait_for_selector(wait_for)

    def shoot(self, name: str) -> None:
        """Take a picture of what is to be seen."""
        self.page.wait_for_timeout(400)  # the end of Odoo's fades
        target = IMAGES / f"odoo-{name}.png"
        self.page.screenshot(path=target)
        print(target.relative_to(ROOT))


@contextmanager
def desk(browser: Browser, odoo: Odoo, login: str) -> Iterator[Desk]:
    """Somebody who has logged in."""
    context = browser.new_context(viewport=SIZE, locale="en-GB")
    try:
        page = context.new_page()
        page.goto(f"{odoo.url}/web/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORDS[login])
        page.click("form.oe_login_form button[type=submit]")
        page.wait_for_selector("body:not(:has(form.oe_login_form))")
        yield Desk(page, odoo)
    finally:
        context.close()


def salesperson_is_stopped(sally: Desk) -> None:
    """An order does not fit: why, and a request for a limit."""
    sally.order("order_etangrieu")
    sally.shoot("salesperson-panel")
    sally.press("Confirm", ".modal .o_error_dialog, .modal-body")
    sally.shoot("salesperson-refused")
    sally.page.locator(".modal-footer button").first.click()
    sally.page.wait_for_selector(".modal", state="detached")
    sally.press("Request limit", ".modal .o_form_view")
    sally.page.fill(".modal div[name=wish] textarea", "Second site opens in January; two orders of this size a month.")
    sally.shoot("salesperson-request")
    sally.press("Send request", f"{PANEL} .o_tradecredit_held")
    sally.shoot("salesperson-waiting")


def insurer_decides(browser: Browser, odoo: Odoo, insurer_url: str) -> None:
    """The request in the console of the sandbox insurer, and its decision."""
    odoo.run_jobs()
    context = browser.new_context(viewport=SIZE, locale="en-GB")
    try:
        page = context.new_page()
        page.goto(f"{insurer_url}/#applications")
        page.wait_for_selector("section:not([hidden]) [data-list]:not(:empty)")
        Desk(page, odoo).shoot("insurer")
    finally:
        context.close()
    time.sleep(UNDERWRITER_SECONDS)
    odoo.run_jobs()


def order_goes_through(sally: Desk) -> None:
    """With the new limit the order is confirmed."""
    sally.order("order_etangrieu")
    sally.shoot("salesperson-free")
    sally.press("Confirm", ".o_statusbar_status button.o_arrow_button_current[data-value=sale]")
    sally.shoot("salesperson-confirmed")


def release_is_asked_for(sally: Desk) -> None:
    """Without a limit, and in a hurry."""
    sally.order("order_suederlohe")
    sally.press("Request release", ".modal .o_form_view")
    sally.page.fill(
        ".modal div[name=wish] textarea", "Paid every invoice early for eight years; the site stands still."
    )
    sally.shoot("salesperson-release")
    sally.press("Send request", f"{PANEL} .o_tradecredit_held")


def customer_signs(customer: Desk) -> None:
    """In the portal; the order is held behind the scenes."""
    page, odoo = customer.page, customer.odoo
    page.goto(f"{odoo.url}/my/orders/{odoo.id_of('tradecredit_sale.order_dijkhorst')}")
    page.locator('a:has-text("Accept & Sign")').first.click()
    page.wait_for_selector(".modal .o_web_sign_signature, .modal canvas")
    page.wait_for_timeout(1000)
    page.locator(".modal button.o_portal_sign_submit").click()
    page.wait_for_selector("#tradecredit_held")
    customer.shoot("customer-signed")


def controller_works(carl: Desk) -> None:
    """What waits for cover, and the buyers."""
    carl.menu("tradecredit_sale.action_held_orders")
    carl.shoot("controller-held")
    carl.menu("tradecredit.tradecredit_buyer_action")
    carl.shoot("controller-buyers")
    carl.page.get_by_text("Dijkhorst").first.click()
    carl.page.wait_for_selector(".o_form_view .o_data_cell[name=change_amount]:has-text('15,000')")
    carl.shoot("controller-buyer")
    carl.menu("tradecredit.tradecredit_application_action")
    carl.shoot("controller-applications")
    partner = carl.odoo.id_of("tradecredit.partner_etangrieu")
    carl.page.goto(f"{carl.odoo.url}/odoo/res.partner/{partner}")
    carl.page.wait_for_selector(".o_form_view")
    carl.shoot("controller-partner")


OVERDUES = "tradecredit.tradecredit_overdue_action"


def overdue_of(odoo: Odoo, buyer: str) -> int:
    """The declaration of a buyer of the demo data."""
    buyer_id = odoo.id_of(f"tradecredit.buyer_{buyer}")
    return int(odoo.call("tradecredit.overdue", "search", [("buyer_id", "=", buyer_id)])[0])


def controller_declares(carl: Desk) -> None:
    """From the board of what must be done today to the insurer's acknowledgement."""
    carl.odoo.run_jobs("tradecredit.cron_watch")
    carl.menu(OVERDUES)
    carl.shoot("controller-overdues")
    altavena = overdue_of(carl.odoo, "altavena")
    carl.form(OVERDUES, altavena)
    carl.shoot("controller-overdue")
    carl.press("Declare", ".modal")
    carl.press("Ok", ".o_arrow_button_current[data-value=to_send]")
    carl.odoo.run_jobs()
    carl.form(OVERDUES, altavena)
    carl.shoot("controller-overdue-declared")


def controller_declares_by_hand(carl: Desk) -> None:
    """The insurer cannot be reached, and the last day is near."""
    odoo, policy = carl.odoo, carl.odoo.id_of("tradecredit.policy_demo")
    murtaler = overdue_of(odoo, "murtaler")
    [reachable] = odoo.call("tradecredit.policy", "read", [policy], ["base_url"])
    odoo.call("tradecredit.policy", "write", [policy], {"base_url": NOBODY})
    carl.form(OVERDUES, murtaler)
    carl.press("Declare", ".modal")
    carl.press("Ok", ".o_arrow_button_current[data-value=to_send]")
    odoo.run_jobs("tradecredit.cron_send")
    carl.form(OVERDUES, murtaler)
    carl.shoot("controller-overdue-outage")
    carl.page.locator(".o-mail-Activity").first.evaluate("told => told.scrollIntoView()")
    carl.shoot("controller-overdue-told")
    carl.press("Declared by hand", ".modal .o_form_view")
    dialog = carl.page.locator(".modal")
    dialog.locator("div[name=way] input").fill("Portal of the insurer")
    dialog.locator("div[name=insurer_overdue_id] input").fill("CL-2026-0815")
    receipt = FilePayload(name="receipt.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4")
    dialog.locator("div[name=proof] input[type=file]").set_input_files(receipt)
    carl.page.wait_for_function("document.querySelector('.modal div[name=proof] input')?.value === 'receipt.pdf'")
    carl.shoot("controller-overdue-by-hand")
    carl.press("Record", ".o_arrow_button_current[data-value=manual]")
    carl.page.wait_for_selector(".modal", state="detached")
    carl.form(OVERDUES, murtaler)
    carl.page.locator("div[name=proof_ids]").scroll_into_view_if_needed()
    carl.shoot("controller-overdue-proof")
    odoo.call("tradecredit.policy", "write", [policy], {"base_url": reachable["base_url"]})
    odoo.run_jobs()


def controller_watches(carl: Desk) -> None:
    """A dispute, all stages, and who collects."""
    carl.form(OVERDUES, overdue_of(carl.odoo, "fontevert"))
    carl.press("Pause, disputed", ".modal .o_form_view")
    carl.page.locator(".modal div[name=reason] input").fill(
        "Two of the twelve pallets were wet; photographs are attached"
    )
    carl.shoot("controller-overdue-pause")
    carl.press("Pause", "body:not(:has(.modal))")
    carl.menu(OVERDUES)
    carl.page.locator(".o_facet_remove").click()
    carl.page.wait_for_selector(".o_kanban_group:has-text('Declared by hand')")
    carl.shoot("controller-overdue-stages")
    carl.page.locator(".o_switch_view.o_list").click()
    carl.page.wait_for_selector(".o_list_view")
    carl.page.mouse.move(0, 700)  # no hint of a button
    carl.shoot("controller-overdue-list")
    carl.form("account.action_move_out_invoice_type", carl.odoo.id_of("tradecredit.invoice_deichhorst_1"))
    carl.shoot("controller-invoice")
    carl.page.locator(".o_cp_action_menus button").first.click()
    carl.page.get_by_role("menuitem", name="Correct original due date").click()
    carl.page.wait_for_selector(".modal .o_form_view")
    carl.shoot("controller-original-due")


def salesperson_meets_a_stop(sally: Desk) -> None:
    """The insurer has stopped cover on a buyer who has not paid."""
    sally.order("order_deichhorst")
    sally.shoot("salesperson-stopped")


def manager_releases(mona: Desk) -> None:
    """With a reason, an amount and a last day."""
    mona.menu("tradecredit.tradecredit_release_action")
    mona.shoot("manager-releases")
    mona.press("Decide", ".modal .o_form_view")
    mona.page.fill(".modal div[name=reason] textarea", "Known to us for eight years; delivered in two parts.")
    mona.shoot("manager-decide")
    mona.press("Decide", "body:not(:has(.modal))")
    mona.order("order_suederlohe")
    mona.shoot("manager-released")


def administrator_sets_up(admin: Desk) -> None:
    """The policy at the insurer."""
    policy = admin.odoo.id_of("tradecredit.policy_demo")
    admin.form("tradecredit.tradecredit_policy_action", policy)
    admin.shoot("administrator-policy")
    admin.page.locator(".nav-link[name=overdues]").click()
    admin.shoot("administrator-overdues")


def as_(browser: Browser, odoo: Odoo, login: str, *scenes: Callable[[Desk], None]) -> None:
    """Scenes in one person's browser."""
    with desk(browser, odoo, login) as person:
        for scene in scenes:
            scene(person)


def main() -> None:
    """All scenes, in the order of the story."""
    subprocess.run([sys.executable, "-m", "tools.odoo_runtime", "serve", "--fresh"], cwd=ROOT, check=True)
    running = {process.name: process.url for process in recall(server.KNOWN)}
    odoo = Odoo(running["Odoo"])
    odoo.run_jobs()
    time.sleep(UNDERWRITER_SECONDS)
    odoo.run_jobs()
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        as_(browser, odoo, "salesperson", salesperson_is_stopped, release_is_asked_for)
        insurer_decides(browser, odoo, running[sandbox.NAME])
        as_(browser, odoo, "customer", customer_signs)
        as_(browser, odoo, "controller", controller_works)
        as_(browser, odoo, "controller", controller_declares, controller_declares_by_hand, controller_watches)
        as_(browser, odoo, "manager", manager_releases)
        as_(browser, odoo, "salesperson", order_goes_through, salesperson_meets_a_stop)
        as_(browser, odoo, "admin", administrator_sets_up)
        browser.close()


if __name__ == "__main__":
    main()
