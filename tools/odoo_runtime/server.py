"""Odoo in the background, with all addons, their demo data and a sandbox insurer beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from . import cluster, databases, people, program, sandbox, story
from .commands import run
from .locks import alone
from .manifests import Addons
from .places import BUILD, LOGS, PLACE, RUNNING
from .processes import Process, port_of_user, recall, remember, start, wait_until_it_answers
from .steps import timed

DATABASE = f"tradecredit_{PLACE}"
BESIDE = frozenset({"sale_management"})
"""Besides what the addons need: quotations as an application of its own."""

USUAL_PORT = 8069
SECONDS_TO_START = 180
KNOWN = RUNNING / f"{PLACE}.json"
LOCK = RUNNING / f"{PLACE}.lock"
ODOO_LOG = LOGS / "server.log"
SANDBOX_LOG = LOGS / "sandbox.log"
SANDBOX_STATE = BUILD / "sandbox.sqlite"
ADDONS_STATE = BUILD / "addons-in-database"


def serve(addons: Addons, *, fresh: bool) -> None:
    """Start what is not running yet, and say where it is."""
    with alone(LOCK, "waiting for another `make odoo` of this folder"):
        running = recall(KNOWN)
        complete = {process.name for process in running} == {"Odoo", sandbox.NAME}
        if complete and _is_up_to_date(addons) and not fresh:
            print("It is running already.")
        else:
            _stop(running)
            with cluster.in_use() as inherited:
                running = _start(addons, inherited, fresh=fresh)
        _tell(running)


def stop() -> None:
    """Stop what `serve` of this clone started, and PostgreSQL when nobody else uses it."""
    with alone(LOCK):
        running = recall(KNOWN)
        _stop(running)
        cluster.stop_if_unused()
    print(f"stopped {' and '.join(process.name for process in running)}" if running else "Nothing was running.")


def _stop(processes: Sequence[Process]) -> None:
    for process in processes:
        process.stop()
    KNOWN.unlink(missing_ok=True)


@contextmanager
def _stopped_on_trouble(process: Process) -> Iterator[Process]:
    try:
        yield process
    except BaseException:
        process.stop()
        raise


def _start(addons: Addons, inherited: Sequence[int], *, fresh: bool) -> list[Process]:
    new = fresh or not (databases.exists(DATABASE) and databases.files(DATABASE).is_dir())
    if new:
        SANDBOX_STATE.unlink(missing_ok=True)
    port = port_of_user("PORT", USUAL_PORT)
    insurer_port = port_of_user("SANDBOX_PORT", sandbox.USUAL_PORT)
    command = sandbox.command(insurer_port, "--state", str(SANDBOX_STATE))
    with _stopped_on_trouble(sandbox.start(command, insurer_port, SANDBOX_LOG, inherited)) as insurer:
        env = program.environment(addons.folder, **{sandbox.URL: insurer.url})
        _bring_up_to_date(addons, env, new=new)
        _point_policy_at(insurer.url)
        if new and story.ADDON in addons.names:
            story.tell(DATABASE, env)
        words = program.command("-d", DATABASE, "--http-port", str(port))
        with timed("starting Odoo"):
            process = start("Odoo", words, port=port, log=ODOO_LOG, env=env, inherit=inherited)
            with _stopped_on_trouble(process) as odoo:
                wait_until_it_answers(odoo, "/web/login", ODOO_LOG, SECONDS_TO_START)
                remember(KNOWN, [odoo, insurer])
    return [odoo, insurer]


def _bring_up_to_date(addons: Addons, env: dict[str, str], *, new: bool) -> None:
    """Install the addons into a copy of the template, or update them when their files have changed."""
    if new:
        template = databases.Template(frozenset(addons.needs | BESIDE), demo=True).ensure()
        databases.copy(template, DATABASE)
    elif _is_up_to_date(addons):
        return
    names, state = ",".join(addons.names), addons.state()
    ADDONS_STATE.unlink(missing_ok=True)
    with timed(f"{'installing' if new else 'updating'} {names}"):
        words = ["-d", DATABASE, "--with-demo", "-i", names, "-u", names, "--no-http", "--stop-after-init"]
        run(program.command(*words), "update.log", env=env)
    ADDONS_STATE.write_text(state)


def _point_policy_at(insurer_url: str) -> None:
    """The demo data knows the sandbox on its usual port; it may be on another one."""
    if cluster.sql("SELECT 1 FROM pg_tables WHERE tablename = 'tradecredit_policy'", DATABASE):
        here = f"{insurer_url}/open/v1"
        cluster.sql(
            f"UPDATE tradecredit_policy SET base_url = '{here}' WHERE base_url ~ '^http://127.0.0.1:[0-9]+/open/v1$'",
            DATABASE,
        )


def _is_up_to_date(addons: Addons) -> bool:
    return ADDONS_STATE.exists() and ADDONS_STATE.read_text() == addons.state()


def _tell(running: Sequence[Process]) -> None:
    odoo, insurer = running
    print(f"\nOdoo                  {odoo.url}  (database {DATABASE}, log {ODOO_LOG})")
    print(f"the sandbox insurer   {insurer.url}  (console and API pages)")
    print("\nlog-in        password")
    for person in people.present(DATABASE):
        print(f"{person.login:13} {person.password:13} {person.part}")
    print("\nmake odoo-stop ends both.")
