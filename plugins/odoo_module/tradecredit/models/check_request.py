"""What is asked of a credit check, and what comes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from tradecredit_sdk import Exposure, Verdict


class CheckRequest(NamedTuple):
    """One document to be checked: amounts in `currency`, at least zero.

    `partner` is the payer, `amount` excludes tax. `terms_days` None takes the policy's longest. `document` is left out
    of what the buyer owes, so that a confirmed order that grew is not counted twice.
    """

    document: Any
    partner: Any
    amount: Decimal
    tax: Decimal
    currency: Any
    terms_days: int | None = None


class Outcome(NamedTuple):
    """One request checked. `verdict` is None where there is nothing to check: no policy, no credit, or an exempt partner.

    `release` is the decision of a person that lets the document pass although it is blocked; `check` the record.
    """

    request: CheckRequest
    buyer: Any
    verdict: Verdict | None
    exposure: Exposure | None
    release: Any
    check: Any
    values: dict[str, Any]

    @classmethod
    def of_nothing(cls, env: Any, request: CheckRequest) -> Outcome:
        """There is nothing to check."""
        return cls(
            request, env["tradecredit.buyer"], None, None, env["tradecredit.release"], env["tradecredit.check"], {}
        )

    @property
    def stops(self) -> bool:
        """Whether the document must not go ahead."""
        return self.verdict is not None and self.verdict.is_blocked and not self.release
