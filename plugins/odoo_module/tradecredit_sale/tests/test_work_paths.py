"""What people in the warehouse, in projects, with expenses and at the counter do to orders, as their browsers ask for it."""

from odoo import Command, fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_held_paths import HeldCommon


class WorkCommon(HttpCase, HeldCommon):
    def _call(self, model: str, method: str, *args, **context):
        """What the web client asks the server for."""
        answer = self._ask(model, method, *args, **context)
        if "error" in answer:
            self.fail(answer["error"]["data"]["message"])
        return answer.get("result")

    def _ask(self, model: str, method: str, *args, **context) -> dict:
        call = {
            "model": model, "method": method, "args": args,
            "kwargs": {"context": {**context, "allowed_company_ids": self.company.ids}},
        }  # fmt: skip
        answer = self.url_open("/web/dataset/call_kw", json={"jsonrpc": "2.0", "method": "call", "params": call}).json()
        self.env.invalidate_all()
        return answer

    def _log_in(self, login: str, groups: str):
        user = self._user(login, groups)
        self.authenticate(user.login, user.login)
        return user

    def assertRefused(self, *call, **context):
        """The person reads why, with the buyer and the numbers."""
        with mute_logger("odoo.http"):
            error = self._ask(*call, **context)["error"]["data"]
        for part in (self.partner.name, "1,000.00", "more than the cover that is left"):
            self.assertIn(part, error["message"])


@tagged("post_install", "-at_install")
class TestWarehouse(WorkCommon):
    def _confirmed(self, quantity: float, **product):
        goods = self._product("Shelf", invoice_policy="delivery", is_storable=True, **product)
        warehouse = self.env["stock.warehouse"].sudo().search([("company_id", "=", self.company.id)], limit=1)
        self.env["stock.quant"].sudo()._update_available_quantity(goods, warehouse.lot_stock_id, 50)
        order = self._order(0, lines=[{"product_id": goods.id, "product_uom_qty": quantity, "price_unit": 100}])
        order.action_confirm()
        return order.sudo()

    def _ship(self, picking):
        self._log_in("packer", "stock.group_stock_user,sales_team.group_sale_salesman_all_leads")
        self._call("stock.picking", "button_validate", picking.ids, skip_backorder=True)
        self.assertEqual(picking.state, "done")

    def test_what_was_shipped_beyond_the_order_uses_cover(self):
        order = self._confirmed(4)
        picking = order.picking_ids
        picking.move_ids.quantity = 9
        # The goods are on the lorry: a delivery is reported, not asked for.
        self._ship(picking)
        self.assertEqual(order.order_line.qty_delivered, 9)
        self.assertEqual(order.amount_untaxed, 400)
        self.assertEqual(self._check(100).verdict.exposure.amount, 900)
        self._order(100).action_confirm()
        one_more = self._order(1)
        one_more.sudo().action_confirm()
        self.assertHeld(one_more)

    def test_what_was_shipped_and_never_ordered_uses_cover(self):
        order = self._confirmed(4)
        picking = order.picking_ids
        other = self._product("Lamp", invoice_policy="delivery", list_price=300)
        picking.move_ids = [Command.create({
            "product_id": other.id, "product_uom_qty": 2, "quantity": 2, "picked": True, "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
        })]  # fmt: skip
        picking.move_ids.picked = True
        self._ship(picking)
        line = order.order_line.filtered(lambda one: one.product_id == other)
        self.assertRecordValues(line, [{"product_uom_qty": 0, "qty_delivered": 2, "price_unit": 300}])
        self.assertEqual(self._check(1).verdict.exposure.amount, 1000)
        one_more = self._order(1)
        one_more.sudo().action_confirm()
        self.assertHeld(one_more)

    def test_more_of_a_confirmed_order_is_refused_and_nothing_is_reserved(self):
        order = self._confirmed(4)
        self.authenticate("tc-seller", "tc-seller")
        self.assertRefused("sale.order.line", "write", order.order_line.ids, {"product_uom_qty": 11})
        self.assertEqual(order.order_line.product_uom_qty, 4)
        self.assertEqual(order.picking_ids.move_ids.product_uom_qty, 4)

    def test_a_held_order_has_no_delivery(self):
        goods = self._product("Shelf", is_storable=True)
        order = self._order(0, lines=[{"product_id": goods.id, "product_uom_qty": 11, "price_unit": 100}])
        self.authenticate("tc-seller", "tc-seller")
        self._call("sale.order", "action_confirm", order.ids, tradecredit_hold=True)
        self.assertHeld(order)
        self.assertFalse(order.sudo().picking_ids)
        self.assertEqual(goods.outgoing_qty, 0)


@tagged("post_install", "-at_install")
class TestProjects(WorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls._product("Fitting", type="service", service_policy="ordered_prepaid")
        cls.project = cls.env["project.project"].sudo().create({
            "name": "Fit out", "allow_billable": True, "company_id": cls.company.id, "partner_id": cls.partner.id,
        })  # fmt: skip

    def _quotation(self, amount: float):
        return self._order(amount, lines=[{"product_id": self.service.id, "price_unit": amount}])

    def test_a_task_of_a_quotation_leaves_it_held(self):
        order = self._quotation(5000)
        self._log_in("planner", "project.group_project_user,sales_team.group_sale_salesman")
        [task] = self._call("project.task", "create", [{
            "name": "Drill", "project_id": self.project.id, "partner_id": self.partner.id,
            "sale_line_id": order.order_line.id,
        }])  # fmt: skip
        self.assertHeld(order)
        self.assertEqual(self.env["project.task"].browse(task).sale_line_id, order.order_line)
        self.assertFalse(order.sudo().tasks_ids - self.env["project.task"].browse(task))

    def test_a_project_of_a_quotation_leaves_it_held(self):
        order = self._quotation(5000)
        self._log_in("planner", "project.group_project_manager,sales_team.group_sale_salesman")
        self._call("project.project", "write", self.project.ids, {"sale_line_id": order.order_line.id})
        self.assertHeld(order)

    def test_a_task_of_a_quotation_within_cover_confirms_it(self):
        order = self._quotation(500)
        self._log_in("planner", "project.group_project_user,sales_team.group_sale_salesman")
        self._call("project.task", "create", [{
            "name": "Drill", "project_id": self.project.id, "partner_id": self.partner.id,
            "sale_line_id": order.order_line.id,
        }])  # fmt: skip
        self.assertEqual(order.sudo().state, "sale")

    def test_an_order_made_for_a_task_is_refused_and_not_left_behind(self):
        task = self.env["project.task"].sudo().create({
            "name": "Drill", "project_id": self.project.id, "partner_id": self.partner.id,
        })  # fmt: skip
        orders = self.env["sale.order"].search_count([])
        self._log_in("planner", "project.group_project_user,sales_team.group_sale_salesman")
        self.assertRefused("sale.order", "create", [{
            "partner_id": self.partner.id,
            "order_line": [Command.create({"product_id": self.service.id, "price_unit": 5000, "tax_ids": []})],
        }], create_for_task_id=task.id)  # fmt: skip
        self.assertEqual(self.env["sale.order"].search_count([]), orders)
        self.assertFalse(task.sale_line_id)

    def test_hours_beyond_those_ordered_use_cover(self):
        hours = self.env.ref("uom.product_uom_hour")
        service = self._product(
            "Hours",
            type="service",
            service_policy="delivered_timesheet",
            service_tracking="task_in_project",
            uom_id=hours.id,
        )
        order = self._order(0, lines=[{"product_id": service.id, "product_uom_qty": 4, "price_unit": 100}])
        order.action_confirm()
        task = order.sudo().tasks_ids
        worker = self._log_in("worker", "hr_timesheet.group_hr_timesheet_user,project.group_project_user")
        self.env["hr.employee"].sudo().create({"name": "Worker", "user_id": worker.id, "company_id": self.company.id})
        self._call("account.analytic.line", "create", [{
            "name": "Drilled", "project_id": task.project_id.id, "task_id": task.id, "unit_amount": 9,
        }])  # fmt: skip
        self.assertEqual(order.sudo().order_line.qty_delivered, 9)
        self.assertEqual(self._check(100).verdict.exposure.amount, 900)
        one_more = self._quotation(101)
        one_more.sudo().action_confirm()
        self.assertHeld(one_more)


@tagged("post_install", "-at_install")
class TestExpenses(WorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.travel = cls._product(
            "Travel", type="service", can_be_expensed=True, expense_policy="cost", invoice_policy="delivery",
            standard_price=0.0, supplier_taxes_id=False,
        )  # fmt: skip
        cls.order_ = cls._order(400).sudo()

    def _approved(self, amount: float):
        traveller = self.env["hr.employee"].sudo().create({"name": "Traveller", "company_id": self.company.id})
        expense = self.env["hr.expense"].sudo().create({
            "name": "Flight", "employee_id": traveller.id, "product_id": self.travel.id, "company_id": self.company.id,
            "total_amount_currency": amount, "payment_mode": "own_account", "sale_order_id": self.order_.id,
        })  # fmt: skip
        expense.action_submit()
        expense.action_approve()
        return expense

    def _post(self, expense):
        self._log_in(
            "accountant",
            "hr_expense.group_hr_expense_manager,account.group_account_manager,analytic.group_analytic_accounting",
        )
        action = self._call("hr.expense", "action_post", expense.ids)
        return ("hr.expense.post.wizard", "action_post_entry", [action["res_id"]]), action["context"]

    def test_an_expense_beyond_cover_is_not_billed_to_the_customer(self):
        self.order_.action_confirm()
        expense = self._approved(601)
        call, context = self._post(expense)
        self.assertRefused(*call, **context)
        self.assertEqual(expense.state, "approved")
        self.assertFalse(expense.account_move_id)
        self.assertRecordValues(self.order_.order_line, [{"price_subtotal": 400}])

    def test_an_expense_within_cover_is_billed_to_the_customer(self):
        self.order_.action_confirm()
        expense = self._approved(600)
        call, context = self._post(expense)
        self._call(*call, **context)
        self.assertTrue(expense.account_move_id)
        self.assertEqual(self.order_.amount_untaxed, 1000)
        self.assertEqual(self._check(1).verdict.exposure.amount, 1000)


@tagged("post_install", "-at_install")
class TestCounter(WorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.counter = cls.env["pos.config"].sudo().create({"name": "Counter", "company_id": cls.company.id})
        cls.counter.open_ui()

    def _settle(self, order, quantity: float, price: float):
        """Sell so much of a quotation for cash, as the counter's screen does."""
        amount = quantity * price
        user = self._log_in("cashier", "point_of_sale.group_pos_user,sales_team.group_sale_salesman_all_leads")
        self._call("pos.order", "sync_from_ui", [{
            "amount_paid": amount, "amount_return": 0, "amount_tax": 0, "amount_total": amount, "to_invoice": False,
            "date_order": fields.Datetime.to_string(fields.Datetime.now()), "fiscal_position_id": False,
            "partner_id": self.partner.id, "pricelist_id": False, "name": "Order 1", "uuid": "tc-counter-1",
            "session_id": self.counter.current_session_id.id, "sequence_number": 1, "user_id": user.id,
            "lines": [Command.create({
                "discount": 0, "pack_lot_ids": [], "price_unit": price, "product_id": order.order_line.product_id.id,
                "qty": quantity, "price_subtotal": amount, "price_subtotal_incl": amount, "tax_ids": [],
                "sale_order_line_id": order.order_line.id, "sale_order_origin_id": order.id,
            })],
            "payment_ids": [Command.create({
                "amount": amount, "name": fields.Datetime.to_string(fields.Datetime.now()),
                "payment_method_id": self.counter.payment_method_ids[:1].id,
            })],
        }])  # fmt: skip
        sold = self.env["pos.order"].sudo().search([("uuid", "=", "tc-counter-1")])
        self.assertRecordValues(sold, [{"state": "paid", "amount_paid": amount}])

    def test_a_part_that_is_settled_leaves_the_rest_held(self):
        order = self._order(0, lines=[{"product_uom_qty": 10, "price_unit": 500}])
        self._settle(order, 1, 500)
        self.assertHeld(order)
        self.assertFalse(order.sudo().picking_ids)

    def test_what_is_settled_in_full_is_no_credit(self):
        order = self._order(0, lines=[{"product_uom_qty": 10, "price_unit": 500}])
        self._settle(order, 10, 500)
        self.assertEqual(order.sudo().state, "sale")

    def test_a_part_that_leaves_a_rest_within_cover_confirms(self):
        order = self._order(0, lines=[{"product_uom_qty": 3, "price_unit": 500}])
        self._settle(order, 1, 500)
        self.assertEqual(order.sudo().state, "sale")
