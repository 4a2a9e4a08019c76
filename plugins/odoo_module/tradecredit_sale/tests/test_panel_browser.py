"""The panel in a real browser: it says in words what the bar shows."""

from odoo.tests import HttpCase, tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestPanelBrowser(HttpCase, SaleCommon):
    browser_size = "1280x800"

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

    def test_long_names_can_be_read(self):
        """On a small screen: nothing of a name is cut off."""
        name = "Aktiengesellschaft für Wasserstoffverfahrenstechnik, Anlagenbau und Rohrleitungswesen Süderelbe mbH & Co. KG"
        self.partner.name = name
        self.partner.flush_recordset()
        self._held_by_a_wish()
        carl = self.controller
        carl.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        for path, ready in (
            ("tradecredit_sale.action_held_orders", ".o_kanban_record .o_tradecredit_panel"),
            ("tradecredit.tradecredit_buyer_action", ".o_data_row .o_data_cell"),
        ):
            with self.subTest(path=path):
                self.browser_js(
                    f"/odoo/action-{path}",
                    """
                    const name = NAME;
                    const shown = [...document.querySelectorAll(".o_kanban_record *, .o_data_row *")].filter(
                        (node) => node.textContent.trim() === name
                    );
                    if (!shown.length) throw new Error("the name is not there");
                    for (const node of shown) {
                        if (getComputedStyle(node).display !== "inline" && node.scrollWidth > node.clientWidth + 1) {
                            throw new Error(`cut off: ${node.outerHTML}`);
                        }
                    }
                    console.log("test successful");
                    """.replace("NAME", repr(name)),
                    ready=f"!!document.querySelector('{ready}')",
                    login="tc-carl",
                )

    def _held_by_a_wish(self):
        order = self._order(5000)
        wizard = self.env["tradecredit.order.request"].with_user(self.seller)
        wizard.create({"order_id": order.id, "kind": "release", "amount": 5000, "wish": "x"}).action_send()
        self.assertEqual(order.tradecredit_state, "held")
