"""Which partners are one legal entity, and that they share one row."""

from odoo.addons.tradecredit.models.res_partner import normalise_number

from .common import TradecreditCommon


class TestLegalBuyer(TradecreditCommon):
    def test_a_number_is_written_one_way(self):
        for number, country, expected in [
            ("DE 175.919.696", "DE", "DE175919696"),
            ("175919696", "DE", "DE175919696"),
            ("el123456789", "GR", "EL123456789"),
            ("123456789", "GR", "EL123456789"),
            ("/", "DE", False),
            ("N/A", "DE", False),
            ("00000000", "DE", False),
            ("XAXX010101000", "MX", False),
            (False, "DE", False),
            ("12345", False, "12345"),
        ]:
            with self.subTest(number=number):
                self.assertEqual(normalise_number(number, country), expected)

    def test_partners_with_one_vat_number_share_the_row(self):
        other = self._partner("Nordlicht Handel, branch", vat="DE 175 919 696")
        buyer = self._buyer()
        self.assertEqual(self.env["tradecredit.buyer"]._of_partner(self.policy, other), buyer)

    def test_numbers_join_over_a_third_partner(self):
        by_register = self._partner("Nordlicht", company_registry="HRB 61748")
        bridge = self._partner("Nordlicht Handel", vat="DE175919696", company_registry="HRB61748")
        buyer = self._buyer()
        for partner in (by_register, bridge):
            self.assertEqual(self.env["tradecredit.buyer"]._of_partner(self.policy, partner), buyer)

    def test_a_contact_and_an_invoice_address_belong_to_their_company(self):
        contact = self.env["res.partner"].create({"name": "Jo", "parent_id": self.partner.id, "type": "invoice"})
        self.assertEqual(self.env["tradecredit.buyer"]._of_partner(self.policy, contact), self._buyer())

    def test_the_same_register_number_of_another_country_is_another_company(self):
        one = self._partner("Eins", company_registry="61748")
        two = self._partner("Deux", company_registry="61748", country_id=self.env.ref("base.fr").id)
        buyers = self.env["tradecredit.buyer"]
        self.assertNotEqual(buyers._of_partner(self.policy, one), buyers._of_partner(self.policy, two))

    def test_rows_that_turn_out_to_be_one_entity_become_one(self):
        other = self._partner("Nordlicht II")
        spare = self.env["tradecredit.buyer"]._of_partner(self.policy, other)
        buyer = self._buyer()
        self.assertNotEqual(spare, buyer)
        other.vat = "DE175919696"
        self.assertFalse(spare.active)
        self.assertEqual(self.env["tradecredit.buyer"]._of_partner(self.policy, other), buyer)

    def test_two_ids_at_the_insurer_for_one_entity_stop_everything_until_somebody_decides(self):
        other = self._partner("Nordlicht II")
        self._limit(self._buyer(), 10_000)
        wrong = self._buyer(other, "900000002")
        self._limit(wrong, 10_000)
        other.vat = "DE175919696"
        self.assertIn("900000002", wrong.conflict)
        self.assertIn("buyer_not_identified", self._codes(self._check(1)))
        wrong.active = False
        self.assertEqual(self._codes(self._check(1)), [])

    def test_an_archived_partner_still_owes(self):
        old = self._partner("Nordlicht alt", vat="DE175919696")
        self._invoice(600, old)
        old.active = False
        self._limit(self._buyer(), 1_000)
        self.assertTrue(self._check(500).stops)
        self.assertFalse(self._check(400).stops)
