"""Odoo's own tests with the addons and without: what got worse is found, and what was bad before is not held against us."""

from __future__ import annotations

import pytest

from tools.odoo_runtime.comparison import Side, table, worse
from tools.odoo_runtime.logs import Findings

SETUP = "odoo.tests.suite setUpClass (odoo.addons.sale.tests.test_sale.TestSale)"


def side(started: str, broken: str = "", skipped: str = "") -> Findings:
    return Findings(
        started=started.split(),
        broken={name: f"{name} failed" for name in broken.split()},
        skipped=dict.fromkeys(skipped.split(), "no browser"),
        ended=True,
    )


def test_the_same_on_both_sides_is_not_worse() -> None:
    assert worse(side("a b c", broken="b", skipped="c"), side("a b c", broken="b", skipped="c")) == []


def test_a_failure_that_the_addons_mend_is_not_worse() -> None:
    assert worse(side("a b", broken="b"), side("a b")) == []


@pytest.mark.parametrize(
    "with_addons",
    [side("a b", broken="b"), side("a b", skipped="b"), side("a")],
    ids=["fails", "is skipped", "never starts"],
)
def test_a_test_that_no_longer_passes_is_worse(with_addons: Findings) -> None:
    assert worse(side("a b"), with_addons) == ["b"]


def test_a_set_up_that_breaks_is_named_beside_the_tests_it_takes_along() -> None:
    with_addons = side("a")
    with_addons.broken[SETUP] = "ValueError"
    assert worse(side("a b"), with_addons) == sorted(["b", SETUP])


def test_tests_that_only_exist_with_the_addons_are_not_compared() -> None:
    assert worse(side("a"), side("a b")) == []


def test_both_sides_are_shown_beside_each_other() -> None:
    shown = "\n".join(table(Side("without", side("a b c"), 61.4), Side("with", side("a b c", "c", "b"), 62.6)))
    rows = {line.split("  ")[0]: line.split()[-2:] for line in shown.splitlines()}
    assert rows["passed"] == ["3", "1"]
    assert rows["failing"] == ["0", "1"]
    assert rows["skipped"] == ["0", "1"]
    assert rows["seconds"] == ["61", "63"]
