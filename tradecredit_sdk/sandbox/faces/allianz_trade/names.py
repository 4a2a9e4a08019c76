"""The names of Allianz Trade's interface that this sandbox speaks, each with how far it is known.

The labels are those of `docs/reference/allianz-trade-sandbox.md`: OFFICIAL, CODE, PARAPHRASE, INFERRED, INVENTED. The
service's reference is not public, so an INVENTED name only exists to give a client something to talk to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tradecredit_sdk.models.limit import LimitKind, LimitState
from tradecredit_sdk.models.overdue import OverdueState


class Name(NamedTuple):
    """A word on the wire and the trust it deserves."""

    word: str
    trust: str


@dataclass(frozen=True)
class Layout:
    """Where each interface stands beneath `/allianz-trade`: the two environments differ by more than a prefix."""

    token: str
    riskinfo: str
    search: str
    referential: str
    overdues: str


PRODUCTION = Layout("/v1/idp", "/riskinfo", "/search/v2", "/company-referential/v1", "/overdues/v1")
UAT = Layout("/uatm/v1/idp", "/uatm/riskinfo", "/search/uatm-v2", "/company-referential/uatm-v1", "/uatm/overdues/v1")

CALLBACK_HEADER = Name("X-Callback", "INVENTED")

JOB_PENDING = Name("PENDING", "INFERRED")
JOB_PROCESSED = Name("PROCESSED", "CODE")

REQUEST_IN_PROGRESS = Name("InProgress", "CODE")
REQUEST_CLOSED = Name("Closed", "INVENTED")

TECHNICAL_DECISION = {
    # The only word ever seen for a granted limit, so it stands for every grant as asked.
    LimitState.APPROVED: Name("AlreadyAgreed", "CODE"),
    LimitState.PARTLY_APPROVED: Name("PartiallyAgreed", "INVENTED"),
    LimitState.REFUSED: Name("Refused", "INVENTED"),
    LimitState.REDUCED: Name("Reduced", "INVENTED"),
    LimitState.WITHDRAWN: Name("Withdrawn", "INVENTED"),
    LimitState.CANCELLED: Name("Cancelled", "INVENTED"),
    LimitState.EXPIRED: Name("Expired", "INVENTED"),
}
"""`technicalDecisionStatusCode`."""

COVER_AGREEMENT = Name("Agreement", "CODE")
COVER_CHECK_POLICY = Name("CheckPolicy", "CODE")
COVER_IN_PROGRESS = Name("InProgress", "INFERRED")
COVER_REFUSAL = Name("Refusal", "INVENTED")
COVER_TERMINATED = Name("Terminated", "INVENTED")

LIMIT_TYPE = {
    LimitKind.PERMANENT: Name("Permanent", "INVENTED"),
    LimitKind.TEMPORARY: Name("Temporary", "INVENTED"),
}
"""`creditLimitTypeCode`."""

IDENTIFIER_TYPE = {"vat": Name("VAT", "INVENTED"), "registration": Name("REGISTRATION", "INVENTED")}
"""`idTypeCode`."""

OVERDUE_STATUS = {state: Name(state.value.capitalize(), "INVENTED") for state in OverdueState}
"""`overdueStatusCode`."""
