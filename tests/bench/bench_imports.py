"""What starting costs: importing the package, and the command's help, in fresh processes that take turns.

Processor time of the process is compared, not the clock on the wall, so a busy machine changes little.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

CLICK_ONLY = """
import click


@click.group()
@click.version_option("1.0")
def main():
    '''A program that does nothing.'''


@main.command()
@click.option("--name", help="Whom to greet.")
def greet(name):
    '''Greet somebody.'''
    click.echo(name)


if __name__ == "__main__":
    main()
"""

SMALL = {"rounds": 1}
"""Sizes of a trial run."""


def run(rounds: int = 31) -> list[dict[str, object]]:
    """Medians over `rounds` fresh processes of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "program.py")
        program.write_text(CLICK_ONLY)
        commands = {
            "libraries": [sys.executable, "-c", "import requests, pydantic, tenacity"],
            "package": [sys.executable, "-c", "import tradecredit_sdk"],
            "client": [sys.executable, "-c", "from tradecredit_sdk import TradeCreditClient"],
            "click": [sys.executable, str(program), "--help"],
            "help": [str(Path(sys.executable).with_name("tradecredit")), "--help"],
        }
        for command in commands.values():
            _processor_ms(command)  # writes the bytecode
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                taken[name].append(_processor_ms(command))

    middle = {name: statistics.median(values) for name, values in taken.items()}
    return [
        {"name": "import requests, pydantic, tenacity", "value": round(middle["libraries"], 1), "unit": "ms"},
        {"name": "from tradecredit_sdk import TradeCreditClient", "value": round(middle["client"], 1), "unit": "ms"},
        _ratio("import tradecredit_sdk / the three libraries", middle["package"] / middle["libraries"], 1.05),
        _ratio("tradecredit --help / a click-only program", middle["help"] / middle["click"], 1.5),
    ]


def _ratio(name: str, value: float, most: float) -> dict[str, object]:
    return {"name": name, "value": round(value, 3), "unit": "x", "limit": f"<= {most}", "ok": value <= most}


def _processor_ms(command: list[str]) -> float:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000
