"""`client.events`: what the insurer changed on its own."""

from __future__ import annotations

from tradecredit_sdk.client.desk import Desk
from tradecredit_sdk.models.event import Event
from tradecredit_sdk.models.page import Page


class Events:
    """Changes under the policy, oldest first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def poll(self, cursor: str | None = None, page_size: int | None = None) -> Page[Event]:
        """The next events after `cursor`, maybe none; keep `next_cursor` and ask with it again later.

        An event says "look again": read what it names before you act on it.
        """
        return self._desk.insurer.poll_events(cursor=cursor, page_size=page_size)
