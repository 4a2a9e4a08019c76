"""The house rules that a program can check: names, sizes, docstrings and silence."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import tradecredit_sdk

PACKAGE = Path(tradecredit_sdk.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages([str(PACKAGE)], "tradecredit_sdk.")
    if not module.name.endswith("__main__")
)
PUBLIC_MODULES = [name for name in MODULES if not any(part.startswith("_") for part in name.split("."))]


def of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def calls(tree: ast.AST) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_the_package_says_all_it_offers_and_in_order() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    typed = {
        alias.asname or alias.name
        for block in tree.body
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    names = tradecredit_sdk.__all__
    assert names == sorted(names)
    assert len(names) == len(set(names))
    assert set(names) == typed | {"__version__"}, "what editors see and what can be imported must be one list"
    for name in names:
        assert getattr(tradecredit_sdk, name) is not None
        assert name in dir(tradecredit_sdk)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = tradecredit_sdk.nonsense


def test_every_error_is_offered_at_the_top() -> None:
    errors = importlib.import_module("tradecredit_sdk.errors")
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert classes <= set(tradecredit_sdk.__all__)
    assert {name for name in classes if name not in (errors.__doc__ or "")} == set(), "the tree is drawn in full"


@pytest.mark.parametrize("path", SOURCES, ids=of)
def test_a_file_is_short_and_named_for_what_it_holds(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 400
    assert path.stem.strip("_") not in {"utils", "util", "helpers", "misc", "common"}


@pytest.mark.parametrize("path", SOURCES, ids=of)
def test_a_library_neither_prints_nor_sets_up_logging(path: Path) -> None:
    used = calls(ast.parse(path.read_text()))
    assert not used & {"logging.basicConfig", "basicConfig"}
    if path.relative_to(PACKAGE).parts[0] != "cli":
        assert "print" not in used


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported_and_says_what_it_is_for(name: str) -> None:
    assert (importlib.import_module(name).__doc__ or "").strip()


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_every_public_object_says_what_it_is_for(name: str) -> None:
    module = importlib.import_module(name)
    silent = []
    for label, thing in list(vars(module).items()):
        if label.startswith("_") or getattr(thing, "__module__", None) != name:
            continue
        if inspect.isfunction(thing) and not inspect.getdoc(thing):
            silent.append(label)
        if inspect.isclass(thing):
            if not (thing.__doc__ or "").strip():
                silent.append(label)
            silent += [
                f"{label}.{method}"
                for method, value in list(vars(thing).items())
                if not method.startswith("_")
                and (inspect.isfunction(value) or isinstance(value, (property, classmethod, staticmethod)))
                and not inspect.getdoc(getattr(thing, method))
            ]
    assert silent == []


def test_public_methods_take_named_options_only() -> None:
    loose = []
    for name in PUBLIC_MODULES:
        if ".cli" in name or ".sandbox" in name:
            continue
        module = importlib.import_module(name)
        for label, thing in list(vars(module).items()):
            if label.startswith("_") or getattr(thing, "__module__", None) != name or not inspect.isclass(thing):
                continue
            loose += [
                f"{name}.{label}.{method}"
                for method, value in ((key, getattr(item, "__func__", item)) for key, item in list(vars(thing).items()))
                if not method.startswith("_")
                and inspect.isfunction(value)
                and any(kind.kind is kind.VAR_KEYWORD for kind in inspect.signature(value).parameters.values())
            ]
    checked_by_name = {"tradecredit_sdk.config.Settings.load", "tradecredit_sdk.testing.server.RunningSandbox.faults"}
    assert set(loose) <= checked_by_name, "**options hides spelling mistakes"
