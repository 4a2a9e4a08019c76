"""What every test starts from: no settings of ours in the environment, and a home of its own."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

import hypothesis
import pytest

# A property holds or not; how long an example takes says more about what else the machine does.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")

# What several folders of tests share lies beside this file: postgres_cluster, fake_insurer.
sys.path.insert(0, str(Path(__file__).parent))
pytest_plugins = ["postgres_cluster"]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in os.environ:
        if name.startswith("TRADECREDIT_"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / "homes" / uuid.uuid4().hex
    home.mkdir(parents=True)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    # A machine's proxy must not stand between the tests and their loopback servers.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
