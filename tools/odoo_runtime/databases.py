"""Databases and their files: templates that are made once, and copies of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import package, program
from .cluster import is_ours, sql
from .commands import run
from .locks import alone
from .manifests import with_all_they_need
from .places import CACHE, short_hash
from .steps import timed

PREFIX = "tradecredit_template_"
TRIAL = "tradecredit_test_"
MOST_TEMPLATES = 6
ASSETS = "env['ir.qweb']._pregenerate_assets_bundles(); env.cr.commit()\n"
STAY_HOME = """
for name in ('iap', 'iap.partner_autocomplete', 'enrich', 'reveal', 'sms', 'snailmail'):
    env['ir.config_parameter'].set_param(f'{name}.endpoint', 'http://127.0.0.1:9')
env.ref('mail.ir_cron_module_update_notification').active = False
"""
"""A server for trying things out tells no service of Odoo's makers what is done with it: nobody listens on that port."""


@dataclass(frozen=True)
class Template:
    """A database with these modules of Odoo, and with its assets, which take longer to make than to install."""

    modules: frozenset[str]
    demo: bool

    @property
    def name(self) -> str:
        """Tells apart what was made from other modules or another Odoo.

        Addons that depend on different parts of the same modules share one.
        """
        home = package.odoo_home()
        modules = with_all_they_need(self.modules, [home / "odoo" / "addons", *package.addon_folders(home)])
        made_from = short_hash(package.release(home), *sorted(modules), self.demo)
        return f"{PREFIX}{'demo' if self.demo else 'bare'}_{made_from}"

    def ensure(self) -> str:
        """Make it unless it is there; its name."""
        with alone(CACHE / "locks" / "templates", "waiting for a template database that another run makes"):
            if not (exists(self.name) and files(self.name).is_dir()):
                self._make()
                _forget_old(self.name)
        return self.name

    def _make(self) -> None:
        making = f"{self.name}_making"
        for old in (making, self.name):
            drop(old)
        words = ["-d", making, "--no-http", "--stop-after-init", "-i", ",".join(sorted(self.modules))]
        with timed(f"installing {len(self.modules)} modules of Odoo and what they need into a template database"):
            demo = "--with-demo" if self.demo else "--without-demo=True"
            run(program.command(*words, demo), "template.log", env=program.environment())
        with timed("making the assets of its web pages"):
            shell = program.command("shell", "-d", making, "--no-http")
            run(shell, "assets.log", env=program.environment(), stdin=(STAY_HOME if self.demo else "") + ASSETS)
        files(making).rename(files(self.name))
        sql(f'ALTER DATABASE "{making}" RENAME TO "{self.name}"')


def files(database: str) -> Path:
    """The folder with its attachments."""
    return program.files() / "filestore" / database


def exists(database: str) -> bool:
    """Whether the server has it."""
    return bool(sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))


def copy(source: str, target: str) -> None:
    """Copy a database that nobody is connected to. Its files become links: Odoo never changes one, it writes new ones."""
    drop(target)
    shutil.copytree(files(source), files(target), copy_function=os.link)
    sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def drop(database: str) -> None:
    """Drop it with its files; nothing happens when it is not there."""
    sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    shutil.rmtree(files(database), ignore_errors=True)


@contextmanager
def trial(template: Template) -> Iterator[str]:
    """A copy that is gone at the end."""
    _forget_abandoned()
    name = f"{TRIAL}{os.getpid()}"
    copy(template.ensure(), name)
    try:
        yield name
    finally:
        drop(name)


@contextmanager
def kept(template: Template, name: str) -> Iterator[str]:
    """The database of this name, made from the template when it is not there; it stays."""
    if not exists(name):
        copy(template.ensure(), name)
    yield name


def _named(prefix: str) -> list[str]:
    return sql(f"SELECT datname FROM pg_database WHERE starts_with(datname, '{prefix}') ORDER BY oid DESC")


def _forget_old(newest: str) -> None:
    for name in [name for name in _named(PREFIX) if name != newest][MOST_TEMPLATES - 1 :]:
        drop(name)


def _forget_abandoned() -> None:
    """Copies of runs that were killed. On a server of others, the process may be on another machine."""
    for name in _named(TRIAL) if is_ours() else []:
        process = name.removeprefix(TRIAL)
        if not Path("/proc", process).exists():
            drop(name)


def installed(database: str, modules: Iterable[str]) -> bool:
    """Whether all these modules are installed in it."""
    wanted = set(modules)
    have = set(sql("SELECT name FROM ir_module_module WHERE state = 'installed'", database))
    return wanted <= have
