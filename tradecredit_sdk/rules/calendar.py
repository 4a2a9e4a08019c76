"""Calendar days: those of a company's own time zone, and none that falls off the ends of the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo


def days_after(day: date, days: int) -> date:
    """`day` plus `days` (or minus, when below zero); ledgers hold 9999-12-31 for "never", and never it stays."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def company_day(moment: datetime, zone: str | tzinfo) -> date:
    """The calendar day of `moment` where the company is, such as "Europe/Berlin"; a deadline ends with that day.

    Days are counted by the calendar, so a day of 23 or 25 hours is one day. ValueError for a moment without a time zone
    and for a zone that is not known here (Windows needs the package tzdata).
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(time_zone(zone) if isinstance(zone, str) else zone).date()


def latest_day(moment: datetime) -> date:
    """The latest calendar day that has begun anywhere on earth at `moment`, an aware one: east of all is UTC+14."""
    return (moment.astimezone(timezone.utc) + timedelta(hours=14)).date()


def time_zone(name: str) -> ZoneInfo:
    """The time zone of that name in the IANA database; ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r} is known here: write one such as Europe/Berlin") from None
