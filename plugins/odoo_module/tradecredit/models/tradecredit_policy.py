"""The insurance policy of one company: its terms, and how its insurer is reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache

from tradecredit_sdk import Money, Policy, Settings, TradeCreditClient, TradeCreditError

from .error_text import error_text
from .insurer_text import plain
from .notice import notice
from .reader_language import in_language_of

INSURERS = "tradecredit.insurers"
"""The entry point group under which the SDK and others offer insurers."""
OUTAGE = "tradecredit.activity_outage"

CRON_SECONDS = {"timeout_seconds": 15.0, "total_seconds": 60.0}
CLICK_SECONDS = {"timeout_seconds": 8.0, "total_seconds": 20.0, "retries": 1}
"""A person waits, and a worker of the server with him."""


CHANGES_NO_CHECK = {
    "event_cursor", "listed_at", "overdues_found_at", "outage_since", "outage_error", "activity_ids", "message_ids",
}  # fmt: skip
"""Written often, and nothing of it is a term."""


class Terms(NamedTuple):
    """A policy as a check needs it: `sdk` its terms, `seller_ids` the companies it insures.

    `zone` is the company's time zone, or where it has none that of who set the policy up.
    """

    sdk: Policy
    currency_id: int
    company_id: int
    root_company_id: int
    seller_ids: tuple[int, ...]
    company_currency: str
    zone: str


class TradecreditPolicy(models.Model):
    _name = "tradecredit.policy"
    _description = "Trade credit insurance policy"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, name"
    _check_company_auto = True

    name = fields.Char("Number", required=True, copy=False, tracking=True, help="As the insurer writes it.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    active = fields.Boolean(default=True, copy=False, tracking=True)
    responsible_id = fields.Many2one(
        "res.users", "Credit controller", check_company=True, help="Who is told when the insurer cannot be reached."
    )
    buyer_ids = fields.One2many("tradecredit.buyer", "policy_id", "Insured buyers", copy=False)

    # How the insurer is reached
    insurer = fields.Selection(selection="_selection_insurer", required=True, default="open")
    base_url = fields.Char(
        "Address", copy=False, groups="tradecredit.group_administrator", help="Empty: the insurer's usual address."
    )
    api_key = fields.Char("Key", copy=False, groups="tradecredit.group_administrator")
    environment = fields.Selection([("production", "Production"), ("uat", "Test")], required=True, default="production")
    business_unit = fields.Char(help="The insurer's unit that runs the policy, where it has such units.")
    unverified = fields.Boolean(
        "Use unverified calls", help="Also use parts of the insurer's interface of which no public reference exists."
    )
    find_automatically = fields.Boolean(
        "Find buyers automatically",
        default=True,
        help="New buyers are identified by their exact VAT or registration number, where a look-up costs nothing.",
    )
    event_cursor = fields.Char(copy=False, readonly=True, help="Up to where the insurer's events have been read.")
    listed_at = fields.Datetime("Limits read at", copy=False, readonly=True)
    outage_since = fields.Datetime("No answer since", copy=False, readonly=True)
    outage_error = fields.Char("What was wrong", copy=False, readonly=True)

    # Terms
    currency_id = fields.Many2one(
        "res.currency", required=True, tracking=True, default=lambda self: self.env.company.currency_id
    )
    insured_percentage = fields.Float("Insured percentage", default=90, digits=(5, 2), tracking=True)
    max_payment_terms_days = fields.Integer("Longest payment term", default=90, tracking=True)
    max_extension_days = fields.Integer(
        "Maximum extension period", default=60, tracking=True, help="From the original due date; then cover stops."
    )
    notification_days = fields.Integer(
        "Notification period", default=30, help="Days after the maximum extension period to declare the overdue."
    )
    waiting_period_days = fields.Integer("Waiting period", default=180)
    waiting_period_start = fields.Selection(
        [("original_due_date", "Original due date"), ("notification", "Notification")],
        "Waiting period runs from",
        required=True,
        default="original_due_date",
    )
    claim_filing_days = fields.Integer("Claim filing period", default=180)
    all_countries = fields.Boolean("All countries are covered", default=True, tracking=True)
    country_ids = fields.Many2many("res.country", string="Covered countries")
    has_discretionary_limit = fields.Boolean(
        "Discretionary limit", tracking=True, help="Cover of your own, while the insurer never decided on the buyer."
    )
    discretionary_limit = fields.Monetary("Discretionary amount", tracking=True)
    tax_basis = fields.Selection(
        [("net", "Without tax"), ("gross", "With tax")], "Tax basis", required=True, default="net", tracking=True
    )
    order_tolerance_percent = fields.Float(
        "Tolerance", digits=(5, 2), tracking=True, help="An order may exceed the limit by this share, with a warning."
    )
    limit_max_age_hours = fields.Integer("Limits are good for", default=24, tracking=True, help="In hours.")
    on_stale_limit = fields.Selection(
        [("warn", "Warn"), ("block", "Hold the order"), ("use_last", "Use the last one")],
        "When limits are older",
        required=True,
        default="warn",
        tracking=True,
    )

    # Behaviour
    self_release = fields.Boolean("May release own request", tracking=True)
    auto_confirm = fields.Boolean("Held orders confirm themselves", tracking=True)

    _one_active = models.UniqueIndex("(company_id) WHERE active", "A company has one active policy.")
    _percentages = models.Constraint(
        "CHECK(insured_percentage BETWEEN 0 AND 100 AND order_tolerance_percent BETWEEN 0 AND 100)",
        "A percentage lies between 0 and 100.",
    )
    _days = models.Constraint(
        "CHECK(LEAST(max_payment_terms_days, max_extension_days, notification_days, waiting_period_days,"
        " claim_filing_days) >= 0 AND GREATEST(max_payment_terms_days, max_extension_days, notification_days,"
        " waiting_period_days, claim_filing_days) <= 3650)",
        "A period lies between 0 and 3650 days.",
    )
    _hours = models.Constraint(
        "CHECK(limit_max_age_hours BETWEEN 0 AND 87600)", "Limits are good for 0 to 87600 hours."
    )
    _own_limit = models.Constraint("CHECK(discretionary_limit >= 0)", "A discretionary limit is not negative.")

    @api.model
    def _selection_insurer(self) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted({point.name for point in entry_points(group=INSURERS)})]

    # What a check needs to know, kept by the server until it changes

    @api.model
    @ormcache("company_id")
    def _id_of_company(self, company_id: int) -> int:
        """The active policy of a company, or else of the one that it is a branch of; 0 for none."""
        rows = self.env.execute_query(SQL(
            """
            SELECT policy.id
              FROM res_company branch
              JOIN res_company company ON branch.parent_path LIKE company.parent_path || '%%'
              JOIN tradecredit_policy policy ON policy.company_id = company.id AND policy.active
             WHERE branch.id = %s
          ORDER BY length(company.parent_path) DESC LIMIT 1
            """,
            company_id,
        ))  # fmt: skip
        return rows[0][0] if rows else 0

    @ormcache("self.id")
    def _terms(self) -> Terms:
        """The terms and the seller's place."""
        policy = self.sudo()
        company = policy.company_id
        return Terms(
            policy._sdk_policy(),
            policy.currency_id.id,
            company.id,
            company.root_id.id,
            policy._seller_ids(),
            company.currency_id.name,
            company.partner_id.tz or policy.create_uid.tz or "UTC",
        )

    def _seller_ids(self) -> tuple[int, ...]:
        """The company and its branches are one legal seller; a branch with a policy of its own is insured by that."""
        self.flush_model(["company_id", "active"])
        below = [("id", "child_of", self.company_id.id)]
        companies = self.env["res.company"].with_context(active_test=False).search(below, order="id")
        return tuple(company.id for company in companies if self._id_of_company(company.id) in (self.id, 0))

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - CHANGES_NO_CHECK:
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # For the SDK

    def _sdk_policy(self) -> Policy:
        """The terms as the SDK's rules read them."""
        self.ensure_one()
        currency = self.currency_id.name
        own = Money.rounded(Decimal(str(self.discretionary_limit)), currency) if self.has_discretionary_limit else None
        return Policy(
            id=self.name,
            insurer=self.insurer,
            currency=currency,
            insured_percentage=Decimal(str(self.insured_percentage)),
            max_payment_terms_days=self.max_payment_terms_days,
            max_extension_days=self.max_extension_days,
            notification_days=self.notification_days,
            waiting_period_days=self.waiting_period_days,
            waiting_period_start=self.waiting_period_start,
            claim_filing_days=self.claim_filing_days,
            covered_countries=None if self.all_countries else tuple(sorted(self.country_ids.mapped("code"))),
            discretionary_limit=own,
            tax_basis=self.tax_basis,
            order_tolerance_percent=Decimal(str(self.order_tolerance_percent)),
            limit_max_age_hours=self.limit_max_age_hours,
            on_stale_limit=self.on_stale_limit,
        )

    def _client(self, seconds: dict[str, float] | None = None) -> TradeCreditClient:
        """A client by the fields only: what the server's environment or files say of another policy has no effect.

        ConfigError when something is missing. Close it, or use it in a `with` block.
        """
        self.ensure_one()
        policy = self.sudo()  # whoever may ask for a limit uses the key without reading it
        settings = Settings().override({
            "insurer": policy.insurer,
            "base_url": policy.base_url or None,
            "api_key": policy.api_key or None,
            "policy": policy.name,
            "business_unit": policy.business_unit or None,
            "environment": policy.environment,
            "policy_currency": policy.currency_id.name,
            "unverified": policy.unverified,
            **(seconds or CRON_SECONDS),
        })  # fmt: skip
        return TradeCreditClient(settings)

    @contextmanager
    def _asking(self) -> Iterator[TradeCreditClient]:
        """A client for a person's click: what goes wrong is a message to him."""
        try:
            with self._client(CLICK_SECONDS) as client:
                yield client
        except TradeCreditError as error:
            raise UserError(self._explained(error)) from None

    def _explained(self, error: TradeCreditError) -> str:
        return self.env._(
            "The insurer of policy %(policy)s: %(error)s", policy=self.name, error=error_text(self, error)
        )

    # Buttons

    def action_test_connection(self) -> dict[str, Any]:
        """One cheap authorised call; UserError says what is wrong."""
        self.check_access("write")
        with self._asking() as client:
            client.probe()
        self.sudo()._answered()
        return notice(self.env._("The insurer answers and accepts the key."))

    def action_read_terms(self) -> dict[str, Any]:
        """Take the terms from the insurer, where its interface tells them."""
        self.check_access("write")
        with self._asking() as client:
            terms = client.policies.get()
        self.write(self._values_of(terms))
        return notice(self.env._("The terms were read."))

    def _values_of(self, terms: Policy) -> dict[str, Any]:
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", terms.currency)])
        if not currency.active:
            raise UserError(self.env._("The policy is in %s: activate this currency first.", terms.currency))
        countries = self.env["res.country"].search([("code", "in", list(terms.covered_countries or ()))])
        unknown = set(terms.covered_countries or ()) - set(countries.mapped("code"))
        if unknown:
            raise UserError(self.env._("Odoo has no country with the code %s.", ", ".join(sorted(unknown))))
        own = terms.discretionary_limit
        if own is not None and own.currency != terms.currency:
            raise UserError(self.env._("The discretionary limit is in %s, unlike the policy.", own.currency))
        # Tolerance and the age of limits are the company's own choice: no insurer tells them.
        return {
            "currency_id": currency.id,
            "insured_percentage": float(terms.insured_percentage),
            "max_payment_terms_days": terms.max_payment_terms_days,
            "max_extension_days": terms.max_extension_days,
            "notification_days": terms.notification_days,
            "waiting_period_days": terms.waiting_period_days,
            "waiting_period_start": terms.waiting_period_start.value,
            "claim_filing_days": terms.claim_filing_days,
            "all_countries": terms.covered_countries is None,
            "country_ids": [fields.Command.set(countries.ids)],
            "has_discretionary_limit": own is not None,
            "discretionary_limit": float(own.amount) if own is not None else 0.0,
            "tax_basis": terms.tax_basis.value,
        }

    def action_read_limits(self) -> dict[str, Any]:
        """Read all limits now; UserError says why that was not possible."""
        if not self.env.user.has_group("tradecredit.group_controller"):
            raise UserError(self.env._("Only a credit controller reads limits of all buyers."))
        self.check_access("read")
        self._read_for_a_person()
        return notice(self.env._("The limits were read."))

    # Outages

    def _failed(self, error: TradeCreditError) -> None:
        """The insurer cannot be reached or understood: one activity until it can, however often it is tried."""
        self.ensure_one()
        told = self._who_is_told()
        policy = in_language_of(told, self)
        text = plain(policy._explained(error))
        if not self.outage_since:
            self.write({"outage_since": fields.Datetime.now(), "outage_error": text})
            self.activity_schedule(
                OUTAGE,
                user_id=told.id,
                note=policy.env._("Limits stay as they were last heard; requests are kept and sent later. %s", text),
            )
        elif self.outage_error != text:
            self.outage_error = text

    def _answered(self) -> None:
        """The insurer answers: an outage is over."""
        for policy in self.filtered("outage_since"):
            policy.write({"outage_since": False, "outage_error": False})
            policy.activity_feedback([OUTAGE], feedback=self.env._("The insurer answers again."))

    def _who_is_told(self):
        """The policy's controller, or another one of the company; where nobody has the right, who can give it."""
        able = self._people("tradecredit.group_controller")
        if self.responsible_id in able:
            return self.responsible_id
        return able[:1] or self.create_uid.filtered("active") or self.env.ref("base.user_admin")

    def _people(self, group: str):
        """Those of the company who have this right."""
        users = self.env.ref(group).sudo().all_user_ids
        able = users.filtered(lambda user: user.active and not user.share and self.company_id in user.company_ids)
        return able.sorted("id")
