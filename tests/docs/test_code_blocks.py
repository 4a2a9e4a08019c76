"""Every code block of the README and of the documentation is run, page by page, against a live sandbox.

- `python` and `sh` blocks of one page run in order and share variables, environment and folder.
- `<!-- output -->` before a `text` block: that is what the block before prints; `...` stands for anything.
- `<!-- file: NAME -->` before a block: it is written to that file instead of being run.
- `<!-- not run: REASON -->` before a block: it is left alone, for the reason given.
- `json` and `toml` blocks must parse.

The port 8585 of the pages is replaced by that of the test's own sandbox, which is reset before each page. Pages start with
the sandbox's three variables set, as the tutorial leaves them; the README and the tutorial start with none. A page that
says to start the sandbox with `--now` gets one of its own with that clock.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])
FROM_NOTHING = {"README.md", "README.zh-CN.md", "docs/tutorial.md"}
LANGUAGES = {"python", "sh", "text", "json", "toml", "sql", "http", "csv", "ini"}
BLOCK = re.compile(
    r"(?:^ *<!-- *(?P<mark>[^\n]*?) *-->\s*)?^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<code>.*?)^(?P=indent)```",
    re.MULTILINE | re.DOTALL,
)
BINARIES = Path(sys.executable).parent


@dataclass(frozen=True)
class Block:
    """One fenced block; `mark` is the comment right before it."""

    line: int
    language: str
    code: str
    mark: str

    @property
    def reason_not_to_run(self) -> str | None:
        return self.mark.removeprefix("not run:").strip() if self.mark.startswith("not run:") else None

    @property
    def file(self) -> str | None:
        return self.mark.removeprefix("file:").strip() if self.mark.startswith("file:") else None


def blocks(text: str) -> list[Block]:
    return [
        Block(
            line=text.count("\n", 0, found.start("language")) + 1,
            language=found["language"].split(" ")[0].strip(),
            code=textwrap.dedent(found["code"]),
            mark=found["mark"] or "",
        )
        for found in BLOCK.finditer(text)
    ]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@contextlib.contextmanager
def serving(*options: str) -> Iterator[int]:
    """A sandbox in its own process; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(BINARIES / "tradecredit"), "sandbox", "serve", "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                assert process.poll() is None, "the sandbox ended before it answered"
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/sandbox/v1/overview", timeout=5).close()
                    break
                time.sleep(0.1)
            else:
                pytest.fail("the sandbox did not answer within 20 seconds")
            yield port
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture(scope="module")
def sandbox_port() -> Iterator[int]:
    with serving() as port:
        yield port


class Page:
    """Runs the blocks of one page, one after the other, in one folder and one environment."""

    def __init__(self, path: Path, folder: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path, self.folder, self.port, self.monkeypatch = path, folder, port, monkeypatch
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.printed = ""
        (folder / "examples").symlink_to(ROOT / "examples")
        monkeypatch.chdir(folder)
        self.set("PATH", f"{BINARIES}{os.pathsep}{os.environ['PATH']}")
        self.set("COLUMNS", "160")
        if name(path) not in FROM_NOTHING:
            self.set("TRADECREDIT_BASE_URL", f"http://127.0.0.1:{port}/open/v1")
            self.set("TRADECREDIT_API_KEY", "sandbox")
            self.set("TRADECREDIT_POLICY", "DEMO-001")

    def set(self, variable: str, value: str) -> None:
        self.monkeypatch.setenv(variable, value)

    def run(self, block: Block) -> None:
        where = f"{name(self.path)}:{block.line}"
        code = block.code.replace("8585", str(self.port))
        if block.language == "json":
            json.loads(code)
        if block.language == "toml":
            tomllib.loads(code)
        if block.file:
            (self.folder / block.file).write_text(code)
        elif block.mark == "output":
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            good = doctest.OutputChecker().check_output(code, self.printed, flags)
            assert good, f"{where} promises\n{code}\nbut it printed\n{self.printed}"
        elif block.language == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(code, where, "exec"), self.names)
            self.printed = output.getvalue()
        elif block.language == "sh":
            self.shell(code, where)

    def shell(self, code: str, where: str) -> None:
        after = self.folder / ".environment"
        script = f"{code}\nenv -0 >'{after}'\n"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{where} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        self.printed = done.stdout
        left = dict(entry.partition("=")[::2] for entry in after.read_text().split("\0") if entry)
        for variable in {*left, *os.environ}:
            if variable.startswith("TRADECREDIT_"):
                if variable in left:
                    self.set(variable, left[variable])
                else:
                    self.monkeypatch.delenv(variable)

    def close(self) -> None:
        for value in self.names.values():
            if not isinstance(value, type) and callable(getattr(value, "close", None)):
                value.close()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_the_code_of_a_page_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    text = path.read_text()
    runnable = [block for block in blocks(text) if block.reason_not_to_run is None]
    with contextlib.ExitStack() as stack:
        port = 0
        if moved := re.search(r"^tradecredit sandbox serve (--now \S+)$", text, re.MULTILINE):
            port = stack.enter_context(serving(*moved[1].split()))
        elif any(block.language in ("python", "sh") for block in runnable):
            port = request.getfixturevalue("sandbox_port")
            address = f"http://127.0.0.1:{port}/sandbox/v1/reset"
            urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=30).close()
        page = Page(path, tmp_path, port, monkeypatch)
        stack.callback(page.close)
        for block in runnable:
            page.run(block)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_block_is_of_a_known_kind_and_left_out_for_a_reason_only(path: Path) -> None:
    text = path.read_text()
    found = blocks(text)
    assert len(found) * 2 == len(re.findall(r"^ *```", text, re.MULTILINE)), "a fence is not closed"
    for block in found:
        assert block.language in LANGUAGES, f"{name(path)}:{block.line}: {block.language!r} would not be run"
        if block.reason_not_to_run is not None:
            assert len(block.reason_not_to_run) > 15, f"{name(path)}:{block.line}: why is it not run?"
        elif block.mark == "output":
            assert block.language == "text"


def test_a_wrong_block_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "```python\nx = 2\nprint(x)\n```\n\n<!-- output -->\n\n```text\n3\n```\n\n<!-- not run: why -->\n```sh\nfalse\n```\n"
    program, promise, left_out = blocks(text)
    page = Page(ROOT / "README.md", tmp_path, 1, monkeypatch)
    page.run(program)
    assert page.printed == "2\n"
    assert (program.line, promise.mark, left_out.reason_not_to_run) == (1, "output", "why")
    with pytest.raises(AssertionError, match="promises"):
        page.run(promise)
    with pytest.raises(AssertionError, match="ended with 1"):
        page.run(Block(1, "sh", "false", ""))
    with pytest.raises(NameError):
        page.run(Block(1, "python", "print(y)", ""))
    page.run(Block(1, "sh", "export TRADECREDIT_POLICY=P-8585", ""))
    assert os.environ["TRADECREDIT_POLICY"] == "P-1"
