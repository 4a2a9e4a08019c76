"""The addons of a folder, and the modules of Odoo that a template database must have for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.odoo_runtime.manifests import read, with_all_they_need
from tools.odoo_runtime.steps import OdooRuntimeError


def addon(folder: Path, name: str, **manifest: object) -> Path:
    (folder / name).mkdir(parents=True)
    path = folder / name / "__manifest__.py"
    path.write_text(f"# a comment first\n{manifest!r}\n")
    return path


def test_what_they_need_leaves_themselves_out(tmp_path: Path) -> None:
    addon(tmp_path, "hold", depends=["account"])
    addon(tmp_path, "hold_sale", depends=["hold", "sale"])
    addon(tmp_path, "old", depends=["nothing"], installable=False)
    (tmp_path / "no_addon").mkdir()
    addons = read(tmp_path)
    assert addons.names == ["hold", "hold_sale"]
    assert addons.needs == {"account", "sale"}


def test_an_addon_without_depends_needs_base(tmp_path: Path) -> None:
    addon(tmp_path, "hold")
    assert read(tmp_path).needs == {"base"}


def test_all_are_chosen_or_those_named(tmp_path: Path) -> None:
    addon(tmp_path, "a")
    addon(tmp_path, "b")
    assert read(tmp_path).choose([]) == ["a", "b"]
    assert read(tmp_path).choose(["b"]) == ["b"]
    with pytest.raises(OdooRuntimeError, match="holds no addon c; it holds a, b"):
        read(tmp_path).choose(["b", "c"])


def test_a_folder_without_addons_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(OdooRuntimeError, match="holds no addon"):
            read(folder)


@pytest.mark.parametrize("text", ["{'depends': [", "{'name': open('x')}", "['a', 'list']"])
def test_a_manifest_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    path = addon(tmp_path, "a")
    path.write_text(text)
    with pytest.raises(OdooRuntimeError, match=r"a/__manifest__\.py"):
        read(tmp_path)


def test_the_state_changes_with_any_file_but_not_with_bytecode(tmp_path: Path) -> None:
    path = addon(tmp_path, "a")
    before = read(tmp_path).state()
    (tmp_path / "a" / "__pycache__").mkdir()
    (tmp_path / "a" / "__pycache__" / "x.pyc").touch()
    assert read(tmp_path).state() == before
    os.utime(path, ns=(1, 1))
    touched = read(tmp_path).state()
    (tmp_path / "a" / "views.xml").touch()
    assert len({before, touched, read(tmp_path).state()}) == 3


def test_all_that_modules_need_is_found_in_every_folder(tmp_path: Path) -> None:
    core, more = tmp_path / "core", tmp_path / "more"
    addon(core, "base", depends=[])
    addon(more, "web")
    addon(more, "sale", depends=["web", "account"])
    addon(more, "account", depends=["web"])
    addon(more, "stock", depends=["web"])
    assert with_all_they_need({"sale"}, [core, more]) == {"base", "web", "sale", "account"}
    assert with_all_they_need({"sale"}, [core, more]) == with_all_they_need({"sale", "account"}, [core, more])
    with pytest.raises(OdooRuntimeError, match="no module nonsense"):
        with_all_they_need({"nonsense"}, [core, more])
