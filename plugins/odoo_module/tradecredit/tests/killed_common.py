"""What is told to the insurer, three at a time, by a server process that is killed: a base for each kind."""

from .test_killed import TestKilled


class ToldKilled(TestKilled):
    allow_inherited_tests_method = True
    subject, arrived, path = "", "", ""
    """The field of the outbox, the state of what has arrived, and where the sandbox shows it."""

    def setUp(self):
        super().setUp()
        with self._env() as env:
            applications = env["tradecredit.application"].browse(self.application_ids)
            applications.action_cancel()  # what was asked for is not what this is about
            self.told_ids = self._tell(env, applications.buyer_id.sorted("id")).ids

    def _tell(self, env, buyers):
        """One record a buyer, in the outbox."""
        raise NotImplementedError

    def _rows(self):
        with self._env() as env:
            rows = env["tradecredit.outbox"].search([(self.subject, "in", self.told_ids)], order="id")
            return [(row.state, row.attempts, row[self.subject].state) for row in rows]

    def _received(self):
        return [one["reference"] for one in self.sandbox.control("GET", self.path)["items"]]

    def _check_the_rest(self):
        self.assertEqual(self._rows()[0][:2], ("sending", 1))
        self._send()
        self.assertEqual(self._rows()[0][:2], ("sending", 1), "nobody knows yet that its process is dead")
        self._let_the_lease_end()
        self._send()
        self.assertEqual([(row, told) for row, _attempts, told in self._rows()], [("done", self.arrived)] * 3)
        references = self._received()
        self.assertEqual((len(references), len(set(references))), (3, 3))
