"""The panel in a real browser: it says in words what the bar shows."""

from odoo.tests import HttpCase, tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestPanelBrowser(HttpCase, SaleCommon):
    def test_a_salesperson_reads_why_an_order_would_be_stopped(self):
        self._invoice(400)
        order = self._order(1000)
        self.browser_js(
            f"/odoo/action-sale.action_quotations_with_onboarding/{order.id}",
            """
            const panel = document.querySelector(".o_tradecredit_panel");
            const words = panel.textContent;
            for (const part of ["Not covered", "Limit", "1,000.00", "Used", "400.00", "Over"]) {
                if (!words.includes(part)) throw new Error(`${part} is missing in ${words}`);
            }
            const label = panel.querySelector(".o_tradecredit_bar").getAttribute("aria-label");
            if (!label.includes("over")) throw new Error(label);
            if (!document.querySelector("button[name=action_tradecredit_request]")) throw new Error("no button");
            console.log("test successful");
            """,
            ready="!!document.querySelector('.o_tradecredit_panel')",
            login="tc-seller",
        )
