"""A folder to write CSV files into."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledger_lines import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
