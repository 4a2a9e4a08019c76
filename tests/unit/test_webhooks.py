"""Only what the insurer signed, and only while it is fresh, becomes an event."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tradecredit_sdk import webhooks
from tradecredit_sdk.errors import ConfigError, InvalidInputError, WebhookError
from tradecredit_sdk.models.event import EventType

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
NOW = datetime(2026, 3, 31, 8, 0, tzinfo=timezone.utc)
EVENT = {"id": "evt-000001", "type": "limit.reduced", "occurred_at": "2026-03-31T08:00:00Z", "limit_id": "lim-1"}
BODY = json.dumps(EVENT).encode()


def signed(body: bytes = BODY, *, secret: str = SECRET, event_id: str = "evt-000001", at: datetime = NOW) -> dict:
    return webhooks.sign(body=body, secret=secret, event_id=event_id, at=at)


def check(**changes) -> str:
    return webhooks.verify(**{"body": BODY, "headers": signed(), "secrets": SECRET, "now": NOW, **changes})


def test_a_signed_body_gives_the_event_and_its_id_for_recognising_repeats():
    assert check() == "evt-000001"
    event = webhooks.parse(body=BODY, headers=signed(), secrets=SECRET, now=NOW)
    assert event.type is EventType.LIMIT_REDUCED
    assert (event.id, event.limit_id, event.occurred_at) == ("evt-000001", "lim-1", NOW)


def test_an_unknown_event_type_stays_readable():
    body = json.dumps({**EVENT, "type": "limit.frozen", "share": 0.1}).encode()
    event = webhooks.parse(body=body, headers=signed(body), secrets=SECRET, now=NOW)
    assert event.type == "limit.frozen"
    assert event.model_extra == {"share": Decimal("0.1")}


@pytest.mark.parametrize("seconds", [-301, 301, -86400 * 365, 86400 * 365])
def test_old_and_future_calls_are_refused_alike(seconds):
    with pytest.raises(WebhookError, match="clock"):
        check(headers=signed(at=NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_the_tolerance_is_inside(seconds):
    assert check(headers=signed(at=NOW + timedelta(seconds=seconds))) == "evt-000001"


@pytest.mark.parametrize("tolerance", [0, -1, float("nan"), float("inf"), True, 86_401])
def test_the_time_check_cannot_be_switched_off(tolerance):
    with pytest.raises(InvalidInputError, match="tolerance_seconds"):
        check(tolerance_seconds=tolerance)


def test_several_secrets_and_several_signatures_allow_rotation():
    old, new = signed(), signed(secret=OTHER)
    both = {**old, "webhook-signature": f"{old['webhook-signature']} {new['webhook-signature']}"}
    assert check(headers=both, secrets=[OTHER]) == "evt-000001"
    assert check(headers=old, secrets=(OTHER, SECRET)) == "evt-000001"
    with pytest.raises(WebhookError, match="signature"):
        check(headers=new, secrets=[SECRET])


def test_every_part_is_bound_by_the_signature():
    for changes in (
        {"body": BODY + b" "},
        {"headers": {**signed(), "webhook-id": "evt-000002"}},
        {"headers": {**signed(), "webhook-timestamp": str(int(NOW.timestamp()) + 1)}},
        {"headers": {**signed(), "webhook-signature": "v1,AAAA"}},
        {"headers": {**signed(), "webhook-signature": signed()["webhook-signature"].replace("v1,", "v1a,")}},
        {"headers": {**signed(), "webhook-signature": "v1,\u00e9\ud800"}},
    ):
        with pytest.raises(WebhookError, match="signature"):
            check(**changes)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name):
    headers = signed()
    del headers[name]
    with pytest.raises(WebhookError, match=name):
        check(headers=headers)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "-5"},
        {"webhook-timestamp": "9" * 40},
        {"webhook-timestamp": "\u0661\u0662"},
        {"webhook-id": "evt.1"},
        {"webhook-id": "evt 1"},
        {"webhook-id": "e" * 65},
    ],
)
def test_malformed_headers_are_refused(changes):
    with pytest.raises(WebhookError):
        check(headers={**signed(), **changes})


def test_header_names_are_read_in_any_case():
    assert check(headers={name.title(): value for name, value in signed().items()}) == "evt-000001"


def test_text_is_refused_because_its_signature_is_already_lost():
    with pytest.raises(InvalidInputError, match="bytes"):
        check(body=BODY.decode())
    with pytest.raises(InvalidInputError, match="bytes"):
        webhooks.sign(body="{}", secret=SECRET, event_id="e")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!", "whsec_c2hvcnQ=", "whsec_" + "QUFB" * 30, []])
def test_a_secret_that_anyone_could_guess_is_refused(secret):
    with pytest.raises(ConfigError) as caught:
        check(secrets=secret)
    assert "c2hvcnQ" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not an event"),
        (b'{"id": 7, "type": "x", "occurred_at": "2026-03-31T08:00:00Z"}', "id: "),
        (json.dumps({**EVENT, "id": "evt-000002"}).encode(), "webhook-id"),
        (json.dumps({**EVENT, "occurred_at": "2026-03-31T08:00:00"}).encode(), "time zone"),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(body, why):
    with pytest.raises(WebhookError, match=why):
        webhooks.parse(body=body, headers=signed(body), secrets=SECRET, now=NOW)


def test_a_cut_at_another_dot_does_not_verify():
    """`id.timestamp.body` is one string: the parts must not be movable."""
    with pytest.raises(InvalidInputError, match="dots"):
        signed(event_id="evt.123")


def test_moments_need_a_time_zone():
    with pytest.raises(InvalidInputError, match="time zone"):
        check(now=datetime(2026, 3, 31, 8, 0))
    headers = webhooks.sign(body=BODY, secret=SECRET, event_id="evt-000001")
    assert webhooks.verify(body=BODY, headers=headers, secrets=SECRET) == "evt-000001"


@given(body=st.binary(max_size=200), event_id=st.from_regex(r"\A[A-Za-z0-9_-]{1,64}\Z"))
def test_the_reference_implementation_accepts_ours(body, event_id):
    text = body.decode("utf-8", "ignore").encode()
    headers = webhooks.sign(body=text, secret=SECRET, event_id=event_id)
    with contextlib.suppress(json.JSONDecodeError):  # The signature was accepted; the reference then wants JSON.
        Webhook(SECRET).verify(text, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(text, headers)


@given(body=st.text(max_size=200).filter(lambda text: text.isprintable()))
def test_ours_accepts_the_reference_implementation(body):
    now = datetime.now(timezone.utc)
    signature = Webhook(SECRET).sign("evt-000001", now, body)
    headers = {
        "webhook-id": "evt-000001",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    assert webhooks.verify(body=body.encode(), headers=headers, secrets=SECRET, now=now) == "evt-000001"
    with pytest.raises(WebhookError):
        webhooks.verify(body=body.encode() + b"x", headers=headers, secrets=SECRET, now=now)
