"""Receivable lines: since when they count as due, and what of an open amount is not tax."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NoReturn

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from .original_due import ORIGINAL_DUE, TRIGGERS


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    tradecredit_original_due = fields.Date(
        "Original due date",
        readonly=True,
        copy=False,
        prefetch=False,
        groups="base.group_user",
        help="The due date when the invoice was first posted. The insurer's deadlines run from it: a later due date that "
        "was agreed with the buyer does not move them.",
    )

    tradecredit_net_residual = fields.Monetary(
        "Open without tax",
        currency_field="currency_id",
        compute="_compute_tradecredit_net_residual",
        store=True,
        groups="base.group_user",
        help="The same share of the open amount as of the whole invoice, rounded up: what a policy without tax counts.",
    )

    def init(self):
        super().init()
        self.env.cr.execute(TRIGGERS)

    def _field_to_sql(self, alias, field_expr, query=None):
        sql = super()._field_to_sql(alias, field_expr, query)
        if field_expr != "tradecredit_original_due":
            return sql
        # The database keeps it when it hears of the posting.
        return SQL("%s", sql, to_flush=self._fields["parent_state"])

    @api.depends(
        "amount_residual_currency", "move_id.amount_untaxed", "move_id.amount_total", "account_id.account_type"
    )
    def _compute_tradecredit_net_residual(self):
        for line in self:
            residual, move = line.amount_residual_currency, line.move_id
            if not residual or line.account_id.account_type != "asset_receivable":
                line.tradecredit_net_residual = 0
            elif move.move_type == "entry" or not move.amount_total:
                line.tradecredit_net_residual = residual
            else:
                exact = Decimal(str(residual)) * Decimal(str(move.amount_untaxed)) / Decimal(str(move.amount_total))
                cent = Decimal(1).scaleb(-line.currency_id.decimal_places)
                line.tradecredit_net_residual = float(exact.quantize(cent, ROUND_CEILING))

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("tradecredit_original_due") for vals in vals_list):
            self._tradecredit_refuse()
        return super().create(vals_list)

    def write(self, vals):
        if "tradecredit_original_due" in vals:
            self._tradecredit_refuse()
        return super().write(vals)

    def _tradecredit_refuse(self) -> NoReturn:
        """The insurer's clocks are nobody's to set: not by import, not by a call from outside."""
        raise AccessError(self.env._(
            "The original due date is kept from the first posting. A credit controller corrects it on the invoice, "
            "with the reason."
        ))  # fmt: skip

    def _tradecredit_correct_original_due(self, day: date, reason: str) -> None:
        """Set a date that was wrong from the start, and let the document say who did so and why."""
        self.ensure_one()
        if not self.env.user.has_group("tradecredit.group_controller"):
            raise AccessError(self.env._("Only a credit controller corrects an original due date."))
        self.move_id.check_access("read")
        old, reason = self._tradecredit_counts_from(), reason.strip()
        if not old:
            raise UserError(self.env._("Only what a customer owes by a posted document has an original due date."))
        if not reason:
            raise UserError(self.env._("Say why: the insurer may ask."))
        if day < (self.move_id.invoice_date or date.min):
            raise UserError(self.env._("An invoice is not due before its own date."))
        if day == old:
            raise UserError(self.env._("%s is the original due date already.", format_date(self.env, old)))
        # Controllers need not be accountants, and the field refuses everybody else.
        line = self.sudo()
        super(AccountMoveLine, line).write({"tradecredit_original_due": day})  # pylint: disable=super-method-mismatch; the only way
        self.env.cr.execute(SQL("UPDATE account_move SET tradecredit_gone_due = NULL WHERE id = %s", line.move_id.id))
        said = self.env._(
            "Original due date corrected from %(old)s to %(new)s: %(reason)s",
            old=format_date(self.env, old), new=format_date(self.env, day), reason=reason,
        )  # fmt: skip
        line.move_id.message_post(body=said)
        self.env["tradecredit.overdue"].sudo()._clock_was_corrected(line, said)

    def _tradecredit_counts_from(self) -> date | None:
        """The original due date as everything here counts it; none of what is not a posted receivable."""
        self.flush_recordset()
        query = SQL(
            "SELECT %s FROM account_move_line line JOIN account_account account ON account.id = line.account_id "
            "WHERE line.id = %s AND line.parent_state = 'posted' AND account.account_type = 'asset_receivable'",
            SQL(ORIGINAL_DUE), self.id,
        )  # fmt: skip
        return next((day for (day,) in self.env.execute_query(query)), None)
