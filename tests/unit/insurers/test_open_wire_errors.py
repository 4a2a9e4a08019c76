"""The open contract, exchange by exchange: what is refused by the insurer, and what before anything is sent."""

from __future__ import annotations

import pytest
from open_samples import SENT, request

from tradecredit_sdk.errors import APIError, ConfigError, InvalidInputError, InvalidRequestError, NotFoundError
from tradecredit_sdk.insurers.open import OpenInsurer


def test_a_problem_document_becomes_the_error_with_its_fields(open_insurer, open_wire):
    problem = {
        "type": "about:blank",
        "title": "Unprocessable",
        "status": 422,
        "code": "invalid_request",
        "detail": "The request is not valid.",
        "errors": [{"field": "amount.amount", "message": "must be greater than zero"}, "junk", {"field": 1}],
    }
    open_wire.expect(
        "POST",
        "/policies/DEMO-001/applications",
        problem,
        status=422,
        sent=SENT,
        content_type="application/problem+json",
    )
    with pytest.raises(InvalidRequestError) as caught:
        open_insurer.request_limit(request())
    error = caught.value
    assert (error.code, error.status_code, error.reference, error.insurer) == ("invalid_request", 422, "REQ-42", "open")
    assert [(item.field, item.message) for item in error.fields] == [("amount.amount", "must be greater than zero")]
    assert str(error).startswith("[req-7] ")
    assert "The request is not valid." in str(error)


def test_errors_that_are_no_problem_document_are_errors_too(open_insurer, open_wire):
    for body in ("<html>no</html>", "[]", '{"code": 7, "detail": ["x"], "errors": {"a": 1}}'):
        open_wire.expect("GET", "/buyers/1", status=404, body=body)
        with pytest.raises(NotFoundError):
            open_insurer.get_buyer("1")


@pytest.mark.parametrize("buyer_id", ["", "..", "%2e%2e", "."])
def test_an_id_that_would_change_the_path_is_refused_before_sending(open_insurer, buyer_id):
    with pytest.raises(InvalidInputError):
        open_insurer.get_buyer(buyer_id)


@pytest.mark.parametrize("size", [0, 501, -1])
def test_a_page_size_outside_the_contract_is_refused_before_sending(open_insurer, size):
    with pytest.raises(InvalidInputError, match="page_size must be 1 to 500"):
        open_insurer.list_limits(page_size=size)


def test_every_missing_setting_is_named_at_once(settings):
    from dataclasses import replace

    with pytest.raises(ConfigError) as caught:
        OpenInsurer.from_settings(replace(settings, base_url=None, api_key=None, policy=None))
    assert "TRADECREDIT_BASE_URL, TRADECREDIT_API_KEY, TRADECREDIT_POLICY" in str(caught.value)


def test_a_redirect_is_not_followed(open_insurer, open_wire):
    """A followed redirect would turn a POST into a GET and carry the key elsewhere."""
    open_wire.expect("GET", "/buyers/1", status=302, headers={"Location": "https://elsewhere.example/buyers/1"})
    with pytest.raises(APIError, match=r"redirected to elsewhere\.example"):
        open_insurer.get_buyer("1")
