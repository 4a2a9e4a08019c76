"""What is to be sent to insurers: each row is committed before and after it is sent, so that nothing is lost or doubled."""

from __future__ import annotations

from odoo import api, fields, models

KINDS = [("limit_request", "Limit application"), ("cancellation", "Cancellation")]
STATES = [
    ("pending", "To be sent"), ("sending", "Being sent"), ("unknown", "Outcome not known"), ("done", "Done"),
    ("refused", "Not accepted"), ("withdrawn", "Withdrawn before it was sent"),
]  # fmt: skip
CRON = "tradecredit.cron_send"


class TradecreditOutbox(models.Model):
    _name = "tradecredit.outbox"
    _description = "Outbox of the insurer"
    _order = "id desc"
    _rec_name = "reference"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    application_id = fields.Many2one(
        "tradecredit.application", required=True, readonly=True, ondelete="restrict", index=True
    )
    policy_id = fields.Many2one(related="application_id.policy_id", store=True, index=True)
    company_id = fields.Many2one(related="application_id.company_id", store=True, index=True)
    reference = fields.Char(required=True, readonly=True, index=True)
    payload = fields.Json(required=True, readonly=True)
    state = fields.Selection(STATES, required=True, default="pending", readonly=True, index=True)
    attempts = fields.Integer(readonly=True)
    next_try = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    last_error = fields.Char(readonly=True)
    sent_at = fields.Datetime(readonly=True, help="When the last attempt began.")
    done_at = fields.Datetime(readonly=True)

    _once = models.Constraint("UNIQUE(policy_id, kind, reference)", "This was put into the outbox already.")

    @api.model
    def _put(self, kind: str, application, payload: dict):
        """Keep what is to be sent; the job that sends starts when this is committed."""
        row = self.search([("application_id", "=", application.id), ("kind", "=", kind)])
        if not row:
            row = self.create({
                "kind": kind, "application_id": application.id, "reference": application.reference, "payload": payload,
            })  # fmt: skip
        self.env.ref(CRON).sudo()._trigger()
        return row
