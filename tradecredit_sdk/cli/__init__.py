"""The command line `tradecredit`: one noun a file, loaded when it is asked for.

Data goes to stdout, messages to stderr, and the exit code says what came of it (`exit_codes`).
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line on `argv` (the process's own by default) and return the exit code."""
    try:
        from tradecredit_sdk.cli.app import run_app

        return run_app(argv)
    except KeyboardInterrupt:
        return 130
