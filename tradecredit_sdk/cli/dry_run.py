"""`--dry-run`: the request as it would go to the insurer, checked by the same models, and nothing sent or journalled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.output import Column, amount_text, emit_one, note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from tradecredit_sdk.cli.options import Run

COLUMNS = (
    Column("operation", "would send"),
    Column("insurer", "to insurer"),
    Column("base_url", "at"),
    Column("policy", "policy"),
    Column("request", "request"),
)


def show_instead(run: Run, operation: str, request: BaseModel | dict[str, Any]) -> int:
    """Show what would be sent."""
    settings = run.require_settings()
    values = request if isinstance(request, dict) else request.model_dump(mode="json")
    values = {key: value for key, value in values.items() if value is not None}
    record = {
        "dry_run": True,
        "operation": operation,
        "insurer": settings.insurer,
        "base_url": settings.base_url,
        "policy": settings.policy,
        "request": list(_lines(values)) if run.output == "table" else values,
    }
    emit_one(run.output, record, COLUMNS)
    note("dry run: nothing was sent")
    return ExitCode.DONE


def _lines(values: dict[str, Any]) -> Iterator[str]:
    """One line a field, and one for each of several."""
    for name, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            yield f"{name}: {_text(item)}"


def _text(value: Any) -> str:
    if not isinstance(value, dict):
        return ("no", "yes")[value] if isinstance(value, bool) else str(value)
    if value.keys() == {"amount", "currency"}:
        return amount_text(value["amount"], value["currency"])
    return ", ".join(_text(part) for part in value.values() if part is not None)
