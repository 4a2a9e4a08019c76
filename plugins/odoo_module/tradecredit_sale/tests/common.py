"""A seller whose buyer has a limit of 1,000, a product without tax, and orders of it."""

from __future__ import annotations

from odoo import Command
from odoo.addons.tradecredit.tests.common import TradecreditCommon


class SaleCommon(TradecreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Where several currencies are in use, a company gets a pricelist in the one it had at first.
        cls.env["product.pricelist"].search([("company_id", "=", cls.company.id)]).currency_id = cls.euro
        cls.product = cls._product("Goods")
        cls.buyer = cls._buyer()
        cls.limit = cls._limit(cls.buyer, 1000)
        cls.seller = cls._user("seller", "sales_team.group_sale_salesman")
        cls.env.flush_all()

    @classmethod
    def _product(cls, name: str, **values):
        return cls.env["product.product"].create({
            "name": name, "list_price": 100.0, "type": "consu", "invoice_policy": "order", "taxes_id": False, **values,
        })  # fmt: skip

    @classmethod
    def _order(cls, amount: float, partner=None, *, user=None, lines=None, **values):
        """A quotation of one line, made and looked at by `user`, the salesperson where none is given."""
        lines = lines or [{"price_unit": amount}]
        partner = partner or cls.partner
        order = cls.env["sale.order"].with_company(cls.company).create({
            "partner_id": partner.id,
            "company_id": cls.company.id,
            "user_id": cls.seller.id,
            "payment_term_id": False,
            "pricelist_id": False,
            "order_line": [
                Command.create({
                    "product_id": cls.product.id, "product_uom_qty": 1, "tax_ids": [Command.clear()], **line,
                }) for line in lines
            ],
            **values,
        })  # fmt: skip
        return order.with_user(user or cls.seller)

    def _checks(self, order):
        return self.env["tradecredit.check"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)])
