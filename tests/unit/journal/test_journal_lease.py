"""Whether the holder of a lease is still alive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from tradecredit_sdk.journal import lease


def test_what_is_held_here_is_alive_until_it_is_given_up() -> None:
    with lease.holding() as name:
        assert not lease.is_dead(name)
        seen = []
        thread = threading.Thread(target=lambda: seen.append(lease.is_dead(name)))
        thread.start()
        thread.join()
        assert seen == [False]
    assert lease.is_dead(name)


def test_names_are_all_different() -> None:
    with lease.holding() as one, lease.holding() as other:
        assert one != other


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a dead process is told by its lease alone")
@pytest.mark.parametrize("buried", [True, False])
def test_a_process_that_was_killed_is_dead_even_before_it_is_buried(buried: bool) -> None:
    program = "import sys\nfrom tradecredit_sdk.journal import lease\nwith lease.holding() as n: print(n, flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert not lease.is_dead(name)
        os.kill(process.pid, signal.SIGKILL)
        if buried:
            process.wait()
        else:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert lease.is_dead(name)


def test_a_number_given_to_a_new_process_is_not_the_old_one() -> None:
    with lease.holding() as name:
        place, pid, began, rest = name.split(":")
        if not began:
            pytest.skip("this system does not tell when a process began")
        assert lease.is_dead(f"{place}:{pid}:{int(began) - 1}:{rest}")
        assert lease.is_dead(f"{place}:1:{int(began) + 10**9}:{rest}")


def test_where_we_cannot_look_nobody_is_dead() -> None:
    with lease.holding() as name:
        _, pid, began, rest = name.split(":")
    for other in (f"another-machine:{pid}:{began}:{rest}", "nonsense", "a:b:c:d", ""):
        assert not lease.is_dead(other)


def test_without_the_beginnings_of_processes_the_number_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_began", lambda pid: None)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with process:
        name = f"{lease._place()}:{process.pid}::x"
        assert not lease.is_dead(name)
        process.kill()
        process.wait()
        assert lease.is_dead(name)
    assert not lease.is_dead(f"{lease._place()}:1::x")
    with lease.holding() as mine:
        assert not lease.is_dead(mine)
    assert lease.is_dead(mine)


def test_where_signals_would_kill_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_began", lambda pid: None)
    monkeypatch.setattr(lease.os, "name", "nt")
    monkeypatch.setattr(lease.os, "kill", lambda *_: pytest.fail("would have killed"))
    assert not lease.is_dead(f"{lease._place()}:999999999::x")


def test_what_surely_lives_here_is_told_from_what_only_may() -> None:
    with lease.holding() as name:
        place, pid, began, rest = name.split(":")
        assert lease.is_alive(name)
        assert not lease.is_alive(f"another-machine:{pid}:{began}:{rest}")
        assert not lease.is_alive(f"{place}:1::{rest}"), "another process may have that number by now"
    assert not lease.is_alive(name)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere there is no /proc")
@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_a_process_that_is_hidden_is_not_taken_for_dead(error: type[OSError], monkeypatch: pytest.MonkeyPatch) -> None:
    """With hidepid, /proc shows a user his own processes only; the number still tells whether somebody runs."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with process:
        name = f"{lease._place()}:{process.pid}:{lease._began(process.pid) or '1'}:x"
        real = lease.Path.read_text

        def hidden(path: lease.Path, *args: object, **options: object) -> str:
            if str(path) == f"/proc/{process.pid}/stat":
                raise error
            return real(path, *args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(lease.Path, "read_text", hidden)
        assert not lease.is_dead(name)
        process.kill()
        process.wait()
        assert lease.is_dead(name)
