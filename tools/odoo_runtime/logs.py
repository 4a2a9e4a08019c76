"""What the log of an Odoo test run says: which tests ran, and everything that should not be there.

As in the checks of the Odoo community, a WARNING is a failure. So is a skipped test: this runtime has all that a test
may need, so one that skips found something broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

HEAD = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \d+ (?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>[^\s:]+): (?P<text>.*)"
)
STARTED = re.compile(r"Starting (\S+) \.\.\.")
SKIPPED = re.compile(r"skipped (\S+) : (.*)", re.DOTALL)
BROKEN = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?(\w+\.\w+|.*)")
TOTAL = re.compile(r"\d+ failed, \d+ error\(s\) of \d+ tests when loading database")
BAD = {"WARNING", "ERROR", "CRITICAL"}


@dataclass(frozen=True)
class Record:
    """One record of the log, with the lines that go on with it."""

    level: str
    logger: str
    text: str

    @property
    def summary(self) -> str:
        """Its first line."""
        return f"{self.level} {self.logger}: {self.text.splitlines()[0] if self.text else ''}"


@dataclass
class Findings:
    """What a run did: names of tests are `logger Class.method`."""

    started: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    noise: list[Record] = field(default_factory=list)
    ended: bool = False

    @property
    def good(self) -> list[str]:
        """Tests that ran to their end and found nothing."""
        return [name for name in self.started if name not in self.broken and name not in self.skipped]

    @property
    def passed(self) -> int:
        """How many these are."""
        return len(self.good)

    @property
    def failed(self) -> int:
        """Broken and skipped tests, and every record that should not be there; at least one without a test or an end."""
        found = len(self.broken) + len(self.skipped) + len(self.noise)
        return found or int(not self.ended or not self.started)

    def complaints(self) -> list[str]:
        """A line, or a few, for each thing that counts as failed."""
        lines = list(self.broken.values())
        lines += [f"{name} was skipped: {reason}" for name, reason in self.skipped.items()]
        lines += [f"{record.level} {record.logger}: {record.text}" for record in self.noise]
        if not self.ended:
            lines.append("Odoo did not reach the end of its tests.")
        elif not self.started:
            lines.append("No test ran.")
        return lines


def records(lines: Iterable[str]) -> Iterator[Record]:
    """Cut a log into records. What stands before the first one was not logged, and is left out."""
    head: re.Match[str] | None = None
    rest: list[str] = []
    for line in lines:
        found = HEAD.fullmatch(line.rstrip("\n"))
        if found is None:
            rest.append(line.rstrip("\n"))
            continue
        if head:
            yield _record(head, rest)
        head, rest = found, []
    if head:
        yield _record(head, rest)


def _record(head: re.Match[str], rest: list[str]) -> Record:
    # Odoo ends its lines with a place for measurements, mostly an empty one.
    return Record(head["level"], head["logger"], "\n".join([head["text"], *rest]).rstrip())


def read(lines: Iterable[str]) -> Findings:
    """Read the log of one run."""
    findings = Findings()
    for record in records(lines):
        if TOTAL.match(record.text) and record.logger == "odoo.tests.result":
            findings.ended = True
        elif started := STARTED.fullmatch(record.text):
            findings.started.append(f"{record.logger} {started[1]}")
        elif skipped := SKIPPED.fullmatch(record.text):
            findings.skipped[f"{record.logger} {skipped[1]}"] = skipped[2]
        elif record.level == "ERROR" and (broken := BROKEN.match(record.text)):
            _add(findings, f"{record.logger} {broken[1]}", record.text)
        elif record.level in BAD:
            findings.noise.append(record)
    return findings


def _add(findings: Findings, name: str, text: str) -> None:
    """A test with several broken subtests is one broken test, with all their words."""
    findings.broken[name] = "\n".join(filter(None, [findings.broken.get(name), f"{name}\n{text}"]))
