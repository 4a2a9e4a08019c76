"""What a click answers: a word in a corner of the screen, or a dialog."""

from __future__ import annotations

from typing import Any


def notice(message: str, kind: str = "success") -> dict[str, Any]:
    """The action that says it, closes a dialog and shows the records as they are now; `kind` is a colour."""
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "message": message,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }


def dialog(model: str, name: str, **context: Any) -> dict[str, Any]:
    """The action that opens it, with defaults of its fields in `context`."""
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "view_mode": "form",
        "target": "new",
        "context": context,
    }
