"""Which partners are one legal entity, and that they share one row."""

from unittest.mock import patch

from odoo.addons.tradecredit.models.res_partner import normalise_number
from odoo.exceptions import UserError
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

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

    def test_one_id_at_the_insurer_is_never_two_buyers(self):
        self._buyer()
        other = self._buyer(self._partner("Anders GmbH"), "900000002")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation) as caught, self.cr.savepoint():
            other.insurer_buyer_id = "900000001"
            other.flush_recordset()
        self.assertIn("already another buyer", other._sql_error_to_message(caught.exception))
        empty = self.env["tradecredit.buyer"]._of_partner(self.policy, self._partner("Drei GmbH"))
        (other + empty).insurer_buyer_id = False
        self.env.flush_all()

    def test_of_two_who_identify_the_same_company_at_once_one_is_told(self):
        taken = self._buyer()
        other = self._buyer(self._partner("Anders GmbH"), False)
        # What another transaction has written meanwhile is not seen, and yet it is there.
        with (
            patch.object(type(taken), "search", lambda self, *_args, **_options: self.browse()),
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "one legal entity"),
        ):
            other._identify(taken.insurer_buyer_id, name="Nordlicht Handel GmbH")
        self.assertFalse(other.insurer_buyer_id)
        self.assertTrue(taken.insurer_buyer_id)

    def test_an_archived_row_does_not_come_back_with_a_company_that_is_another_buyers_now(self):
        wrong = self._buyer()
        self._limit(wrong, 10_000)
        wrong.active = False
        self._buyer(self._partner("Anders GmbH"), wrong.insurer_buyer_id)
        outcome = self._check(1)
        self.assertIn("buyer_not_identified", self._codes(outcome))
        self.assertNotEqual(outcome.buyer, wrong)
        self.assertFalse(wrong.active)

    def _merge(self, partners, into):
        self.env["base.partner.merge.automatic.wizard"]._merge((partners + into).ids, into)
        self.env.invalidate_all()

    def test_merged_partners_keep_the_identified_row_and_their_checks(self):
        double = self._partner("Nordlicht doppelt")
        known = self._buyer(double, "900000002")
        self._limit(known, 10_000)
        spare = self.env["tradecredit.buyer"]._of_partner(self.policy, self.partner)
        spare.exempt = True
        self._invoice(600, double)
        self._invoice(300)
        check = self._check(1, double).check
        self._merge(double, self.partner)
        self.assertFalse(double.exists())
        self.assertRecordValues(known, [{"active": True, "partner_id": self.partner.id, "name": self.partner.name}])
        self.assertRecordValues(spare, [{"active": False, "partner_id": self.partner.id}])
        self.assertFalse(known.exempt, "nobody has decided so of the company that is insured")
        self.assertEqual(check.partner_id, self.partner)
        outcome = self._check(1)
        self.assertEqual((outcome.buyer, outcome.verdict.exposure.amount), (known, 900))
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(Exception, "cannot be changed"), self.cr.savepoint():
            self.cr.execute("UPDATE tradecredit_check SET partner_id = %s", (self.partner.company_id.id or 1,))

    def test_partners_that_are_two_companies_at_the_insurer_are_not_merged(self):
        self._buyer()
        double = self._partner("Nordlicht doppelt")
        wrong = self._buyer(double, "900000002")
        with self.assertRaisesRegex(UserError, "900000001, 900000002"):
            self._merge(double, self.partner)
        wrong.active = False
        self._merge(double, self.partner)
        self.assertEqual(wrong.partner_id, self.partner)
        self.assertFalse(self._buyer().conflict)
