"""`client.policies`: the terms the rules go by."""

from __future__ import annotations

from tradecredit_sdk.client.desk import Desk
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.models.policy import Policy


class Policies:
    """The configured policy."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def get(self) -> Policy:
        """The terms as the insurer tells them, or those of `[profiles.NAME.terms]` where its interface does not.

        UnsupportedOperationError when there are neither.
        """
        terms = self._desk.settings.terms
        if terms is not None and not self._desk.insurer.capabilities.supports(Operation.GET_POLICY):
            return terms
        return self._desk.insurer.get_policy()
