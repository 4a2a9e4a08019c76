"""Which step is done: only what was finished, from the same things."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.odoo_runtime.steps import Step, ensure


@pytest.fixture
def did() -> list[str]:
    return []


def step(did: list[str], name: str, fingerprint: str = "1") -> Step:
    return Step(name, fingerprint, f"making {name}", lambda: did.append(name))


def test_steps_are_done_in_order_and_once(did: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        ensure([step(did, "second"), step(did, "first")], tmp_path / "done")
    assert did == ["second", "first"]


def test_a_step_made_from_something_else_is_done_again(did: list[str], tmp_path: Path) -> None:
    ensure([step(did, "odoo"), step(did, "cluster")], tmp_path)
    ensure([step(did, "odoo", "2"), step(did, "cluster")], tmp_path)
    assert did == ["odoo", "cluster", "odoo"]
    assert step(did, "odoo", "2").done(tmp_path)
    assert not step(did, "odoo").done(tmp_path)


def test_an_interrupted_step_is_done_again_and_those_after_it_wait(did: list[str], tmp_path: Path) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure([step(did, "a"), Step("b", "1", "making b", interrupted), step(did, "c")], tmp_path)
    ensure([step(did, "a"), step(did, "b"), step(did, "c")], tmp_path)
    assert did == ["a", "b", "c"]


def test_a_step_that_breaks_when_done_again_is_not_taken_for_done(did: list[str], tmp_path: Path) -> None:
    def broken() -> None:
        raise OSError

    ensure([step(did, "a")], tmp_path)
    with pytest.raises(OSError):
        ensure([Step("a", "2", "making a", broken)], tmp_path)
    assert not step(did, "a").done(tmp_path)


def test_it_says_what_it_does_and_how_long_it_took(
    did: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure([step(did, "a")], tmp_path)
    assert capsys.readouterr().out == "making a ...\n  done in 0.0 s\n"
    ensure([step(did, "a")], tmp_path)
    assert capsys.readouterr().out == ""
