"""The command line: python -m tools.odoo_runtime COMMAND, from the root of the repository."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import (
    bench,
    cluster,
    comparison,
    databases,
    interpreter,
    lint,
    manifests,
    package,
    program,
    server,
    suite,
    translations,
)
from .locks import alone
from .places import ADDONS, BUILD, CACHE, ROOT
from .steps import OdooRuntimeError, ensure

SECONDS = 3000.0
PROGRAMS = {"test": ("chromium",), "suites": ("chromium", "wkhtmltopdf"), "serve": ("wkhtmltopdf",)}
"""Besides PostgreSQL: a browser for the tours; Odoo's PDFs, without which no customer can sign in the portal."""


def prepare(*programs: str) -> None:
    """Everything that is made once."""
    database = "postgresql" if cluster.is_ours() else "postgresql-client"
    if subprocess.run(["sh", str(ROOT / "tools" / "need.sh"), database, *programs], check=False).returncode:
        raise OdooRuntimeError("Odoo cannot run without them.")
    package.odoo_home()
    with alone(CACHE / "locks" / "making", "waiting for another run that prepares Odoo"):
        ensure([*package.steps(), *cluster.steps()], CACHE / "done")
        ensure(interpreter.steps(), BUILD / "done")


def arguments(words: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.odoo_runtime", description="A real Odoo 19 for the addons.")
    parser.add_argument(
        "--addons",
        type=Path,
        default=Path(os.environ.get("ADDONS") or ADDONS),
        metavar="FOLDER",
        help="the folder with the addons (default: ADDONS, or plugins/odoo_module)",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="make all that is made once, and the template database of the tests")
    serve = commands.add_parser("serve", help="Odoo and the sandbox insurer in the background")
    serve.add_argument("--fresh", action="store_true", help="throw the old database away")
    commands.add_parser("stop", help="stop what serve started")
    test = commands.add_parser("test", help="run the Odoo tests of the addons; last line `N passed, N failed`")
    test.add_argument("addon", nargs="*", help="only these addons")
    test.add_argument("--tags", help="what --test-tags of Odoo takes, instead of all tests of the addons")
    test.add_argument("--database", help="use and keep this database, made from the template when it is not there")
    test.add_argument("--seconds", type=float, default=SECONDS, help="when to give up (default: %(default).0f)")
    commands.add_parser("lint", help="the checks of the Odoo community; last line `N passed, N failed`")
    commands.add_parser("readme", help="make README.rst and index.html of the addons from their fragments")
    texts = commands.add_parser("translations", help="bring the templates and files of translations up to date")
    texts.add_argument("--database", help="use and keep this database, made from the template when it is not there")
    own = commands.add_parser("suites", help="Odoo's own tests of account and sale, without the addons and with them")
    own.add_argument(
        "--seconds", type=float, default=comparison.SECONDS, help="when to give up a side (default: %(default).0f)"
    )
    commands.add_parser("bench", help="time the confirmation of an order, with and without the addons")
    commands.add_parser("odoo", help="run Odoo's own command line with all that follows: odoo shell -d NAME")
    new = commands.add_parser("new-database", help="a copy of the template of the tests, without the addons")
    new.add_argument("name")
    old = commands.add_parser("drop-database", help="drop it with its files")
    old.add_argument("name")
    ours = words.index("odoo") + 1 if "odoo" in words else len(words)
    return parser.parse_args(words[:ours], argparse.Namespace(words=words[ours:]))


def test(asked: argparse.Namespace, addons: manifests.Addons) -> int:
    """Run the tests."""
    names = addons.choose(asked.addon)
    return 0 if suite.run_all(addons, names, asked.tags, asked.database, asked.seconds) else 1


def act(asked: argparse.Namespace) -> int:
    """Do what was asked for; the exit code."""
    if asked.command == "stop":
        server.stop()
        return 0
    if asked.command == "odoo":
        prepare()
        with cluster.in_use():
            return program.call(asked.addons.resolve(), *asked.words)
    addons = manifests.read(asked.addons)
    if asked.command == "lint":
        return 0 if lint.check(addons) else 1
    if asked.command == "readme":
        return 0 if lint.write_readmes(addons) else 1
    prepare(*PROGRAMS.get(asked.command, ()))
    if asked.command == "serve":
        server.serve(addons, fresh=asked.fresh)
        return 0
    with cluster.in_use():
        if asked.command == "test":
            return test(asked, addons)
        if asked.command == "translations":
            translations.update(addons, asked.database)
            return 0
        if asked.command == "bench":
            return 0 if bench.run_bench(asked.addons.resolve()) else 1
        if asked.command == "suites":
            return 0 if comparison.compare(addons, asked.seconds) else 1
        if asked.command == "drop-database":
            databases.drop(asked.name)
            return 0
        template = suite.template_of(addons).ensure()
        if asked.command == "new-database":
            databases.copy(template, asked.name)
    return 0


def main(words: list[str]) -> int:
    """Say what goes wrong in one message."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return act(arguments(words))
    except OdooRuntimeError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
