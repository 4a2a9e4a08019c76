"""The demo: the whole loop, the same every time, and the story its data tells."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tradecredit_sdk.cli.demo"]

# What examples/data/README.md says of each customer, as the demo must show it.
STORY = {
    "Grünhagen": "exceeds the available",
    "Süderlohe": "Payment terms of 60 days exceed the 30 days",
    "Wieskamm": "exceeds the available",
    "Isarwiek": "grants no cover",
    "Gletscherau": "grants no cover",
    "Sandbox Handprüfung": "has not decided yet",
    "Lindebrugge": "has withdrawn",
    "Isälven": "has withdrawn",
    "Rævdal": "grants no cover",
    "Cerámicas Espigalba": "withdraws the permanent limit",
    "雪柳川": "withdraws the permanent limit",
    "Alborada Sur": "maximum extension period",
    "Altavena": "maximum extension period",
    "Granite Hollow": "maximum extension period",
    "Meccanica Dolceriva": "expired on",
    "Sierrabaja": "exchange rate from MXN",
    "Molenwaard": "discretionary limit",
    "Aldeiamar": "exceed the 90 days allowed by policy",
    "Kaufhaus Adlerstein": "not identified",
    "Al Waha": "does not cover buyers in AE",
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    page = tmp_path_factory.mktemp("demo") / "new" / "page.html"
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "400"}
    done = subprocess.run(
        [*COMMAND, "--report", str(page)], capture_output=True, text=True, encoding="utf-8", env=environment, timeout=120, check=False,
        cwd=ROOT,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, page


def rows(shown: str) -> list[list[str]]:
    """The table of verdicts: each order with the lines that were folded put together again."""
    found: list[list[str]] = []
    for line in shown.splitlines():
        if re.match(r" *SO-26\d\d\d", line):
            found.append([line])
        elif found and line.startswith("  ") and line.strip() and "allowed" not in line:
            found[-1].append(line)
    return found


def test_every_step_is_told_and_the_page_is_there(shown: tuple[str, Path]) -> None:
    out, page = shown
    assert [int(number) for number in re.findall(r"^(\d)  ", out, re.M)] == list(range(1, 10))
    assert "83 open items and 66 orders of 48 customers" in out
    assert "46 customers are 45 legal buyers" in out
    assert page.name in out.replace("\n", "")
    assert "make sandbox" in out
    text = page.read_text(encoding="utf-8")
    assert "Credit check on 31 March 2026" in text
    assert len(re.findall(r">ovd-\d{6}<", text)) == 4
    assert "<script" not in text


def test_it_ends_the_same_every_time(shown: tuple[str, Path]) -> None:
    out, _ = shown
    counts = re.search(r"(\d+) allowed .*?(\d+) warning .*?(\d+) blocked", out)
    assert counts is not None
    assert counts.groups() == ("37", "4", "25")
    assert re.findall(r"(\d+) (approved|partly approved|refused|referred)\n", out) == [
        ("30", "approved"), ("9", "partly approved"), ("3", "refused"), ("1", "referred"),
    ]  # fmt: skip
    for what, who in (
        ("reduced", "Wieskamm"),
        ("withdrawal announced", "Espigalba"),
        ("withdrawn", "Isälven"),
        ("expired", "Meccanica"),
    ):
        assert re.search(rf"^ +{what}: .*{who}", out, re.M), what
    assert re.findall(r"^ +declared  (\S+)", out, re.M) == ["Rævdal", "Alborada", "Altavena", "Granite"]
    assert re.search(r"^ +too late  Wierzbnik", out, re.M)


def test_the_clock_runs_cover_stops_an_order_is_blocked_and_payment_brings_it_back(shown: tuple[str, Path]) -> None:
    out, page = " ".join(shown[0].split()), shown[1].read_text(encoding="utf-8")
    story = [
        "Hallakoski Sähkö Ab owes 74,200.00 EUR (R-2601042), due on 2026-04-13",
        "2026-03-31 ✓ R-2601042 is not due yet; order SO-26135 is allowed",
        "2026-04-14 ✓ overdue; cover stops after 2026-06-12",
        "2026-05-28 ✓ declared, 15 days before cover stops: Limit confirmed",
        "2026-06-13 ✗ the insurer tells cover.stopped; order SO-26135 is blocked",
        "SO-26135: ✗ blocked",
        "The insurer has stopped cover",
        "2026-06-24 ✓ paid: Settled; the file is closed. Cover is reinstated as if it had never stopped",
        "The insurer tells cover.reinstated; order SO-26135 is allowed",
        "SO-26135: ✓ allowed",
    ]
    places = [out.find(words) for words in story]
    assert -1 not in places, [words for words, place in zip(story, places, strict=True) if place < 0]
    assert places == sorted(places)
    section = page.partition("The clock of one overdue")[2].partition("</section>")[0]
    assert [int(number) for number in re.findall(r"<b [^>]*>(\d)</b>", section)] == [1, 2, 3, 4, 5]
    assert section.count("✓ insured") == 4
    assert section.count("✗ not insured") == 1
    assert all(f'class="{kind}"' in section for kind in ("insured", "late", "stopped"))


@pytest.mark.parametrize(("customer", "why"), STORY.items())
def test_the_data_tell_the_story_their_readme_promises(customer: str, why: str, shown: tuple[str, Path]) -> None:
    found = [" ".join(" ".join(lines).split()) for lines in rows(shown[0])]
    assert any(customer in text and why in text for text in found), [text for text in found if customer in text]


def test_the_files_are_what_their_script_writes(tmp_path: Path) -> None:
    for name in ("ledger.csv", "orders.csv"):
        (tmp_path / name).write_bytes((ROOT / "examples" / "data" / name).read_bytes())
    program = (
        "import sys, pathlib\nsys.path.insert(0, 'tools')\nimport make_example_data as made\n"
        f"made.TARGET = pathlib.Path({str(tmp_path)!r})\nmade.main()"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for name in ("ledger.csv", "orders.csv"):
        assert (tmp_path / name).read_bytes() == (ROOT / "examples" / "data" / name).read_bytes()


def test_interrupted_it_leaves_nothing_running(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--report", str(tmp_path / "page.html")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "customers are read" in line:
                break
        demo.send_signal(signal.SIGINT)
        _, err = demo.communicate(timeout=30)
    assert demo.returncode == 130
    assert "Traceback" not in err
    assert not (tmp_path / "page.html").exists()


def test_without_its_files_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, "--data", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 4
    assert "orders.csv" in done.stderr
    assert "Traceback" not in done.stderr
