"""`--dry-run`: the request as it would go to the insurer, checked by the same models, and nothing sent or journalled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.output import Column, emit_one, note
from tradecredit_sdk.cli.params import build

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tradecredit_sdk.cli.options import Run

COLUMNS = (
    Column("operation", "would send"),
    Column("insurer", "to insurer"),
    Column("base_url", "at"),
    Column("policy", "policy"),
    Column("request", "request"),
)


def show_instead(run: Run, operation: str, model: type[BaseModel] | None, values: dict[str, Any]) -> int:
    """Check `values` by `model` and show them; InvalidInputError as the real call would raise it."""
    settings = run.require_settings()
    request = values if model is None else build(model, **values).model_dump(mode="json")
    record = {
        "dry_run": True,
        "operation": operation,
        "insurer": settings.insurer,
        "base_url": settings.base_url,
        "policy": settings.policy,
        "request": {key: value for key, value in request.items() if value is not None},
    }
    emit_one(run.output, record, COLUMNS)
    note("dry run: nothing was sent")
    return ExitCode.DONE
