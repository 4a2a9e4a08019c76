"""A customer in the web shop of an insured seller: every step is a request of his browser."""

from __future__ import annotations

from lxml import html
from odoo import Command
from odoo.tests import HttpCase

from .test_held_paths import HeldCommon

UNSAID = ("insur", "cover", "1,234", "credit", "limit")
"""Words and numbers between seller and insurer, which no page of a customer shows."""


class ShopCommon(HttpCase, HeldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("sale.automatic_invoice", "False")
        cls.limit.active = False
        cls.limit = cls._limit(cls.buyer, 1234)
        cls.website = cls.env["website"].search([], limit=1)
        cls.website.write({"company_id": cls.company.id, "salesperson_id": cls.seller.id})
        cls.customer = cls._user_of_shop()
        cls.goods = cls._product("Shelf", type="service", website_published=True, list_price=500.0)

    @classmethod
    def _user_of_shop(cls):
        """He buys for his company: what he owes, the company owes."""
        cls.partner.write({
            "street": "Am Kai 1", "city": "Bremen", "zip": "28195", "phone": "+49 421 0000", "email": "office@nordlicht.example",
        })  # fmt: skip
        user = cls.env["res.users"].create({
            "name": "Jörg Groß", "login": "tc-customer", "password": "tc-customer", "email": "jg@nordlicht.example",
            "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            "company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)],
        })  # fmt: skip
        user.partner_id.write({"parent_id": cls.partner.id, "type": "contact"})
        return user

    @classmethod
    def _provider(cls, code: str, mode: str | None = None):
        """One of Odoo's own providers, at work in the seller's company."""
        domain = [("code", "=", code)] + ([("custom_mode", "=", mode)] if mode else [])
        provider = cls.env["payment.provider"].search(domain, limit=1).copy({
            "company_id": cls.company.id, "state": "test", "is_published": True,
        })  # fmt: skip
        provider.with_context(active_test=False).payment_method_ids.active = True
        return provider

    def setUp(self):
        super().setUp()
        self.authenticate("tc-customer", "tc-customer")

    def _page(self, path: str, **options) -> str:
        """What a customer reads on a page that answered well: nothing of what is between seller and insurer."""
        answer = self.url_open(path, **options)
        self.assertEqual(answer.status_code, 200, answer.text[:2000])
        body = html.document_fromstring(answer.text).find("body")
        for hidden in body.xpath(".//script | .//style | .//footer | .//header"):
            hidden.drop_tree()
        text = " ".join(body.text_content().split())
        for word in UNSAID:
            self.assertNotIn(word, text.lower())
        return text

    def _fill_cart(self, quantity: int = 1, product=None):
        product = product or self.goods
        self.make_jsonrpc_request("/shop/cart/add", {
            "product_template_id": product.product_tmpl_id.id, "product_id": product.id, "quantity": quantity,
        })  # fmt: skip
        return self._cart()

    def _cart(self):
        cart = self.env["sale.order"].search([("website_id", "=", self.website.id)], order="id desc", limit=1)
        self.assertTrue(cart)
        return cart

    def _check_out(self):
        """The pages on the way to the payment, from which on the shop remembers the order."""
        self._page("/shop/checkout?try_skip_step=true")

    def _pay(self, order, provider, simulated: str | None = None):
        """Go through the payment as the page does, up to the shop's confirmation; its text."""
        self._check_out()
        values = self.make_jsonrpc_request(f"/shop/payment/transaction/{order.id}", {
            "access_token": order._portal_ensure_token(), "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id, "token_id": None, "amount": None,
            "flow": "direct" if simulated else "redirect", "tokenization_requested": False,
            "landing_route": "/shop/payment/validate",
        })  # fmt: skip
        reference = values["reference"]
        if simulated:
            self.make_jsonrpc_request("/payment/demo/simulate_payment", {
                "reference": reference, "payment_details": "4111", "simulated_state": simulated,
            })  # fmt: skip
        else:
            self._page("/payment/custom/process", data={"reference": reference})
        status = self.make_jsonrpc_request("/payment/status/poll")
        page = self._page(status["landing_route"])
        self.env.invalidate_all()
        return page
