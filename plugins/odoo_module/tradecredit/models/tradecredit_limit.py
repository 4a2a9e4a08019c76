"""A row of cover as the insurer showed it at one time; a change adds a row and archives the one before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from tradecredit_sdk import AnnouncedChange, Condition, CoverStop, CreditLimit, LimitKind, LimitState, Money, StopReason

from .insurer_text import plain

KINDS = [
    ("permanent", "Permanent"), ("temporary", "Temporary"), ("discretionary", "Discretionary"), ("top_up", "Top-up"),
    ("unknown", "Not known here"),
]  # fmt: skip
STATES = [
    ("requested", "Requested"), ("referred", "With an underwriter"), ("approved", "Approved"),
    ("partly_approved", "Partly approved"), ("refused", "Refused"), ("reduced", "Reduced"),
    ("withdrawal_announced", "Withdrawal announced"), ("withdrawn", "Withdrawn"), ("expired", "Expired"),
    ("cancelled", "Cancelled"), ("superseded", "Superseded"), ("unknown", "Not known here"),
]  # fmt: skip
STOPS = [
    ("overdue", "Overdue"),
    ("collection", "Collection"),
    ("adverse", "Adverse information"),
    ("unknown", "Not known here"),
]
LONGEST_TERM = 3650
"""In days; no order has a longer one, so a limit for more is a limit for any."""
HISTORY = {"active", "seen_until"}
"""All that ever changes of a row."""


class Current(NamedTuple):
    """A row of a limit, with the id of its buyer at the insurer and its currency by name."""

    buyer: str
    currency: str
    insurer_limit_id: str
    kind: str
    state: str
    amount: float
    valid_from: date
    valid_until: date | None
    change_on: date | None
    change_amount: float | None
    has_percentage: bool
    insured_percentage: float
    has_max_terms: bool
    max_terms_days: int
    conditions: str | None
    insurer_code: str | None
    stop_since: date | None
    stop_until: date | None
    stop_reason: str | None

    def limit(self) -> CreditLimit:
        """The row as the SDK's rules read it."""
        change = None
        if self.change_on:
            change = AnnouncedChange(effective_on=self.change_on, amount=_money(self.change_amount, self.currency))
        return CreditLimit(
            id=self.insurer_limit_id,
            buyer_id=self.buyer,
            kind=self.kind,
            state=self.state,
            amount=_money(self.amount, self.currency),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            announced_change=change,
            insured_percentage=Decimal(str(self.insured_percentage)) if self.has_percentage else None,
            max_terms_days=self.max_terms_days if self.has_max_terms else None,
            conditions=tuple(Condition(text=line) for line in (self.conditions or "").splitlines()),
            insurer_code=self.insurer_code,
            stop=self.stop(),
        )

    def stop(self) -> CoverStop | None:
        """From when the insurer covers no deliveries."""
        if not self.stop_since:
            return None
        return CoverStop(since=self.stop_since, until=self.stop_until, reason=self.stop_reason or "unknown")


class TradecreditLimit(models.Model):
    _name = "tradecredit.limit"
    _description = "Credit limit"
    _order = "active desc, valid_from desc, id desc"
    _rec_name = "insurer_limit_id"

    buyer_id = fields.Many2one("tradecredit.buyer", required=True, readonly=True, ondelete="restrict", index=True)
    policy_id = fields.Many2one(related="buyer_id.policy_id", store=True, index=True)
    company_id = fields.Many2one(related="buyer_id.company_id", store=True, index=True)
    insurer_limit_id = fields.Char("Id at the insurer", required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, default="permanent")
    state = fields.Selection(STATES, required=True, readonly=True, default="approved")
    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    valid_from = fields.Date("Valid from", required=True, readonly=True)
    valid_until = fields.Date("Valid until", readonly=True, help="The last day; empty: until changed.")
    change_on = fields.Date("Changes on", readonly=True, help="An announced reduction or withdrawal.")
    change_amount = fields.Monetary("Changes to", readonly=True)
    has_percentage = fields.Boolean(readonly=True)
    insured_percentage = fields.Float(
        "Insured percentage", digits=(7, 4), readonly=True, help="Where it differs from the policy's."
    )
    has_max_terms = fields.Boolean(readonly=True)
    max_terms_days = fields.Integer("Longest payment term", readonly=True, help="Where the insurer set one.")
    conditions = fields.Text(readonly=True, help="In the insurer's words, one on each line.")
    stop_since = fields.Date(
        "No cover from", readonly=True, help="The insurer has stopped cover of deliveries from that day on."
    )
    stop_until = fields.Date("Cover again from", readonly=True)
    stop_reason = fields.Selection(STOPS, "Why it stopped", readonly=True)
    insurer_code = fields.Char("The insurer's word", readonly=True)
    active = fields.Boolean(default=True, readonly=True, help="Not set: the insurer no longer shows it like this.")
    seen_from = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    seen_until = fields.Datetime(readonly=True)

    _one_current = models.UniqueIndex(
        "(buyer_id, insurer_limit_id) WHERE active", "A limit of the insurer has one current row."
    )

    @api.depends("kind", "amount", "currency_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for limit in self:
            limit.display_name = f"{kinds.get(limit.kind, '')} {limit.currency_id.format(limit.amount)}".strip()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:  # zero is a term too: cash only, nothing insured
            vals.setdefault("has_max_terms", vals.get("max_terms_days") is not None)
            vals.setdefault("has_percentage", vals.get("insured_percentage") is not None)
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - HISTORY:
            raise UserError(self.env._("What the insurer showed is not changed: a change is a row of its own."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _never_deleted(self):
        raise UserError(self.env._("What the insurer showed is a record and cannot be deleted."))

    @api.model
    def _current_of(self, buyers) -> dict[int, tuple[CreditLimit, ...]]:
        """What holds now of identified buyers, by the buyer's id. One query past the ORM: it is part of every check."""
        self.flush_model()
        buyers.flush_model(["insurer_buyer_id"])
        columns = SQL(", ").join(SQL.identifier("row", name) for name in Current._fields[2:])
        rows = self.env.execute_query(SQL(
            """
            SELECT buyer.id, buyer.insurer_buyer_id, currency.name AS currency, %s
              FROM tradecredit_limit "row"
              JOIN tradecredit_buyer buyer ON buyer.id = row.buyer_id
              JOIN res_currency currency ON currency.id = row.currency_id
             WHERE row.buyer_id = ANY(%s) AND row.active AND buyer.insurer_buyer_id IS NOT NULL
          ORDER BY row.id
            """,
            columns, buyers.ids,
        ))  # fmt: skip
        found: dict[int, tuple[CreditLimit, ...]] = {}
        for buyer, *values in rows:
            found[buyer] = (*found.get(buyer, ()), Current(*values).limit())
        return found

    # What the insurer shows

    @api.model
    def _values_of(self, limit: CreditLimit, currencies: dict[str, int]) -> dict[str, Any]:
        """The row's values; KeyError for a currency that Odoo does not have."""
        change = limit.announced_change
        if change is not None and change.amount.currency != limit.amount.currency:
            raise KeyError(change.amount.currency)
        return {
            "insurer_limit_id": limit.id,
            "kind": limit.kind.value if isinstance(limit.kind, LimitKind) else "unknown",
            "state": limit.state.value if isinstance(limit.state, LimitState) else "unknown",
            "amount": float(limit.amount.amount),
            "currency_id": currencies[limit.amount.currency],
            "valid_from": limit.valid_from,
            "valid_until": limit.valid_until or False,
            "change_on": change.effective_on if change else False,
            "change_amount": float(change.amount.amount) if change else 0.0,
            "has_percentage": limit.insured_percentage is not None,
            "insured_percentage": float(limit.insured_percentage or 0),
            "has_max_terms": limit.max_terms_days is not None,
            "max_terms_days": min(limit.max_terms_days or 0, LONGEST_TERM),
            "conditions": plain("\n".join(" ".join(condition.text.split()) for condition in limit.conditions)),
            "stop_since": limit.stop.since if limit.stop else False,
            "stop_until": limit.stop.until or False if limit.stop else False,
            "stop_reason": _stop_reason(limit),
            "insurer_code": plain(limit.insurer_code) or plain(_unknown_word(limit)),
        }

    def _differs(self, values: dict[str, Any]) -> bool:
        """Whether the insurer now shows something else than this row; both rounded as rows are."""
        shown = self.new({"buyer_id": self.buyer_id.id, **values})
        return any(self[name] != shown[name] for name in values if name != "currency_id") or (
            self.currency_id.id != values["currency_id"]
        )


def _money(amount: float, currency: str) -> Money:
    return Money.rounded(Decimal(str(amount)), currency)


def _stop_reason(limit: CreditLimit) -> str | bool:
    if limit.stop is None:
        return False
    return limit.stop.reason.value if isinstance(limit.stop.reason, StopReason) else "unknown"


def _unknown_word(limit: CreditLimit) -> str | None:
    """The insurer's own code, where our list of codes does not have it."""
    words = [str(code) for code in (limit.kind, limit.state) if not isinstance(code, (LimitKind, LimitState))]
    return " ".join(words) or None
