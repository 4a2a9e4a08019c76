"""What a user downloads: the wheel and the source archive, built, looked into, and installed where nothing else is."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = {"click", "pydantic", "python-stdnum", "requests", "tenacity"}
EXTRAS = {"cli", "journal", "postgres", "sandbox"}


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Not from the project's folder: there, `import tradecredit_sdk` would find the sources instead of the wheel.
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one wheel, made from the source archive beside it."""
    folder = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (only,) = built.glob("*.whl")
    return only


@pytest.fixture(scope="session")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel and what it asks for, no extra; answers its bin folder."""
    folder = tmp_path_factory.mktemp("clean")
    made = run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    assert made.returncode == 0, made.stderr
    binaries = folder / "venv" / "bin"
    pip = (sys.executable, "-m", "pip", "--python", binaries / "python")
    installed = run(*pip, "install", "--no-input", "--quiet", wheel, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    checked = run(*pip, "check", cwd=folder)
    assert checked.returncode == 0, checked.stdout
    return binaries


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    tracked = run("git", "ls-files", "tradecredit_sdk", cwd=ROOT)
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in held} == {"tradecredit_sdk"}
    assert "tradecredit_sdk/py.typed" in held
    assert not [name for name in held if name.endswith((".pyc", ".sqlite"))]
    if tracked.returncode == 0 and tracked.stdout:
        present = {name for name in tracked.stdout.splitlines() if (ROOT / name).exists()}
        assert present - held == set(), "these files would be missing after installation"


def test_the_wheel_asks_for_little_and_names_its_licence(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (path,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    facts = Parser().parsestr(archive.read(path).decode())
    asked = {
        line.split(";")[0].split(">")[0].split("[")[0]
        for line in facts.get_all("Requires-Dist", [])
        if "extra ==" not in line
    }
    assert {name.strip() for name in asked} == CORE
    assert set(facts.get_all("Provides-Extra", [])) == EXTRAS
    assert facts["License-Expression"] == "Apache-2.0"
    assert facts["Requires-Python"] == ">=3.10"
    assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


def test_the_source_archive_can_be_built_and_brings_its_papers(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        held = {name.split("/", 1)[1] for name in opened.getnames() if "/" in name}
    assert {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "tradecredit_sdk/py.typed"} <= held
    assert not [name for name in held if name.split("/")[0] in {"tests", "plugins", "tools", ".venv", "docs"}]


def test_it_works_with_the_core_requirements_alone(clean: Path, tmp_path: Path) -> None:
    program = """
import importlib, pkgutil, tradecredit_sdk
for name in tradecredit_sdk.__all__:
    if tradecredit_sdk._MODULES.get(name) != "tradecredit_sdk.journal":  # an extra
        getattr(tradecredit_sdk, name)
for room in ("models", "rules", "insurers", "_http"):
    package = importlib.import_module("tradecredit_sdk." + room)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
with tradecredit_sdk.TradeCreditClient(insurer="open", base_url="http://127.0.0.1:9/open/v1", api_key="k", policy="P"):
    pass
print(tradecredit_sdk.__version__)
"""
    done = run(clean / "python", "-c", program, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_command_says_how_to_install_what_it_misses(clean: Path, tmp_path: Path) -> None:
    helped = run(clean / "tradecredit", "--help", cwd=tmp_path)
    assert helped.returncode == 0, helped.stderr
    assert "limit" in helped.stdout
    for command, extra in ((["limit", "list"], "cli"), (["sandbox", "serve"], "sandbox")):
        done = run(clean / "tradecredit", *command, cwd=tmp_path)
        assert done.returncode == 1, (command, done.stderr)
        assert done.stdout == ""
        (line,) = done.stderr.strip().splitlines()
        assert "pip install" in line
        assert f"[{extra}" in line or f",{extra}]" in line


def test_the_journal_says_how_to_install_what_it_misses(clean: Path, tmp_path: Path) -> None:
    done = run(clean / "python", "-c", "from tradecredit_sdk import Journal; Journal('sqlite://')", cwd=tmp_path)
    assert done.returncode == 1
    assert "pip install 'tradecredit-sdk[journal]'" in done.stderr.strip().splitlines()[-1]
