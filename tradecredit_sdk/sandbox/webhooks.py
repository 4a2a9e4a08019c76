"""Webhooks: events called out to policyholders, signed after Standard Webhooks, repeated when nobody answers.

Each event is a POST of its JSON; any 2xx is success; otherwise it is repeated, three calls in all, thirty seconds of
real time apart. Signatures carry the real time as well, since receivers compare it with their own clock.
Scheme: https://www.standardwebhooks.com (symmetric, `v1`). Only https, or http to this machine; redirects are not followed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import secrets
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import RowMapping, delete, func, insert, select, update

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.sandbox import store
from tradecredit_sdk.sandbox.clock import moment
from tradecredit_sdk.sandbox.events import from_row as event_from_row
from tradecredit_sdk.sandbox.problem import invalid
from tradecredit_sdk.sandbox.records import Attempt, Delivery, Event, Slice, Webhook
from tradecredit_sdk.sandbox.turn import Turn

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine

_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)
_TIMEOUT_SECONDS = 5.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Webhooks:
    """Who is to be called, and how it went."""

    def __init__(self, engine: Engine, seconds: float, calls: int, wall: Callable[[], float]) -> None:
        self._engine, self._wall = engine, wall
        self.seconds, self.calls = seconds, calls
        self.on_change: Callable[[], None] = lambda: None
        self._ids: dict[str, tuple[str, ...]] = {}

    # ------------------------------------------------------------------ registration

    def register(self, policy_id: str, url: str, secret: str | None = None) -> Webhook:
        """Call `url` with every later event of the policy; a secret is made where none is given. Problem 422."""
        check_url(url)
        chosen = secret or _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
        _key(chosen)
        with self._engine.turn() as turn:
            seq, made = self._engine.store.new_id(store.webhooks)
            webhook = Webhook(made, policy_id, url, chosen)
            row = {"seq": seq, "id": made, "policy_id": policy_id, "url": url, "secret": chosen}
            turn.tx.execute(insert(store.webhooks), row)
            self.forget_cache()
        return webhook

    def list(self, policy_id: str) -> tuple[Webhook, ...]:
        """The webhooks of a policy, oldest first."""
        with self._engine.turn() as turn:
            rows, _ = store.fetch_slice(
                turn.tx, store.webhooks, store.equal(store.webhooks, policy_id=policy_id), limit=1000
            )
        return tuple(Webhook(row["id"], row["policy_id"], row["url"], row["secret"]) for row in rows)

    def remove(self, policy_id: str, webhook_id: str) -> None:
        """Call it no more; what is on its way is dropped. Nothing happens when it is not there."""
        with self._engine.turn() as turn:
            table = store.webhooks
            where = (table.c.policy_id == policy_id, table.c.id == webhook_id)
            if turn.tx.execute(delete(table).where(*where)).rowcount:
                late = (store.deliveries.c.webhook_id == webhook_id, store.deliveries.c.state == "pending")
                turn.tx.execute(delete(store.deliveries).where(*late))
                self.forget_cache()

    # ------------------------------------------------------------------ deliveries

    def deliveries(self, *, buyer_id: str | None = None, offset: int = 0, limit: int = 50) -> Slice[Delivery]:
        """What was called out or waits to be, newest first."""
        table = store.deliveries
        query = (
            select(table, store.webhooks.c.url, store.events.c.type, store.events.c.policy_id)
            .join(store.events, store.events.c.id == table.c.event_id)
            .outerjoin(store.webhooks, store.webhooks.c.id == table.c.webhook_id)
            .order_by(table.c.seq.desc())
        )
        if buyer_id is not None:
            query = query.where(table.c.buyer_id == buyer_id)
        with self._engine.turn() as turn:
            rows = turn.tx.execute(query.limit(limit + 1).offset(offset)).mappings().all()
        last = rows[limit - 1]["seq"] if len(rows) > limit else None
        return Slice(tuple(map(_delivery, rows[:limit])), last)

    def count(self, *, buyer_id: str | None = None) -> int:
        """How many deliveries there are."""
        with self._engine.turn() as turn:
            return store.count(turn.tx, store.deliveries, store.equal(store.deliveries, buyer_id=buyer_id))

    def enqueue(self, turn: Turn, policy_id: str, event_id: str, buyer_id: str) -> None:
        """Put an event on its way to every webhook of its policy."""
        for webhook_id in self._called(turn, policy_id):
            seq, made = self._engine.store.new_id(store.deliveries)
            row = {"seq": seq, "id": made, "webhook_id": webhook_id, "event_id": event_id, "buyer_id": buyer_id}
            turn.tx.execute(
                insert(store.deliveries), {**row, "state": "pending", "next_at": self._real_now(), "attempts": []}
            )
            self.on_change()

    def forget_cache(self) -> None:
        """Look up anew who is called."""
        self._ids.clear()

    def _called(self, turn: Turn, policy_id: str) -> tuple[str, ...]:
        if policy_id not in self._ids:
            query = select(store.webhooks.c.id).where(store.webhooks.c.policy_id == policy_id)
            self._ids[policy_id] = tuple(turn.tx.scalars(query))
        return self._ids[policy_id]

    def seconds_to_next(self) -> float | None:
        """Real seconds until a call is due (0 or less: now); None when none waits."""
        with self._engine.store.begin() as tx:
            at = tx.scalar(select(func.min(store.deliveries.c.next_at)))
        return None if at is None else (at - self._real_now()).total_seconds()

    def send_due(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Make every call that is due, oldest first; the engine goes on meanwhile."""
        while not stopped():
            with self._engine.store.begin() as tx:
                due, generation = _next_due(tx, self._real_now()), self._engine.store.generation
            if due is None:
                return
            delivery, webhook, event = due
            at, body = self._real_now(), event_body(event)
            status, error = call(webhook.url, body, signed_headers(webhook.secret, event.id, body, at))
            self._note(delivery, Attempt(at, status, error), generation)

    def _note(self, delivery: RowMapping, attempt: Attempt, generation: int) -> None:
        attempts = [*delivery["attempts"], [attempt.at.isoformat(), attempt.status, attempt.error]]
        values: dict[str, Any] = {"attempts": attempts, "next_at": None, "state": "delivered"}
        if attempt.error is not None:
            values["state"] = "failed" if len(attempts) >= self.calls else "pending"
        if values["state"] == "pending":
            values["next_at"] = attempt.at + timedelta(seconds=self.seconds)
        with self._engine.store.begin() as tx:
            if generation == self._engine.store.generation:
                tx.execute(update(store.deliveries).where(store.deliveries.c.seq == delivery["seq"]).values(**values))

    def _real_now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), timezone.utc)


def _next_due(tx: Any, now: datetime) -> tuple[RowMapping, Webhook, Event] | None:
    table = store.deliveries
    query = select(table).where(table.c.next_at <= now).order_by(table.c.next_at, table.c.seq).limit(1)
    row = tx.execute(query).mappings().first()
    if row is None:
        return None
    webhook = tx.execute(select(store.webhooks).where(store.webhooks.c.id == row["webhook_id"])).mappings().one()
    event = tx.execute(select(store.events).where(store.events.c.id == row["event_id"])).mappings().one()
    target = Webhook(webhook["id"], webhook["policy_id"], webhook["url"], webhook["secret"])
    return row, target, event_from_row(event)


def event_body(event: Event) -> bytes:
    """The JSON that is sent, as in the listing of events of the `open` contract."""
    content = {
        "id": event.id,
        "type": event.type.value,
        "occurred_at": moment(event.occurred_at),
        "policy_id": event.policy_id,
        "buyer_id": event.buyer_id,
        "application_id": event.application_id,
        "limit_id": event.limit_id,
        "overdue_id": event.overdue_id,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def signed_headers(secret: str, event_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((event_id.encode(), timestamp.encode(), body))
    digest = base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{digest}"}


def call(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int | None, str | None]:
    """POST JSON once, following nothing; the status of the answer, and what is wrong (None: delivered)."""
    target = check_url(url)
    connection = _connect(target)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    own = {"Content-Type": "application/json", "User-Agent": "tradecredit-sandbox"}
    try:
        connection.request("POST", path, body, {**own, **headers})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return None, f"no answer ({type(error).__name__})"
    finally:
        connection.close()
    return status, None if 200 <= status < 300 else f"answered {status}"


def check_url(url: str) -> SplitResult:
    """The parts of an address that may be called; Problem 422 for any other."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise invalid("url", "is not an address") from None
    if not url.isascii() or not url.isprintable() or " " in url or not host or "@" in parts.netloc:
        raise invalid("url", "is not an address that can be called")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise invalid("url", "must be https, or http to this machine (127.0.0.1, localhost)")
    return parts


def _connect(target: SplitResult) -> http.client.HTTPConnection:
    host = target.hostname or ""
    if target.scheme == "http":
        return http.client.HTTPConnection(host, target.port, timeout=_TIMEOUT_SECONDS)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, target.port, timeout=_TIMEOUT_SECONDS, context=context)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True) if secret.startswith(_PREFIX) else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in _KEY_BYTES:
        raise invalid("secret", f"is {_PREFIX} and 24 to 64 bytes in base64")
    return key


def _delivery(row: RowMapping) -> Delivery:
    attempts = tuple(Attempt(datetime.fromisoformat(at), status, error) for at, status, error in row["attempts"])
    return Delivery(
        id=row["id"],
        webhook_id=row["webhook_id"],
        url=row["url"] or "",
        policy_id=row["policy_id"],
        event_id=row["event_id"],
        event_type=EventType(row["type"]),
        buyer_id=row["buyer_id"],
        state=row["state"],
        attempts=attempts,
    )
