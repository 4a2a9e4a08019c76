"""Where settings are read from besides arguments: the profile file, and the files and commands that hold a secret."""

from __future__ import annotations

import difflib
import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from tradecredit_sdk.errors import ConfigError

_log = logging.getLogger("tradecredit_sdk.config")
COMMAND_SECONDS = 30
"""Longest time for a command that prints a secret."""


def unknown(name: str, known: Iterable[str]) -> str:
    """'polcy; did you mean policy?'."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"{name}; did you mean {close[0]}?" if close else name


def default_file() -> Path | None:
    """config.toml in the user's configuration folder, by the platform's custom; None where that is not known."""
    try:
        from platformdirs import user_config_path
    except ImportError:
        return None
    return user_config_path("tradecredit", appauthor=False) / "config.toml"


def read_profile(name: str | None, file: Path | None, *, is_named: bool) -> tuple[str | None, dict[str, Any]]:
    """The profile's name and its table; (None, {}) when there is no file and nobody asked for one.

    `name` None takes the profile `default`, if there is one. `is_named`: somebody named this file, so it must be there.
    """
    if file is None or not (is_named or file.exists()):
        if name is not None:
            where = f"no profile file {file}" if file else "no profile file: set TRADECREDIT_CONFIG to its path"
            raise ConfigError(f"profile {name} is wanted and there is {where}")
        return None, {}
    document = _read_toml(file)
    for key in document:
        if key != "profiles":
            raise ConfigError(f"{file}: unknown table {unknown(key, ['profiles'])}")
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
        raise ConfigError(f"{file}: settings belong into tables [profiles.NAME]")
    if name is None and "default" not in profiles:
        return None, {}
    name = name or "default"
    if name not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise ConfigError(f"{file} has no profile {unknown(name, profiles)} (known: {known})")
    if "api_key" in profiles[name]:
        warn_if_others_can_read(file)
    return name, profiles[name]


def _read_toml(file: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ImportError:
            raise ConfigError(
                f"reading {file} needs tomli on this Python: pip install 'tradecredit-sdk[cli]'"
            ) from None
    try:
        content: dict[str, Any] = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise ConfigError(f"the profile file {file} cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8") from None
    return content


def warn_if_others_can_read(file: Path) -> None:
    """Every user of the machine may read a secret in such a file."""
    if os.name == "posix" and file.stat().st_mode & 0o004:
        _log.warning("%s holds a key and every user can read it: chmod 600 %s", file, shlex.quote(str(file)))


def read_secret(source: Mapping[str, Any], where: Mapping[str, str], folder: Path | None) -> tuple[str, str] | None:
    """The key and where it came from, out of `api_key`, `api_key_file` or `api_key_command`; None if none is given.

    `where` names each of them as the user wrote it; `folder` is where a relative file is looked for.
    """
    given = [name for name in ("api_key", "api_key_file", "api_key_command") if source.get(name) not in (None, "")]
    if not given:
        return None
    if len(given) > 1:
        raise ConfigError(f"the key is given twice: {' and '.join(where[name] for name in given)}; keep one of them")
    (name,) = given
    value, origin = source[name], where[name]
    if name == "api_key_file":
        text = _from_file(path_of(value, folder), origin)
    elif name == "api_key_command":
        text = _from_command(value, origin)
    else:
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    if not text.strip():
        raise ConfigError(f"{origin} gave an empty key")
    return text.strip(), origin


def path_of(value: Any, folder: Path | None) -> Path:
    """A path with `~` for the home folder, relative to the file it was written in."""
    path = Path(str(value)).expanduser()
    return folder / path if folder is not None else path


def _from_file(file: Path, origin: str) -> str:
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{origin}: {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{origin}: {file} is not text in UTF-8") from None
    warn_if_others_can_read(file)
    return text


def _from_command(command: Any, origin: str) -> str:
    """What a program prints. No shell; none of its words and messages is repeated, they may hold secrets."""
    try:
        words = [str(word) for word in command] if isinstance(command, (list, tuple)) else shlex.split(str(command))
    except ValueError as error:
        raise ConfigError(f"{origin} cannot be read as a command: {str(error).lower()}") from None
    if not words:
        raise ConfigError(f"{origin} is empty")
    try:
        done = subprocess.run(  # noqa: S603 - the user's own configuration names it
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=True,
        )
        return done.stdout.decode("utf-8")
    except subprocess.CalledProcessError as error:
        reason = f"ended with {error.returncode}"
    except subprocess.TimeoutExpired:
        reason = f"took longer than {COMMAND_SECONDS} seconds"
    except OSError as error:
        reason = f"cannot be run: {error.strerror}"
    except UnicodeDecodeError:
        reason = "printed something that is not text in UTF-8"
    raise ConfigError(f"{origin}: the command {reason}; run it yourself to see what it says")


def log_unknown(variable: str, close: str) -> None:
    """A misspelt variable would otherwise be ignored without a word."""
    _log.warning("the environment has %s, which means nothing; did you mean %s?", variable, close)
