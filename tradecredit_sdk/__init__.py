"""Trade credit insurance inside your ERP: limit requests, decisions, overdues, monitoring and the credit check.

Names are loaded when they are asked for (PEP 562), so that importing the package costs nothing.
"""

import importlib as _importlib
import logging as _logging
from typing import TYPE_CHECKING, Any

from tradecredit_sdk._version import __version__

if TYPE_CHECKING:
    from tradecredit_sdk._http import Answer
    from tradecredit_sdk.client import Clock, TradeCreditClient, new_reference
    from tradecredit_sdk.config import Settings
    from tradecredit_sdk.errors import (
        APIError,
        AuthenticationError,
        ConfigError,
        ConflictError,
        DeadlineError,
        FieldError,
        InvalidInputError,
        InvalidRequestError,
        JournalError,
        NoAnswerError,
        NotFoundError,
        NotSentError,
        PendingError,
        PermissionDeniedError,
        RateLimitError,
        ReferenceConflictError,
        ResponseFormatError,
        ServerError,
        TradeCreditError,
        TransportError,
        UnsupportedOperationError,
        WebhookError,
    )
    from tradecredit_sdk.insurers.base import Capabilities, Insurer, InsurerBase, Operation
    from tradecredit_sdk.journal import Entry, EntryKind, EntryState, Journal, Reconciled, Scope
    from tradecredit_sdk.models.adverse import AdverseKind, AdverseReceipt, AdverseReport
    from tradecredit_sdk.models.buyer import Address, Buyer, BuyerQuery, Identifier, IdentifierType, KnownIdentifier
    from tradecredit_sdk.models.event import Event, EventType
    from tradecredit_sdk.models.exposure import Exposure, ItemKind, OpenItem
    from tradecredit_sdk.models.limit import (
        AnnouncedChange,
        Condition,
        CoverStop,
        CreditLimit,
        LimitAction,
        LimitApplication,
        LimitDecision,
        LimitKind,
        LimitPosition,
        LimitRequest,
        LimitState,
        StopReason,
    )
    from tradecredit_sdk.models.money import CurrencyMismatchError, Money
    from tradecredit_sdk.models.order import Order
    from tradecredit_sdk.models.overdue import (
        Allocation,
        Collecting,
        Collection,
        CollectionStep,
        Collector,
        CoverState,
        DocumentKind,
        DocumentRequest,
        DocumentSent,
        Instalment,
        InvoiceState,
        Overdue,
        OverdueAction,
        OverdueChange,
        OverdueCover,
        OverdueDeclaration,
        OverdueInvoice,
        OverduePayment,
        OverdueReason,
        OverdueState,
        StepKind,
        StepTaken,
    )
    from tradecredit_sdk.models.overdue_arrival import has_arrived
    from tradecredit_sdk.models.page import Page
    from tradecredit_sdk.models.policy import Policy, StaleAction, TaxBasis, WaitingPeriodStart
    from tradecredit_sdk.models.rates import ExchangeRates
    from tradecredit_sdk.models.verdict import Outcome, Reason, ReasonCode, Verdict
    from tradecredit_sdk.pagination import Pager
    from tradecredit_sdk.rules.cover import Cover, cover_in_force
    from tradecredit_sdk.rules.credit_check import Standing, check_order
    from tradecredit_sdk.rules.deadlines import Deadlines, deadlines, tell_by
    from tradecredit_sdk.rules.payments import Allotment, Debt, allocate, pro_rata

_HOMES = {
    "_http": "Answer",
    "client": "Clock TradeCreditClient new_reference",
    "config": "Settings",
    "errors": "APIError AuthenticationError ConfigError ConflictError DeadlineError FieldError InvalidInputError InvalidRequestError JournalError NoAnswerError NotFoundError NotSentError PendingError PermissionDeniedError RateLimitError ReferenceConflictError ResponseFormatError ServerError TradeCreditError TransportError UnsupportedOperationError WebhookError",
    "insurers.base": "Capabilities Insurer InsurerBase Operation",
    "journal": "Entry EntryKind EntryState Journal Reconciled Scope",
    "models.adverse": "AdverseKind AdverseReceipt AdverseReport",
    "models.buyer": "Address Buyer BuyerQuery Identifier IdentifierType KnownIdentifier",
    "models.event": "Event EventType",
    "models.exposure": "Exposure ItemKind OpenItem",
    "models.limit": "AnnouncedChange Condition CoverStop CreditLimit LimitAction LimitApplication LimitDecision LimitKind LimitPosition LimitRequest LimitState StopReason",
    "models.money": "CurrencyMismatchError Money",
    "models.order": "Order",
    "models.overdue": "Allocation Collecting Collection CollectionStep Collector CoverState DocumentKind DocumentRequest DocumentSent Instalment InvoiceState Overdue OverdueAction OverdueChange OverdueCover OverdueDeclaration OverdueInvoice OverduePayment OverdueReason OverdueState StepKind StepTaken",
    "models.overdue_arrival": "has_arrived",
    "models.page": "Page",
    "models.policy": "Policy StaleAction TaxBasis WaitingPeriodStart",
    "models.rates": "ExchangeRates",
    "models.verdict": "Outcome Reason ReasonCode Verdict",
    "pagination": "Pager",
    "rules.cover": "Cover cover_in_force",
    "rules.credit_check": "Standing check_order",
    "rules.deadlines": "Deadlines deadlines tell_by",
    "rules.payments": "Allotment Debt allocate pro_rata",
}
_MODULES = {name: f"tradecredit_sdk.{module}" for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "APIError",
    "Address",
    "AdverseKind",
    "AdverseReceipt",
    "AdverseReport",
    "Allocation",
    "Allotment",
    "AnnouncedChange",
    "Answer",
    "AuthenticationError",
    "Buyer",
    "BuyerQuery",
    "Capabilities",
    "Clock",
    "Collecting",
    "Collection",
    "CollectionStep",
    "Collector",
    "Condition",
    "ConfigError",
    "ConflictError",
    "Cover",
    "CoverState",
    "CoverStop",
    "CreditLimit",
    "CurrencyMismatchError",
    "DeadlineError",
    "Deadlines",
    "Debt",
    "DocumentKind",
    "DocumentRequest",
    "DocumentSent",
    "Entry",
    "EntryKind",
    "EntryState",
    "Event",
    "EventType",
    "ExchangeRates",
    "Exposure",
    "FieldError",
    "Identifier",
    "IdentifierType",
    "Instalment",
    "Insurer",
    "InsurerBase",
    "InvalidInputError",
    "InvalidRequestError",
    "InvoiceState",
    "ItemKind",
    "Journal",
    "JournalError",
    "KnownIdentifier",
    "LimitAction",
    "LimitApplication",
    "LimitDecision",
    "LimitKind",
    "LimitPosition",
    "LimitRequest",
    "LimitState",
    "Money",
    "NoAnswerError",
    "NotFoundError",
    "NotSentError",
    "OpenItem",
    "Operation",
    "Order",
    "Outcome",
    "Overdue",
    "OverdueAction",
    "OverdueChange",
    "OverdueCover",
    "OverdueDeclaration",
    "OverdueInvoice",
    "OverduePayment",
    "OverdueReason",
    "OverdueState",
    "Page",
    "Pager",
    "PendingError",
    "PermissionDeniedError",
    "Policy",
    "RateLimitError",
    "Reason",
    "ReasonCode",
    "Reconciled",
    "ReferenceConflictError",
    "ResponseFormatError",
    "Scope",
    "ServerError",
    "Settings",
    "StaleAction",
    "Standing",
    "StepKind",
    "StepTaken",
    "StopReason",
    "TaxBasis",
    "TradeCreditClient",
    "TradeCreditError",
    "TransportError",
    "UnsupportedOperationError",
    "Verdict",
    "WaitingPeriodStart",
    "WebhookError",
    "__version__",
    "allocate",
    "check_order",
    "cover_in_force",
    "deadlines",
    "has_arrived",
    "new_reference",
    "pro_rata",
    "tell_by",
]

_logging.getLogger(__name__).addHandler(_logging.NullHandler())


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
