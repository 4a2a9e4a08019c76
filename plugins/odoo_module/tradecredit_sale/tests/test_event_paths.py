"""Tickets and booths on the web site: what is not confirmed takes no seat, and what is held loses none of its data."""

import json
from datetime import timedelta

from odoo import fields, http
from odoo.tests import tagged

from .shop_common import ShopCommon


@tagged("post_install", "-at_install")
class TestEventPaths(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls._provider("demo")
        cls.demo.capture_manually = True
        begin = fields.Datetime.now() + timedelta(days=5)
        cls.event = cls.env["event.event"].sudo().create({
            "name": "Harbour fair", "date_begin": begin, "date_end": begin + timedelta(hours=8),
            "website_published": True, "company_id": cls.company.id, "user_id": cls.seller.id,
        })  # fmt: skip
        cls.sample = cls._product("Sample", type="service", website_published=True, list_price=0.0)

    def _ticket(self, price: float):
        product = self._product(f"Ticket for {price}", type="service", service_tracking="event", list_price=price)
        return self.env["event.event.ticket"].sudo().create({
            "name": f"Ticket for {price}", "event_id": self.event.id, "product_id": product.id, "price": price,
            "seats_limited": True, "seats_max": 3,
        })  # fmt: skip

    def _register(self, ticket) -> str:
        name, email = (
            self.event.question_ids.filtered(lambda one, kind=kind: one.question_type == kind)
            for kind in ("name", "email")
        )
        page = self._page(f"/event/{self.event.id}/registration/confirm", data={
            f"1-name-{name.id}": "Jörg Groß", f"1-email-{email.id}": "jg@nordlicht.example",
            "1-event_ticket_id": str(ticket.id), "csrf_token": http.Request.csrf_token(self),
        })  # fmt: skip
        self.env.invalidate_all()
        return page

    def _seats(self, ticket) -> tuple[int, int]:
        ticket.invalidate_recordset()
        return ticket.seats_reserved, ticket.seats_available

    # Tickets

    def test_a_free_ticket_needs_no_order(self):
        ticket = self._ticket(0)
        self._invoice(100, due=-120)
        self._register(ticket)
        registration = self.event.registration_ids
        self.assertRecordValues(registration, [{"state": "open", "name": "Jörg Groß"}])
        self.assertFalse(registration.sale_order_id)

    def test_a_free_ticket_in_a_free_cart_is_confirmed(self):
        ticket = self._ticket(0)
        order = self._fill_cart(product=self.sample)
        page = self._register(ticket)
        self.assertEqual(order.state, "sale")
        self.assertIn(order.name, page)
        self.assertEqual(self.event.registration_ids.sale_order_id, order)
        self.assertEqual(self._seats(ticket), (1, 2))

    def test_a_free_ticket_in_a_free_cart_is_held_where_cover_has_stopped(self):
        ticket = self._ticket(0)
        self._invoice(100, due=-120)
        order = self._fill_cart(product=self.sample)
        page = self._register(ticket)
        self.assertHeld(order)
        self.assertIn(order.name, page)
        # A seat that costs nothing is given by Odoo as soon as it is asked for, order or not; it is given once.
        self.assertEqual(self.event.registration_ids.sale_order_id, order)
        self.assertEqual(self._seats(ticket), (1, 2))

    def test_a_paid_ticket_within_cover_takes_a_seat(self):
        ticket = self._ticket(500)
        self._register(ticket)
        order = self._cart()
        self._pay(order, self.demo, "done")
        self.assertEqual(order.state, "sale")
        self.assertRecordValues(self.event.registration_ids, [{"state": "open", "sale_status": "sold"}])
        self.assertEqual(self._seats(ticket), (1, 2))

    def test_a_ticket_of_a_held_order_takes_no_seat_until_it_is_confirmed(self):
        ticket = self._ticket(1500)
        self._register(ticket)
        order = self._cart()
        self.assertEqual(order.amount_total, 1500)
        self._pay(order, self.demo, "done")
        self.assertHeld(order)
        self.assertEqual(order.transaction_ids.state, "authorized")
        registration = self.event.registration_ids
        self.assertRecordValues(registration, [
            {"state": "draft", "sale_status": "to_pay", "sale_order_id": order.id, "name": "Jörg Groß"},
        ])  # fmt: skip
        self.assertEqual(self._seats(ticket), (0, 3))

        self.limit.active = False
        self._limit(self.buyer, 2000)
        order.action_tradecredit_check_again()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.event.registration_ids, registration)
        self.assertRecordValues(registration, [{"state": "open", "sale_status": "sold"}])
        self.assertEqual(self._seats(ticket), (1, 2))

    # Booths

    def _booth(self, price: float):
        product = self._product(f"Booth for {price}", type="service", service_tracking="event_booth", list_price=price)
        category = self.env["event.booth.category"].sudo().create({
            "name": f"Booth for {price}", "product_id": product.id, "price": price,
        })  # fmt: skip
        return self.env["event.booth"].sudo().create({
            "name": "A1", "event_id": self.event.id, "booth_category_id": category.id,
        })  # fmt: skip

    def _book(self, booth) -> dict:
        answer = self.url_open(f"/event/{self.event.id}/booth/confirm", data={
            "booth_category_id": str(booth.booth_category_id.id), "event_booth_ids": json.dumps(booth.ids),
            "contact_name": "Jörg Groß", "contact_email": "jg@nordlicht.example", "contact_phone": "",
            "csrf_token": http.Request.csrf_token(self),
        })  # fmt: skip
        self.env.invalidate_all()
        return answer.json()

    def test_a_free_booth_is_taken(self):
        booth = self._booth(0)
        self.assertTrue(self._book(booth)["success"])
        self.assertEqual(self._cart().state, "sale")
        self.assertRecordValues(booth, [{"state": "unavailable", "contact_name": "Jörg Groß"}])

    def test_a_free_booth_is_not_taken_where_cover_has_stopped(self):
        booth = self._booth(0)
        self._invoice(100, due=-120)
        self._book(booth)
        order = self._cart()
        self.assertHeld(order)
        self.assertEqual(booth.state, "available")
        self.assertEqual(order.order_line.event_booth_pending_ids, booth)

    def test_a_booth_of_a_held_order_is_taken_when_it_is_confirmed(self):
        booth = self._booth(1500)
        self.assertEqual(self._book(booth), {"redirect": "/shop/cart"})
        order = self._cart()
        self._pay(order, self.demo, "done")
        self.assertHeld(order)
        self.assertEqual(order.transaction_ids.state, "authorized")
        self.assertEqual(booth.state, "available")
        self.assertRecordValues(order.order_line.event_booth_registration_ids, [{"contact_name": "Jörg Groß"}])

        self.limit.active = False
        self._limit(self.buyer, 2000)
        order.action_tradecredit_check_again()
        order.action_confirm()
        self.assertRecordValues(
            booth, [{"state": "unavailable", "contact_name": "Jörg Groß", "sale_order_id": order.id}]
        )
