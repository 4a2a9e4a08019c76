"""The doctor: what is wrong with the settings, said once, of what is to blame, with a remedy that leads on."""

from __future__ import annotations

import contextlib
import os
import pwd
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest


def failed(done: Any) -> dict[str, str]:
    (row,) = [row for row in done.json if row["status"] == "fail"]
    assert isinstance(row, dict)
    return row


def test_the_doctor_is_content(insurer: Any, tradecredit: Any) -> None:
    done = tradecredit("doctor", "-o", "json")
    assert done.code == 0
    assert {row["check"]: row["status"] for row in done.json} == {
        "configured": "ok", "reachable": "ok", "authorised": "ok", "policy": "ok", "clock": "ok", "journal": "ok", "outcomes": "ok",
    }  # fmt: skip
    assert "90 % insured" in tradecredit("doctor").out


@pytest.mark.parametrize(
    ("setting", "value", "check", "code"),
    [
        ("TRADECREDIT_API_KEY", "wrong-key-42", "authorised", 3),
        ("TRADECREDIT_BASE_URL", "http://127.0.0.1:9/open/v1", "reachable", 7),
        ("TRADECREDIT_POLICY", "DEMO-999", "policy", 4),
        ("TRADECREDIT_INSURER", "nobody", "configured", 2),
        ("TRADECREDIT_BASE_URL", "http://insurer.example/open/v1", "configured", 2),
    ],
)
def test_the_doctor_says_what_is_wrong_and_what_to_do(
    setting: str, value: str, check: str, code: int, insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, value)
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    done = tradecredit("doctor", "-o", "json")
    assert done.code == code
    wrong = [row for row in done.json if row["status"] == "fail"]
    assert [row["check"] for row in wrong] == [check]
    assert wrong[0]["remedy"]
    assert "wrong-key-42" not in done.out + done.err
    assert wrong[0]["remedy"].split()[0] in tradecredit("doctor").out
    assert "tradecredit doctor" not in done.out, "the doctor does not send to the doctor"


@contextlib.contextmanager
def as_anybody() -> Iterator[None]:
    """Root may write everywhere, so it is nobody for a moment."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_the_doctor_sees_a_folder_it_may_not_write(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own may not even be entered by nobody
        Path(folder).chmod(0o755)
        monkeypatch.setenv("XDG_CONFIG_HOME", folder)
        monkeypatch.setenv("TRADECREDIT_JOURNAL", f"{folder}/journal.sqlite")
        before = tradecredit("doctor", "-o", "json")
        Path(folder, "journal.sqlite").unlink()
        Path(folder).chmod(0o555)
        with as_anybody():
            after = tradecredit("doctor", "-o", "json")
        assert list(Path(folder).iterdir()) == []
    assert (before.code, after.code) == (0, 1), before.out + after.out
    assert [row["check"] for row in after.json if row["status"] == "fail"] == ["journal"]


def test_the_doctor_sees_a_journal_that_cannot_be_and_one_that_is_off(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert {"check": "journal", "status": "warn"}.items() <= tradecredit("doctor", "--no-journal", "-o", "json").json[
        -1
    ].items()
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TRADECREDIT_JOURNAL", str(tmp_path / "file" / "journal.sqlite"))
    done = tradecredit("doctor", "-o", "json")
    assert done.code == 1
    assert [row["check"] for row in done.json if row["status"] == "fail"] == ["journal"]


def test_the_doctor_sees_unknown_outcomes(insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tradecredit_sdk.cli import doctor

    monkeypatch.setattr(doctor.Run, "open_journal", lambda run: Doubtful())
    (line,) = [row for row in tradecredit("doctor", "-o", "json").json if row["check"] == "outcomes"]
    assert line["status"] == "warn"
    assert "limit reconcile" in line["remedy"]


class Doubtful:
    """A journal with three outcomes unknown."""

    url = "sqlite:///doubtful"

    def open(self) -> None:
        """Nothing to do."""

    def entries(self, **_: Any) -> list[int]:
        return [1, 2, 3]


def test_the_doctor_at_allianz_trade_asks_for_the_terms(
    allianz: Any, tradecredit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = tradecredit("doctor", "-o", "json")
    assert done.code == 0, done.out
    rows = {row["check"]: row for row in done.json}
    assert (rows["authorised"]["status"], rows["policy"]["status"]) == ("ok", "warn")
    assert "terms" in rows["policy"]["remedy"]
    profile = tmp_path / "config.toml"
    profile.write_text('[profiles.default.terms]\ncurrency = "SEK"\nmax_payment_terms_days = 45\n')
    monkeypatch.setenv("TRADECREDIT_CONFIG", str(profile))
    assert "45 days" in tradecredit("doctor").out
    assert tradecredit("policy", "show", "-o", "json").json["currency"] == "SEK"


@pytest.mark.parametrize("face", ["open", "allianz-trade"])
def test_a_wrong_policy_is_not_blamed_on_the_connection(
    face: str, insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_INSURER", face)
    monkeypatch.setenv("TRADECREDIT_BASE_URL", insurer.base_url_open if face == "open" else insurer.base_url_allianz)
    monkeypatch.setenv("TRADECREDIT_POLICY", "DEMO-999")
    done = tradecredit("doctor", "-o", "json")
    assert done.code == 4
    assert [row["check"] for row in done.json if row["status"] == "ok"][:3] == ["configured", "reachable", "authorised"]
    row = failed(done)
    assert row["check"] == "policy"
    assert "DEMO-999" in row["message"]
    assert "environment TRADECREDIT_POLICY" in row["remedy"]
    assert ("the key may see: DEMO-001" in row["remedy"]) == (face == "open")


@pytest.mark.parametrize("face", ["open", "allianz-trade"])
@pytest.mark.parametrize("path", ["", "/", "/nowhere"])
def test_an_address_without_the_interface_is_named_as_that(
    path: str, face: str, insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_INSURER", face)
    monkeypatch.setenv("TRADECREDIT_BASE_URL", insurer.url + path)
    row = failed(tradecredit("doctor", "-o", "json"))
    assert row["check"] == "address"
    assert "environment TRADECREDIT_BASE_URL" in row["remedy"]
    assert (f"begins at {insurer.base_url_open}" in row["remedy"]) == (face == "open")


def test_another_site_at_the_address_is_named_as_that(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    insurer.faults(rate=1, kinds=["garbage"], paths=["/open/v1"])
    row = failed(tradecredit("doctor", "-o", "json"))
    assert row["check"] == "address"
    assert "TRADECREDIT_BASE_URL" in row["remedy"]


def test_settings_that_cannot_be_read_are_told_once(tradecredit: Any) -> None:
    done = tradecredit("--profile", "nosuch", "doctor", "-o", "json")
    assert done.code == 2
    (row,) = done.json
    assert (row["status"], row["check"]) == ("fail", "configured")
    assert "nosuch" in row["message"]


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"BASE_URL": "{open}"}, "open at {open}, policy"),
        (
            {"INSURER": "allianz-trade", "BASE_URL": "{allianz}"},
            "allianz-trade (paths of production) at {allianz}, policy",
        ),
        (
            {"INSURER": "allianz-trade", "BASE_URL": "{allianz}", "ENVIRONMENT": "uat"},
            "allianz-trade (paths of uat) at",
        ),
    ],
)
def test_the_environment_is_named_where_there_are_several(
    settings: dict[str, str], shown: str, insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = {"open": insurer.base_url_open, "allianz": insurer.base_url_allianz}
    for name, value in settings.items():
        monkeypatch.setenv(f"TRADECREDIT_{name}", value.format_map(urls))
    done = tradecredit("doctor", "-o", "json")
    assert done.code == 0, done.out
    assert done.json[0]["message"].startswith(shown.format_map(urls))


def test_the_public_environment_is_named_plainly() -> None:
    from tradecredit_sdk.cli import doctor
    from tradecredit_sdk.config import Settings

    assert doctor._environment(Settings.load(insurer="allianz-trade", environment="uat")) == " (uat)"
    assert doctor._environment(Settings.load(insurer="open", base_url="https://insurer.example")) == ""


@pytest.mark.parametrize("seconds", [-3600, 90, 0])
@pytest.mark.parametrize("face", ["open", "allianz-trade"])
def test_clocks_are_compared_at_every_insurer_that_tells_the_time(
    face: str, seconds: int, insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradecredit_sdk.client import TradeCreditClient

    monkeypatch.setenv("TRADECREDIT_INSURER", face)
    monkeypatch.setenv("TRADECREDIT_BASE_URL", insurer.base_url_open if face == "open" else insurer.base_url_allianz)
    real = TradeCreditClient.probe

    def probe(client: TradeCreditClient) -> datetime | None:
        told = real(client)
        assert told is not None
        return told + timedelta(seconds=seconds)

    monkeypatch.setattr(TradeCreditClient, "probe", probe)
    done = tradecredit("doctor", "-o", "json")
    assert done.code == 0
    (row,) = [row for row in done.json if row["check"] == "clock"]
    assert row["status"] == ("warn" if seconds else "ok")
    if seconds:
        assert ("ahead of" if seconds < 0 else "behind") in row["message"]
        assert "NTP" in row["remedy"]


def test_an_insurer_that_does_not_tell_the_time_is_not_compared_with(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradecredit_sdk.client import TradeCreditClient

    monkeypatch.setattr(TradeCreditClient, "probe", lambda client: None)
    assert "clock" not in [row["check"] for row in tradecredit("doctor", "-o", "json").json]
