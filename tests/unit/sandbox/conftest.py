"""An engine whose real clock stands still until a test moves it."""

from datetime import datetime, timezone

import pytest

from tradecredit_sdk.models.limit import LimitAction
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.records import Asked

START = datetime(2026, 3, 31, 8, tzinfo=timezone.utc)


class Wall:
    """Real time, as far as the engine can tell."""

    def __init__(self):
        self.seconds = 1_700_000_000.0

    def __call__(self):
        return self.seconds


class Desk:
    """Short words for what tests ask again and again."""

    def __init__(self, engine, wall):
        self.engine, self.wall = engine, wall

    def ask(self, buyer_id, amount="50000.00", currency="EUR", policy="DEMO-001", **more):
        money = None if more.get("action") is LimitAction.CANCEL else Money(amount, currency)
        return self.engine.applications.submit(policy, Asked(buyer_id, amount=money, **more)).application

    def rows(self, buyer_id, policy="DEMO-001"):
        return self.engine.limits.list(policy_id=policy, buyer_id=buyer_id, limit=500).items

    def brief(self, buyer_id):
        return [(row.state.value, str(row.amount.amount), str(row.valid_from), row.valid_until and str(row.valid_until))
                for row in self.rows(buyer_id)]  # fmt: skip

    def happened(self, buyer_id=None, policy="DEMO-001"):
        return [
            event.type.value for event in self.engine.events.list(policy_id=policy, buyer_id=buyer_id, limit=500).items
        ]


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def engine(wall):
    engine = Engine(now=START, wall=wall)
    yield engine
    engine.close()


@pytest.fixture
def desk(engine, wall):
    return Desk(engine, wall)
