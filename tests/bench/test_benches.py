"""The measurements still run; what they measure is judged by `make bench`, not by a test."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tradecredit_bench", ROOT / "tools" / "bench.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=[path.stem for path in sorted(Path(__file__).parent.glob("bench_*.py"))])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param).removeprefix("bench_")


def test_a_bench_runs(bench: ModuleType, name: str) -> None:
    module: Any = bench.load(name)
    results = module.run(**module.SMALL)
    assert any("ok" in result for result in results), "nothing is judged"
    for result in results:
        assert result["value"] >= 0
        assert bench.line(result)
