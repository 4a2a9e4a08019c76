"""Insured buyers: what was reported of them, and since when they are insolvent."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models

from tradecredit_sdk import CoverStop, LimitKind, LimitPosition, StopReason

from .must_be_told import CONTROLLER


class TradecreditBuyer(models.Model):
    _inherit = "tradecredit.buyer"

    report_ids = fields.One2many("tradecredit.report", "buyer_id", "Told and asked", groups=CONTROLLER, copy=False)
    insolvent_on = fields.Date(
        "Insolvent since", compute="_compute_insolvent_on", store=True, tracking=True, copy=False,
        help="By your own report, or since the insurer says so: no new delivery is insured, and losses count from that day.",
    )  # fmt: skip

    adverse_on = fields.Date(
        "Adverse information since", compute="_compute_adverse_on", store=True, copy=False,
        help="As you have reported: your own discretionary limit ends, whatever the insurer answers.",
    )  # fmt: skip

    @api.depends("report_ids.adverse_kind", "report_ids.happened_on", "report_ids.state")
    def _compute_adverse_on(self):
        for buyer in self:
            known = buyer.sudo().report_ids.filtered(lambda one: one.adverse_kind and one.state != "dropped")
            buyer.adverse_on = min(known.mapped("happened_on"), default=False)

    @api.depends("status", "report_ids.adverse_kind", "report_ids.happened_on", "report_ids.state")
    def _compute_insolvent_on(self):
        for buyer in self:
            told = buyer.sudo().report_ids.filtered(
                lambda one: one.adverse_kind == "insolvency" and one.state != "dropped"
            )
            days = told.mapped("happened_on")
            if buyer.status == "insolvent":
                days.append(buyer.insolvent_on or fields.Date.context_today(buyer))
            buyer.insolvent_on = min(days, default=False)

    def _positions(self, *, has_applications: bool = True) -> dict[int, LimitPosition | None]:
        """A limit that the seller assessed himself is not used against what he knows (domain rule 6)."""
        positions = super()._positions(has_applications=has_applications)
        for buyer in self:
            position = positions[buyer.id]
            if buyer.adverse_on and position is not None:
                stop = CoverStop(since=buyer.adverse_on, reason=StopReason.ADVERSE)
                positions[buyer.id] = buyer._with_stop(position, stop, {LimitKind.DISCRETIONARY})
        return positions

    def _become_one(self) -> None:
        """What was told of the legal entity goes to the row that speaks for it."""
        chief = self._chief(self)
        super()._become_one()
        (self - chief).filtered(lambda buyer: not buyer.active).sudo().report_ids.buyer_id = chief

    def action_report_adverse(self) -> dict[str, Any]:
        """Tell the insurer what endangers payment."""
        self.ensure_one()
        name = self.env._("Report adverse information")
        return self._open_wizard("tradecredit.make.report", name, default_action="adverse")
