"""The bodies of the `open` contract for what happens by itself: events and webhooks; and its errors."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.sandbox import records
from tradecredit_sdk.sandbox.clock import moment
from tradecredit_sdk.sandbox.faces.open_wire import Moment, _In, _Out, example


class EventWire(_Out):
    """Something happened; read the thing it names."""

    id: str
    type: EventType
    occurred_at: Moment
    policy_id: str
    buyer_id: str | None
    application_id: str | None
    limit_id: str | None
    overdue_id: str | None

    @classmethod
    def of(cls, event: records.Event) -> EventWire:
        """From the engine's record."""
        same = ("id", "type", "policy_id", "buyer_id", "application_id", "limit_id", "overdue_id")
        return cls(occurred_at=moment(event.occurred_at), **{name: getattr(event, name) for name in same})


class EventPage(_Out):
    """Events, oldest first; `next_cursor` is never null: keep it and ask again later."""

    items: list[EventWire]
    next_cursor: str


class WebhookRequest(_In):
    """Where to call (https, or http to this machine); a secret is made where none is given."""

    model_config = example(url="https://erp.example/hooks/credit")

    url: Annotated[str, StringConstraints(max_length=500), Field(examples=["https://erp.example/hooks/credit"])]
    secret: Annotated[str, StringConstraints(max_length=200)] | None = None


class WebhookWire(_Out):
    """A registered webhook."""

    id: str
    url: str


class WebhookMade(WebhookWire):
    """The same with its secret, which is shown this once."""

    secret: str


class WebhookPage(_Out):
    """The webhooks of a policy, on one page."""

    items: list[WebhookWire]
    next_cursor: None = None


class FieldProblem(_Out):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemWire(_Out):
    """An error after RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None = None
    errors: tuple[FieldProblem, ...] = ()
