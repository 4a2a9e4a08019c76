"""The addons in a folder: their names, and which of Odoo's modules they need."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .places import short_hash
from .steps import OdooRuntimeError


@dataclass(frozen=True)
class Addons:
    """The addons in one folder."""

    folder: Path
    manifests: dict[str, dict[str, Any]]

    @property
    def names(self) -> list[str]:
        """Their technical names, in order."""
        return sorted(self.manifests)

    @property
    def needs(self) -> set[str]:
        """The modules they depend on that are not among them."""
        wanted = {name for manifest in self.manifests.values() for name in manifest.get("depends", ["base"])}
        return wanted - set(self.manifests)

    def state(self) -> str:
        """Changes when any of their files does, so that a running database is brought up to date."""
        files = [path for name in self.names for path in sorted((self.folder / name).rglob("*")) if path.is_file()]
        kept = [path for path in files if "__pycache__" not in path.parts]
        return short_hash(*(f"{path} {path.stat().st_mtime_ns}" for path in kept))

    def choose(self, names: list[str]) -> list[str]:
        """Those named, or all; a name that is not there is said to be missing."""
        if unknown := sorted(set(names) - set(self.manifests)):
            raise OdooRuntimeError(
                f"{self.folder} holds no addon {', '.join(unknown)}; it holds {', '.join(self.names)}."
            )
        return names or self.names


def read(folder: Path) -> Addons:
    """Read every manifest; OdooRuntimeError when there is none, or one is not the dictionary it has to be."""
    found = {path.parent.name: _manifest(path) for path in sorted(folder.glob("*/__manifest__.py"))}
    if not found:
        raise OdooRuntimeError(f"{folder} holds no addon: no folder in it has a __manifest__.py.")
    return Addons(folder.resolve(), {name: item for name, item in found.items() if item.get("installable", True)})


def with_all_they_need(modules: Iterable[str], folders: Sequence[Path]) -> frozenset[str]:
    """These modules of Odoo and all that they depend on; `folders` are where they may be."""
    known: set[str] = set()
    waiting = set(modules)
    while waiting:
        name = waiting.pop()
        known.add(name)
        manifest = next((path for folder in folders if (path := folder / name / "__manifest__.py").exists()), None)
        if manifest is None:
            raise OdooRuntimeError(f"This Odoo has no module {name}.")
        waiting |= set(_manifest(manifest).get("depends", ["base"] if name != "base" else [])) - known
    return frozenset(known)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        content = ast.literal_eval(path.read_text())
    except (ValueError, SyntaxError) as error:
        raise OdooRuntimeError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise OdooRuntimeError(f"{path} holds no dictionary.")
    return content
