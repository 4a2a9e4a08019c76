"""Every error becomes a documented exit code, says what and how to mend it, and gives no secret away."""

from __future__ import annotations

import inspect
import json
import pickle
from typing import Any

import click
import pytest

from tradecredit_sdk import errors
from tradecredit_sdk.cli import app
from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.failure import describe

CODES = {
    errors.ConfigError: 2, errors.InvalidInputError: 4, errors.UnsupportedOperationError: 4, errors.ReferenceConflictError: 4,
    errors.JournalError: 1, errors.NotSentError: 7, errors.NoAnswerError: 7, errors.DeadlineError: 7, errors.TransportError: 7,
    errors.InvalidRequestError: 4, errors.AuthenticationError: 3, errors.PermissionDeniedError: 3, errors.NotFoundError: 4,
    errors.ConflictError: 4, errors.RateLimitError: 5, errors.ServerError: 6, errors.APIError: 1, errors.ResponseFormatError: 6,
    errors.PendingError: 11, errors.WebhookError: 1, errors.TradeCreditError: 1,
}  # fmt: skip


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def boom() -> None:
        raise error

    monkeypatch.setattr(app.LazyGroup, "get_command", lambda *_: boom)


def test_every_error_of_the_library_has_its_code() -> None:
    classes = {
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.TradeCreditError)
    }
    assert set(CODES) == classes


@pytest.mark.parametrize(("kind", "code"), CODES.items(), ids=lambda value: getattr(value, "__name__", str(value)))
def test_an_error_ends_with_its_code_and_says_what_where_and_how_to_mend_it(
    kind: type[errors.TradeCreditError], code: int, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, kind("it went wrong", request_id="req-1", operation="list_limits", insurer="open"))
    done = tradecredit("boom")
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error: [req-1] it went wrong\nwhere: list_limits at open\n")
    if kind not in (errors.TradeCreditError, errors.APIError, errors.WebhookError):
        assert "\nhelp: " in done.err


def test_an_error_is_json_when_data_is(tradecredit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, errors.RateLimitError("too many", retry_after=7.0, fields=(errors.FieldError("a.b", "no"),)))
    for words in (("-o", "json"), ("-ojson",), ("--output", "json"), ("--output=json",)):
        done = tradecredit(*words, "boom")
        facts = json.loads(done.err)
        assert done.code == 5
        assert facts["error"] == "RateLimitError"
        assert facts["exit_code"] == 5
        assert facts["retry_after"] == 7.0
        assert facts["fields"] == [{"field": "a.b", "message": "no"}]
        assert "Wait 7 seconds" in facts["remedy"]


def test_an_unknown_outcome_says_how_to_find_out_before_repeating() -> None:
    said = describe(errors.NoAnswerError("no answer", reference="REQ-1"))
    assert said.code == 7
    assert "limit reconcile" in said.remedy
    assert "--reference REQ-1" in said.remedy


def test_a_mistake_of_ours_is_one_line_without_its_text(tradecredit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, KeyError("s3cret-value"))
    done = tradecredit("boom")
    assert done.code == 1
    assert "unexpected KeyError" in done.err
    assert "TRADECREDIT_DEBUG=1" in done.err
    assert "s3cret-value" not in done.err
    assert "Traceback" not in done.err
    monkeypatch.setenv("TRADECREDIT_DEBUG", "1")
    assert "Traceback" in tradecredit("boom").err


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (click.Abort(), 130), (OSError(28, "No space left on device", "x.csv"), 1)],
)
def test_interruptions_and_full_disks_are_quiet(
    error: BaseException, code: int, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, error)
    done = tradecredit("boom")
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err
    if code == 1:
        assert "No space left on device: x.csv" in done.err


@pytest.mark.parametrize(("module", "extra"), [("rich", "cli"), ("sqlalchemy.engine", "cli"), ("uvicorn", "sandbox")])
def test_a_missing_extra_says_in_one_line_how_to_install_it(
    module: str, extra: str, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, ModuleNotFoundError(f"No module named {module!r}", name=module))
    done = tradecredit("boom")
    assert done.code == 1
    (line,) = done.err.splitlines()
    assert f"pip install 'tradecredit-sdk[{extra}]'" in line


def test_usage_is_code_two_with_the_way_to_help(tradecredit: Any) -> None:
    for words in (
        ["nonsense"],
        ["--nonsense"],
        ["limit", "nonsense"],
        ["limit", "request"],
        ["-o", "xml", "limit", "list"],
        ["limit"],
    ):
        done = tradecredit(*words)
        assert (done.code, done.out) == (2, ""), words
        assert "Usage: tradecredit" in done.err
    facts = json.loads(tradecredit("-o", "json", "limit", "request").err)
    assert facts["exit_code"] == 2
    assert "--buyer" in facts["message"]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["limt", "list"], "limit"),
        (["check-order"], "check-orders"),
        (["limit", "lst"], "list"),
        (["overdue", "declair", "--buyer", "1"], "declare"),
        (["nonsense"], None),
        (["limit", "nonsense"], None),
    ],
)
def test_a_mistyped_command_is_guessed(words: list[str], meant: str | None, tradecredit: Any) -> None:
    done = tradecredit(*words)
    assert (done.code, done.out) == (2, "")
    assert "No such command" in done.err
    assert (f"Did you mean '{meant}'?" in done.err) == (meant is not None)
    facts = json.loads(tradecredit("-o", "json", *words).err)
    assert ("Did you mean" in facts["message"]) == (meant is not None)


def test_the_codes_are_the_documented_ones() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0, "OTHER": 1, "USAGE": 2, "AUTHENTICATION": 3, "REFUSED": 4, "RATE_LIMIT": 5, "SERVER": 6, "NETWORK": 7,
        "BLOCKED": 10, "PENDING": 11, "PAST_DUE": 12, "INTERRUPTED": 130,
    }  # fmt: skip
    for code in ExitCode:
        assert f"{int(code)} " in " ".join(app.EPILOG.split()), code


def test_errors_that_crossed_a_process_are_described_all_the_same() -> None:
    error = pickle.loads(pickle.dumps(errors.NotFoundError("gone", request_id="req-9")))
    assert describe(error).code == 4
