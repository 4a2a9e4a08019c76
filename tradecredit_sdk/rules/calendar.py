"""Calendar days that do not fall off the ends of the calendar."""

from __future__ import annotations

from datetime import date


def days_after(day: date, days: int) -> date:
    """`day` plus `days` (or minus, when below zero); ledgers hold 9999-12-31 for "never", and never it stays."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))
