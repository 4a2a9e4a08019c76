"""The measurements still run; what they measure is judged by `make bench`, not by a test."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL: dict[str, dict[str, Any]] = {
    "client": {"rounds": 1, "calls": 2},
    "imports": {"rounds": 1},
    "memory": {"rows": 1001},
}


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tradecredit_bench", ROOT / "tools" / "bench.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_bench_has_a_small_size_here(bench: ModuleType) -> None:
    assert set(bench.names()) == set(SMALL)


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_bench_runs(bench: ModuleType, name: str) -> None:
    results = bench.load(name).run(**SMALL[name])
    assert any("ok" in result for result in results), "nothing is judged"
    for result in results:
        assert result["value"] >= 0
        assert bench.line(result)
