"""Run the unit tests where users are: with the lowest versions that pyproject.toml allows, and on other Pythons.

    python tools/test_versions.py minimum   every requirement at its floor
    python tools/test_versions.py pythons   each other supported Python found on PATH or under pyenv

Each run has a virtual environment of its own under build/venvs. The last line is `N passed, N failed`, in runs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENVS = ROOT / "build" / "venvs"
SUPPORTED = ["3.10", "3.11", "3.12", "3.13"]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
LAST_WITH_FLOORS = (3, 12)
"""pydantic 2.7, our floor, has no build for a later Python."""


def project() -> dict[str, object]:
    """pyproject.toml; read by the copy of tomli inside pip where Python has no reader of its own."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        from pip._vendor import tomli as tomllib
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def floors() -> list[str]:
    """'requests>=2.31' becomes 'requests==2.31', for the core and for every extra."""
    facts = project()
    wanted = [*facts["dependencies"], *(item for extra in facts["optional-dependencies"].values() for item in extra)]
    exact = [re.sub(r">=\s*", "==", re.sub(r"\[.*?\]", "", item)) for item in wanted if ">=" in item]
    return sorted(set(exact))


def works(python: str | Path, version: str) -> bool:
    """A pyenv shim is on PATH even for versions that it will not start, so only starting it tells."""
    ask = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip() == version
    except OSError:
        return False


def find(version: str) -> Path | None:
    """An interpreter of this version, or None."""
    on_path = shutil.which(f"python{version}")
    homes = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return next((Path(item) for item in [on_path, *homes] if item and works(item, version)), None)


def check(label: str, python: Path, constraints: list[str]) -> bool:
    """Make the environment, install, run the unit tests; True when all passed."""
    folder = VENVS / label
    inside = folder / "bin" / "python"
    limits = VENVS / f"{label}.txt"
    VENVS.mkdir(parents=True, exist_ok=True)
    limits.write_text("\n".join(constraints) + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(inside), "install", "--quiet", "--no-input"]
    for command in (
        [str(python), "-m", "venv", "--clear", "--without-pip", str(folder)],
        [*pip, "--constraint", str(limits), "--group", "unit", "--editable", ".[cli,sandbox,postgres]"],
        [str(inside), "-m", "pytest", "tests/unit"],
    ):
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"FAIL  {label}: {' '.join(command[:6])} ...\n{done.stdout}{done.stderr}", flush=True)
            return False
    print(f"ok    {label}: {done.stdout.strip().splitlines()[-1]}", flush=True)
    return True


def minimum() -> list[bool]:
    """One run with every requirement at its floor."""
    for version in [HERE, *reversed(SUPPORTED)]:
        python = find(version) if version != HERE else Path(sys.executable)
        if python and tuple(map(int, version.split("."))) <= LAST_WITH_FLOORS:
            return [check("minimum", python, floors())]
    print("skipped: the floors need Python 3.12 or older, and none was found")
    return []


def pythons() -> list[bool]:
    """One run for each other Python that is here."""
    results = []
    for version in SUPPORTED:
        if version == HERE:
            continue
        if python := find(version):
            results.append(check(f"python{version}", python, []))
        else:
            print(f"skipped: there is no Python {version} here")
    return results


def main(what: list[str]) -> int:
    """0 only when something ran and nothing failed."""
    if what not in (["minimum"], ["pythons"]):
        print(__doc__)
        return 2
    results = minimum() if what == ["minimum"] else pythons()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return int(not results or not all(results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
