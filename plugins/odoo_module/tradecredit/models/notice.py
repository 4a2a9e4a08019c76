"""What a click has done, said in a corner of the screen."""

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
