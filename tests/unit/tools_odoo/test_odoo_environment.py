"""What Odoo is told: the Odoo that was named, the server that was named, and nothing that was meant for others."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

from tools.odoo_runtime import cluster, package, places, program
from tools.odoo_runtime.steps import OdooRuntimeError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source checkout of Odoo, as far as these tools look."""
    (tmp_path / "checkout" / "odoo").mkdir(parents=True)
    (tmp_path / "checkout" / "odoo" / "release.py").touch()
    monkeypatch.setenv("ODOO_HOME", str(tmp_path / "checkout"))
    monkeypatch.setattr(program, "BUILD", tmp_path / "build")
    monkeypatch.setattr(program, "CACHE", tmp_path)
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "checkout"


def configuration(environment: dict[str, str]) -> dict[str, str]:
    parser = ConfigParser()
    parser.read(environment["ODOO_RC"])
    return dict(parser["options"])


def test_a_named_odoo_is_used_and_nothing_is_fetched(home: Path) -> None:
    assert package.odoo_home() == home
    assert package.steps() == []
    assert program.environment()["PYTHONPATH"] == str(home)


def test_a_folder_without_odoo_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODOO_HOME", str(home / "odoo"))
    with pytest.raises(OdooRuntimeError, match="name the folder above it"):
        package.odoo_home()


def test_another_odoo_is_another_release(home: Path) -> None:
    before = package.release(home)
    (home / "odoo" / "release.py").touch()
    assert package.release(home) != before


def test_the_addons_of_a_checkout_and_ours_are_on_the_path(home: Path, tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    assert configuration(program.environment(ours))["addons_path"] == str(ours)
    (home / "addons").mkdir()
    assert configuration(program.environment(ours))["addons_path"] == f"{home / 'addons'},{ours}"
    assert configuration(program.environment())["addons_path"] == str(home / "addons")


def test_two_folders_of_addons_have_two_configurations(home: Path, tmp_path: Path) -> None:
    one, other = (program.environment(tmp_path / name)["ODOO_RC"] for name in ("one", "other"))
    assert one != other
    assert program.environment(tmp_path / "one")["ODOO_RC"] == one


def test_odoo_listens_on_loopback_and_keeps_its_files_in_the_cache(home: Path, tmp_path: Path) -> None:
    found = configuration(program.environment())
    assert found["http_interface"] == "127.0.0.1"
    assert found["data_dir"] == str(tmp_path / "data")


def test_variables_meant_for_others_are_left_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ODOO_DEV", "PYTHONHOME", "PGDATABASE", "PGPASSWORD", "TRADECREDIT_API_KEY"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("NO_PROXY", "intranet")
    environment = program.environment(None, TRADECREDIT_SANDBOX_URL="http://127.0.0.1:1")
    assert "elsewhere" not in environment.values()
    assert environment["PGHOST"] == str(cluster.FOLDER)
    assert environment["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert environment["TRADECREDIT_SANDBOX_URL"] == "http://127.0.0.1:1"


def test_a_named_server_is_used_with_all_that_was_said_about_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGHOST": "db", "PGPORT": "6432", "PGUSER": "odoo", "PGPASSWORD": "x"}.items():
        monkeypatch.setenv(name, value)
    assert cluster.steps() == []
    environment = program.environment()
    assert (environment["PGHOST"], environment["PGPORT"], environment["PGPASSWORD"]) == ("db", "6432", "x")


def test_each_server_has_files_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {configuration(program.environment())["data_dir"]}
    for host, port in [("db", "5432"), ("db", "6432"), ("other", "5432")]:
        monkeypatch.setenv("PGHOST", host)
        monkeypatch.setenv("PGPORT", port)
        folders.add(configuration(program.environment())["data_dir"])
    assert len(folders) == 4


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRADECREDIT_ODOO_CACHE", str(tmp_path / "named"))
    assert places.cache_folder() == tmp_path / "named"
    monkeypatch.delenv("TRADECREDIT_ODOO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert places.cache_folder() == tmp_path / "tradecredit-odoo"
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert places.cache_folder() == Path("/var/cache/tradecredit-odoo")
