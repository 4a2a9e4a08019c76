"""Words of an insurer as the database can keep them."""

from __future__ import annotations


def plain(text: str | None) -> str | bool:
    """The text without NUL and halves of characters, which JSON may hold and PostgreSQL may not; False for none."""
    return (text or "").replace("\0", "").encode(errors="ignore").decode() or False
