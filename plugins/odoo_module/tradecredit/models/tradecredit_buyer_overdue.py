"""Insured buyers and partners: their declarations, for the buttons on the forms."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from odoo import api, fields, models

from tradecredit_sdk import CoverStop, CreditLimit, LimitKind, LimitPosition, StopReason
from tradecredit_sdk.rules.cover import was_decided

from .must_be_told import CONTROLLER
from .tradecredit_overdue import CLOSED


class TradecreditBuyer(models.Model):
    _inherit = "tradecredit.buyer"

    overdue_ids = fields.One2many("tradecredit.overdue", "buyer_id", "Declarations", groups=CONTROLLER, copy=False)
    told_stop_since = fields.Date(
        "No cover from", compute="_compute_told_stop", store=True, help="As the insurer has answered a declaration."
    )
    told_stop_until = fields.Date("Cover again from", compute="_compute_told_stop", store=True)
    overdue_count = fields.Integer("Open declarations", compute="_compute_overdue_count", groups=CONTROLLER)

    @api.depends("overdue_ids.state")
    def _compute_overdue_count(self):
        groups = self.env["tradecredit.overdue"]._read_group(
            [("buyer_id", "in", self.ids), ("state", "not in", CLOSED)], ["buyer_id"], ["__count"]
        )  # fmt: skip
        counts = {buyer.id: count for buyer, count in groups}
        for buyer in self:
            buyer.overdue_count = counts.get(buyer.id, 0)

    @api.depends(
        "overdue_ids.state", "overdue_ids.cover_state", "overdue_ids.cover_stopped_from",
        "overdue_ids.cover_reinstated_from",
    )  # fmt: skip
    def _compute_told_stop(self):
        for buyer in self:
            stops = [stop for overdue in buyer.overdue_ids if (stop := overdue._stop())]
            endless = any(until is None for _since, until in stops)
            buyer.told_stop_since = min((since for since, _until in stops), default=False)
            buyer.told_stop_until = not endless and max((until for _since, until in stops), default=False)

    def _positions(self, *, has_applications: bool = True) -> dict[int, LimitPosition | None]:
        positions = super()._positions(has_applications=has_applications)
        for buyer in self:
            if buyer.told_stop_since and positions[buyer.id] is not None:
                # An insurer may tell of a stop with the declaration only, and show the limits as before.
                stop = CoverStop(
                    since=buyer.told_stop_since, until=buyer.told_stop_until or None, reason=StopReason.OVERDUE
                )
                positions[buyer.id] = buyer._with_stop(positions[buyer.id], stop)
        return positions

    def _with_stop(
        self, position: LimitPosition, stop: CoverStop, kinds: Container[Any] | None = None
    ) -> LimitPosition:
        """Limits of these kinds, or all, are stopped; the seller's own one, too, which stands in no row while it counts."""
        limits = tuple(
            limit.model_copy(update={"stop": stop})
            if (kinds is None or limit.kind in kinds) and (limit.stop is None or limit.stop.until is not None)
            else limit
            for limit in position.limits
        )
        own = self.policy_id._terms().sdk.discretionary_limit
        is_shown = any(limit.kind == LimitKind.DISCRETIONARY for limit in limits)
        if own is not None and not is_shown and not was_decided(limits, position.applications, position.buyer_id):
            limits += (CreditLimit(
                id="own", buyer_id=position.buyer_id, kind=LimitKind.DISCRETIONARY, amount=own, valid_from=stop.since,
                stop=stop,
            ),)  # fmt: skip
        return position.model_copy(update={"limits": limits})

    def action_overdues(self) -> dict[str, Any]:
        """All declarations of these buyers."""
        return self._action_of("tradecredit.overdue", self.env._("Overdue declarations"))
