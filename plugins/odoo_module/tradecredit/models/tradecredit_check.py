"""The credit check and its record: what was asked, what was known, what came of it; written once and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.modules.registry import Registry

from tradecredit_sdk import ExchangeRates, Exposure, Money, Order, Standing, Verdict

from .check_request import CheckRequest, Outcome
from .reason_text import reason_text
from .tradecredit_buyer import TOLD

OUTCOMES = [
    ("allowed", "Allowed"), ("warning", "Allowed with a warning"), ("blocked", "Blocked"),
    ("exempt", "Not insured on purpose"),
]  # fmt: skip
TRIGGERS = [
    ("confirm", "Confirmation"), ("growth", "The order grew"), ("payer", "Another payer, company or currency"),
    ("request", "A limit or a release was asked for"), ("recheck", "Checked again"),
]  # fmt: skip


class TradecreditCheck(models.Model):
    _name = "tradecredit.check"
    _description = "Credit check"
    _order = "id desc"
    _rec_name = "document"
    _log_access = False  # nobody changes a row; who and when are fields of their own

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    policy_id = fields.Many2one("tradecredit.policy", required=True, readonly=True, ondelete="restrict")
    buyer_id = fields.Many2one("tradecredit.buyer", readonly=True, ondelete="restrict", index=True)
    partner_id = fields.Many2one("res.partner", "Payer", required=True, readonly=True, ondelete="restrict")
    res_model = fields.Char("Document model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Document id", model_field="res_model", readonly=True)
    document = fields.Char(readonly=True)
    trigger = fields.Selection(TRIGGERS, "Occasion", required=True, readonly=True)
    checked_at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Asked by", required=True, readonly=True, ondelete="restrict")
    day = fields.Date(required=True, readonly=True, help="The seller's calendar day of the check.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    passed = fields.Boolean(readonly=True, help="The document went ahead: allowed, or released by a person.")
    release_id = fields.Many2one("tradecredit.release", readonly=True, ondelete="restrict")
    has_limit = fields.Boolean(readonly=True, help="A limit of zero is a decision; no limit means not insured.")
    limit_amount = fields.Monetary("Limit", readonly=True)
    exposure_total = fields.Monetary("Used", readonly=True)
    order_amount = fields.Monetary("This document", readonly=True)
    available = fields.Monetary(readonly=True)
    uncovered = fields.Monetary(readonly=True)
    insured_share = fields.Monetary(readonly=True)
    exposure = fields.Json(readonly=True, help="Buckets as read, one amount for each currency.")
    limits = fields.Json("Limits known", readonly=True)
    rates = fields.Json(readonly=True)
    as_of = fields.Datetime("Insurer heard at", readonly=True)
    oldest_due = fields.Date("Oldest due date", readonly=True)
    reasons = fields.Json(readonly=True, help="Codes with the numbers, of which the text is made in any language.")
    reason_text = fields.Text(compute="_compute_reason_text")

    _document_idx = models.Index("(res_model, res_id, id DESC)")

    def init(self):
        # Not even a program with superuser rights changes what was recorded; only partners that are merged change ids.
        self.env.cr.execute("""
            CREATE OR REPLACE FUNCTION tradecredit_check_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
            IF TG_OP = 'UPDATE' AND current_setting('tradecredit.merging', TRUE) = 'on'
               AND to_jsonb(NEW) - 'partner_id' = to_jsonb(OLD) - 'partner_id' THEN RETURN NEW; END IF;
            RAISE EXCEPTION 'A credit check is a record and cannot be changed or deleted.'; END $$;
            CREATE OR REPLACE TRIGGER tradecredit_check_is_final BEFORE UPDATE OR DELETE ON tradecredit_check
            FOR EACH ROW EXECUTE FUNCTION tradecredit_check_is_final();
        """)

    def write(self, vals):  # pylint: disable=method-required-super; nobody may
        raise UserError(self.env._("A credit check is a record and cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _never_deleted(self):
        raise UserError(self.env._("A credit check is a record and cannot be deleted."))

    @api.depends_context("lang")
    @api.depends("reasons")
    def _compute_reason_text(self):
        for check in self:
            check.reason_text = "\n".join(reason_text(self.env, reason) for reason in check.reasons or [])

    # The check

    @api.model
    def _run(
        self, company, requests: Sequence[CheckRequest], *, trigger: str, lock: bool = True, record: bool = True,
        together: bool = True,
    ) -> list[Outcome]:  # fmt: skip
        """Check documents one after the other: each that passes uses cover for those after it, unless not `together`.

        With `lock` the buyers' rows are written first, so that of many at once only as many pass as fit. Without it
        the answer is a preview and nothing is written. Nothing is checked for a company without a policy.
        """
        self = self.sudo().with_company(company)  # the whole exposure counts, not what the user may see
        policy = self.env.company.tradecredit_policy_id
        desk = Desk(self, policy, requests, lock=lock) if policy and requests else None
        outcomes = [
            desk.check(one, trigger, together=together) if desk else Outcome.of_nothing(self.env, one)
            for one in requests
        ]
        return self._record(outcomes) if record else outcomes

    def _record(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Write what was checked. What stops a document is written once more if its refusal undoes everything."""
        checked = [outcome for outcome in outcomes if outcome.values]
        rows = iter(self._insert([outcome.values for outcome in checked]))
        stopped = [outcome.values for outcome in checked if outcome.stops]
        if stopped:
            dbname = self.env.cr.dbname
            self.env.cr.postrollback.add(lambda: _keep(dbname, stopped))
        return [outcome._replace(check=next(rows)) if outcome.values else outcome for outcome in outcomes]

    @api.model
    def _insert(self, rows: Sequence[dict[str, Any]]):
        """As `create`, in a fifth of its time: nothing is computed of a check, and nothing waits for its values."""
        if not rows:
            return self.browse()
        stored = [self._fields[name] for name in rows[0]]
        names, places = ", ".join(rows[0]), f"({', '.join(['%s'] * len(stored))})"
        # pylint: disable-next=sql-injection; names of fields only
        self.env.cr.execute(
            f"INSERT INTO tradecredit_check ({names}) VALUES {', '.join([places] * len(rows))} RETURNING id",  # noqa: S608
            [field.convert_to_column_insert(row[field.name], self) for row in rows for field in stored],
        )
        return self.browse(id_ for (id_,) in self.env.cr.fetchall())

    @api.model
    def _message(self, outcomes: Sequence[Outcome]) -> str:
        """Why documents cannot go ahead: the buyer, the numbers and every reason, in the user's language."""
        parts = []
        for outcome in outcomes:
            if not outcome.stops:
                continue
            head = self.env._(
                "%(document)s cannot go ahead because of the credit insurance for %(buyer)s:",
                document=outcome.request.document.display_name,
                buyer=outcome.request.partner.sudo().commercial_partner_id.name,
            )
            reasons = [reason_text(self.env, reason.to_dict()) for reason in outcome.verdict.reasons]
            parts.append("\n".join([head, *(f"• {text}" for text in reasons)]))
        return "\n\n".join(parts)


def _keep(dbname: str, rows: list[dict[str, Any]]) -> None:
    """Record refused checks although their transaction was undone, in one of their own."""
    with Registry(dbname).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        buyers, partners = env["tradecredit.buyer"], env["res.partner"]
        for row in rows:
            partner, policy = partners.browse(row["partner_id"]), env["tradecredit.policy"].browse(row["policy_id"])
            if not partner.exists():  # it was made in the undone transaction, and so was all that hangs on it
                continue
            if row["buyer_id"] and not buyers.browse(row["buyer_id"]).exists():  # a stranger until now
                row = {**row, "buyer_id": buyers._of_partner(policy, partner).id}
            env["tradecredit.check"]._insert([row])


class Desk:
    """The buyers of one batch with all that is known of them, read after their rows were locked."""

    def __init__(self, checks: TradecreditCheck, policy: Any, requests: Sequence[CheckRequest], *, lock: bool) -> None:
        env = checks.env
        self.env, self.policy, self.terms = env, policy, policy._terms()
        buyers, exposures = env["tradecredit.buyer"], env["tradecredit.exposure"]
        partners = env["res.partner"].union(*(one.partner.sudo() for one in requests))
        self.families = buyers._families(policy, partners)
        strangers = {family for family in self.families.values() if not family.buyer_ids} if lock else ()
        if strangers:
            buyers._make_rows(policy.id, {family.partner_ids[0] for family in strangers})
            self.families = buyers._families(policy, partners)
        insured = {family for family in self.families.values() if not family.exempt}
        self.buyers = buyers.browse({row for family in insured for row in family.buyer_ids})
        if lock:
            self.buyers._lock()
        self.buyers.fetch(TOLD)
        self.positions = self.buyers._positions(has_applications=any(family.has_applications for family in insured))
        self.today, self.now = exposures._today(policy), datetime.now(timezone.utc)
        self.documents = requests[0].document.browse({id_ for one in requests for id_ in one.document.ids})
        self.releases: Any = None
        self.exposures = exposures._of(policy, {family.partner_ids for family in insured}, self.documents)
        self.standings: dict[Any, tuple[Any, Standing]] = {}
        self.known_rates = exposures._rates(policy, self._currencies(requests), self.today)
        self.rates = ExchangeRates(self.terms.company_currency, self.known_rates)

    def _currencies(self, requests: Sequence[CheckRequest]) -> set[str]:
        """All that occur."""
        names = {self.terms.sdk.currency, *(one.currency.name for one in requests if _is_money(one.currency))}
        for exposure in self.exposures.values():
            for bucket in (exposure.open, exposure.overdue, exposure.draft, exposure.ordered):
                names |= {money.currency for money in bucket}
        for position in self.positions.values():
            names |= {limit.amount.currency for limit in position.limits} if position else set()
        if self.terms.sdk.discretionary_limit is not None:
            names.add(self.terms.sdk.discretionary_limit.currency)
        return names

    def check(self, request: CheckRequest, trigger: str, *, together: bool) -> Outcome:
        """One document; what goes ahead is counted for the next one if they are judged `together`."""
        env = self.env
        no_release, no_check = env["tradecredit.release"], env["tradecredit.check"]
        request = request._replace(document=request.document.with_prefetch(self.documents._ids))
        is_known = _is_money(request.currency)
        if not is_known:  # a number of points, say: it is recorded as no amount
            nothing = {"amount": Decimal(0), "tax": Decimal(0), "currency": self.policy.currency_id}
            request = request._replace(**nothing)
        family = self.families[request.partner.id]
        if family.exempt:
            return Outcome.of_nothing(env, request)._replace(values=self._exempt_values(request, family, trigger))
        buyer, standing = self._standing(family) if is_known else self._stand(family, unreadable=1)
        verdict = standing.check(self._order(request, family, standing))
        release = no_release
        if verdict.is_blocked and verdict.order is not None and is_known:
            rows = self.buyers.filtered(lambda row: row.id in family.buyer_ids)
            release = self._granted()._covering(request, rows, verdict.order, self.rates)
        if together and (not verdict.is_blocked or release):
            standing.take(verdict)
        exposure = self.exposures[family.partner_ids]
        values = self._values(request, buyer, standing, exposure, verdict, release, trigger)
        return Outcome(request, buyer, verdict, exposure, release, no_check, values)

    def _granted(self) -> Any:
        """Releases of the batch's documents, read when the first one is blocked."""
        if self.releases is None:
            self.releases = self.env["tradecredit.release"]._granted_for(self.documents, self.policy, self.today)
        return self.releases

    def _standing(self, family: Any) -> tuple[Any, Standing]:
        """The row that speaks for a legal entity, and how it stands after the documents checked so far."""
        if family.partner_ids not in self.standings:
            self.standings[family.partner_ids] = self._stand(family)
        return self.standings[family.partner_ids]

    def _stand(self, family: Any, *, unreadable: int = 0) -> tuple[Any, Standing]:
        rows = self.buyers.filtered(lambda row: row.id in family.buyer_ids)
        buyer = rows._chief(rows).with_prefetch(self.buyers._ids)
        position = None if not buyer or rows._conflict_of(rows) else self.positions[buyer.id]
        exposure = self.exposures[family.partner_ids]
        exposure = exposure.model_copy(update={"unreadable": exposure.unreadable + unreadable})
        return buyer, Standing(exposure, position, self.terms.sdk, self.today, self.rates, self.now)

    def _order(self, request: CheckRequest, family: Any, standing: Standing) -> Order:
        currency = request.currency.name
        return Order(
            number=(request.document.display_name or "")[:64],
            buyer_id=standing.limits.buyer_id if standing.limits is not None else None,
            amount=Money.rounded(request.amount, currency),
            tax=Money.rounded(request.tax, currency),
            terms_days=request.terms_days,
            country=family.country,
        )

    def _values(
        self, request: CheckRequest, buyer: Any, standing: Standing, exposure: Exposure, verdict: Verdict, release: Any,
        trigger: str,
    ) -> dict[str, Any]:  # fmt: skip
        """The record of the check."""
        return {
            **self._questions(request, buyer.id, trigger),
            "outcome": verdict.outcome.value,
            "passed": not verdict.is_blocked or bool(release),
            "release_id": release.id,
            "has_limit": verdict.limit is not None,
            "limit_amount": _number(verdict.limit),
            "exposure_total": _number(verdict.exposure),
            "order_amount": _number(verdict.order),
            "available": _number(verdict.available),
            "uncovered": _number(verdict.uncovered),
            "insured_share": _number(verdict.insured_share),
            "exposure": exposure.model_dump(mode="json"),
            "limits": None if standing.limits is None else standing.limits.model_dump(mode="json"),
            "rates": {"base": self.rates.base, **{name: str(rate) for name, rate in self.known_rates.items()}},
            "as_of": buyer.as_of,
            "oldest_due": exposure.oldest_original_due_date,
            "reasons": [reason.to_dict() for reason in verdict.reasons],
        }

    def _questions(self, request: CheckRequest, buyer_id: int | None, trigger: str) -> dict[str, Any]:
        """What was asked, by whom and when."""
        return {
            "company_id": self.terms.company_id,
            "policy_id": self.policy.id,
            "buyer_id": buyer_id,
            "partner_id": request.partner.id,
            "res_model": request.document._name,
            "res_id": request.document.id if isinstance(request.document.id, int) else False,
            "document": request.document.display_name,
            "trigger": trigger,
            "checked_at": fields.Datetime.now(),
            "user_id": self.env.uid,
            "day": self.today,
            "currency_id": self.terms.currency_id,
        }

    def _exempt_values(self, request: CheckRequest, family: Any, trigger: str) -> dict[str, Any]:
        """The record of a document that passes because somebody decided not to insure its payer."""
        asked = Money.rounded(request.amount + request.tax, request.currency.name)
        amount = _number(self.rates.convert(asked, self.terms.sdk.currency, up=True))
        nothing = dict.fromkeys(("limit_amount", "exposure_total", "available", "insured_share"), 0.0)
        unknown = dict.fromkeys(("release_id", "exposure", "limits", "rates", "as_of", "oldest_due"))
        return {
            **self._questions(request, family.buyer_ids[0], trigger),
            "outcome": "exempt",
            "passed": True,
            "has_limit": False,
            **nothing,
            "order_amount": amount,
            "uncovered": amount,
            **unknown,
            "reasons": [],
        }


def _number(money: Money | None) -> float:
    return float(money.amount) if money is not None else 0.0


def _is_money(currency: Any) -> bool:
    """Whether it is a currency of ISO 4217: Odoo takes any three letters for one, and an insurer does not."""
    try:
        Money(0, currency.name)
    except ValueError:
        return False
    return True
