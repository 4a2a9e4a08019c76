"""Cover that stops by the insurer's answer on a declaration stops orders, whatever its list of limits shows."""

from datetime import timedelta
from decimal import Decimal

from ..models.check_request import CheckRequest
from .overdue_common import OverdueCommon


class TestOverdueStop(OverdueCommon):
    def setUp(self):
        super().setUp()
        self._invoice(100, 40)
        self._scan()
        self.overdue = self._found()
        self.buyer.as_of = self.env.cr.now()
        self._answers(state="declared")

    def _answers(self, **values):
        """The insurer says so of the declaration."""
        self.overdue.write(values)
        self.env.flush_all()

    def _check(self):
        request = CheckRequest(
            self.buyer.partner_id, self.buyer.partner_id, Decimal(10), Decimal(0), self.euro, 30
        )  # fmt: skip
        [outcome] = self.env["tradecredit.check"]._run(self.company, [request], trigger="confirm", record=False)
        return outcome

    def _reasons(self):
        return [reason.code.value for reason in self._check().verdict.reasons]

    def test_cover_that_has_stopped_stops_orders(self):
        self.assertFalse(self._check().stops)
        day = self.today
        for stopped, values in (
            (True, {"cover_state": "stopped", "cover_stopped_from": day}),
            (True, {"cover_state": "stopped", "cover_stopped_from": False}),
            (True, {"cover_state": "withdrawn", "cover_stopped_from": day}),
            (True, {"cover_state": "confirmed", "cover_stopped_from": day}),
            (False, {"cover_state": "confirmed", "cover_stopped_from": day + timedelta(days=1)}),
            (False, {"cover_state": "rests", "cover_stopped_from": day}),
            (False, {"cover_state": "reinstated", "cover_stopped_from": day - timedelta(days=9), "cover_reinstated_from": day}),
            (True, {"cover_state": "reinstated", "cover_reinstated_from": day + timedelta(days=1)}),
            (False, {"cover_state": "reinstated", "cover_reinstated_from": False}),
        ):  # fmt: skip
            self._answers(**values)
            with self.subTest(values):
                self.assertEqual(self._check().stops, stopped)
                self.assertEqual("cover_stopped" in self._reasons(), stopped)
        self._answers(state="settled")
        self.assertFalse(self._check().stops)

    def test_a_stop_that_is_over_hides_none_that_is_not(self):
        self.buyer.limit_ids.write({"active": False, "seen_until": self.env.cr.now()})
        self.env["tradecredit.limit"].create({
            "buyer_id": self.buyer.id, "insurer_limit_id": "L-AGAIN", "amount": 100_000, "currency_id": self.euro.id,
            "valid_from": self.today - timedelta(days=90), "stop_since": self.today - timedelta(days=60),
            "stop_until": self.today - timedelta(days=30), "stop_reason": "overdue",
        })  # fmt: skip
        self.assertFalse(self._check().stops)
        self._answers(cover_state="stopped", cover_stopped_from=self.today)
        self.assertTrue(self._check().stops)

    def test_a_discretionary_limit_stops_too(self):
        self.policy.write({"has_discretionary_limit": True, "discretionary_limit": 5_000})
        self.buyer.limit_ids.write({"active": False, "seen_until": self.env.cr.now()})
        self.assertFalse(self._check().stops)
        self._answers(cover_state="stopped", cover_stopped_from=self.today)
        self.assertTrue(self._check().stops)
        self.assertIn("cover_stopped", self._reasons())

    def test_a_check_reads_it_with_the_buyer(self):
        free = self._queries()
        self._answers(cover_state="stopped", cover_stopped_from=self.today)
        self.assertLessEqual(self._queries(), free + 1)  # a stopped document may have been released

    def _queries(self):
        self._check()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._check()
        return self.env.cr.sql_log_count - before
