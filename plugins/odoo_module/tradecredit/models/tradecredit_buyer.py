"""The insured buyer: one row for each policy and legal entity, and the row that confirmations of it wait for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timezone
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from tradecredit_sdk import LimitPosition

from .sql_function import SqlFunction
from .tradecredit_application import SPEAKING

STATUSES = [
    ("active", "Active"), ("insolvent", "Insolvent"), ("ceased", "No longer in business"), ("unknown", "Not known here"),
]  # fmt: skip
TOLD = (
    "insurer_buyer_id", "as_of", "insurer_status", "insurer_country", "insolvent_on", "adverse_on",
    "told_stop_since", "told_stop_until",
)  # fmt: skip
"""All that a check reads of a buyer: fetched at once, it costs one query."""

FAMILIES = SqlFunction(
    "tradecredit_families",
    "partners int[], of_policy int, speaking text[]",
    "asked int[], members int[], buyers int[], country text, is_exempt boolean, has_applications boolean",
    """
    WITH RECURSIVE family(head, member) AS (
        SELECT commercial_partner_id, commercial_partner_id FROM res_partner WHERE id = ANY(partners)
        UNION
        SELECT family.head, other.id
          FROM family
          JOIN res_partner one ON one.id = family.member
          JOIN res_partner other
            ON other.tradecredit_vat = one.tradecredit_vat OR other.tradecredit_registry = one.tradecredit_registry
    )
    SELECT ARRAY(SELECT id FROM res_partner
                  WHERE id = family.head OR id = ANY(partners) AND commercial_partner_id = family.head),
           array_agg(DISTINCT family.member ORDER BY family.member),
           array_agg(DISTINCT buyer.id ORDER BY buyer.id) FILTER (WHERE buyer.id IS NOT NULL),
           (MIN(country.code) FILTER (WHERE one.id = family.head))::text,
           COALESCE(BOOL_OR(buyer.exempt AND buyer.partner_id = family.head), FALSE),
           EXISTS (SELECT FROM tradecredit_application application
                    WHERE application.buyer_id = ANY(array_agg(buyer.id)) AND application.state = ANY(speaking))
      FROM family
      JOIN res_partner one ON one.id = family.member
      LEFT JOIN res_country country ON country.id = one.country_id
      LEFT JOIN tradecredit_buyer buyer
        ON buyer.partner_id = family.member AND buyer.policy_id = of_policy AND buyer.active
     GROUP BY family.head
    """,
)
"""The legal entities that partners and their commercial partners, all of them `asked` for, belong to.

Not insured on purpose is the very partner that was chosen: a number is quickly given to somebody else.
"""


class Family(NamedTuple):
    """All commercial partners that are one legal entity (shared VAT or registration number), and its buyers' rows."""

    partner_ids: tuple[int, ...]
    buyer_ids: tuple[int, ...]
    country: str | None
    exempt: bool
    has_applications: bool
    """The insurer has still to decide on something, or has refused something."""


class TradecreditBuyer(models.Model):
    _name = "tradecredit.buyer"
    _description = "Insured buyer"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    policy_id = fields.Many2one("tradecredit.policy", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", "Legal entity", required=True, ondelete="restrict", index=True,
        help="The first commercial partner of the legal entity; others with the same VAT or registration number count too.",
    )  # fmt: skip
    name = fields.Char(compute="_compute_name", store=True)
    active = fields.Boolean(default=True)
    insurer_buyer_id = fields.Char("Id at the insurer", copy=False, tracking=True, help="Empty: not identified yet.")
    insurer_name = fields.Char("Name at the insurer", copy=False)
    country_id = fields.Many2one(related="partner_id.country_id")
    grade = fields.Char(copy=False)
    insurer_status = fields.Char("The insurer's word for its state", copy=False, readonly=True)
    insurer_country = fields.Char("Country at the insurer", copy=False, readonly=True, help="Its two letters.")
    status = fields.Selection(
        STATUSES, "State of the company", compute="_compute_status", store=True, tracking=True,
        help="As the insurer has it on file: to a company that is insolvent or has ceased no new delivery is insured.",
    )  # fmt: skip
    file_read_at = fields.Datetime(
        "File read at", copy=False, readonly=True, help="When the insurer last told what it has on file of this buyer."
    )
    exempt = fields.Boolean(
        "Not insured on purpose", tracking=True, copy=False,
        help="Orders of this partner are not checked against the policy: group companies, public bodies, private persons.",
    )  # fmt: skip
    as_of = fields.Datetime("Insurer heard at", copy=False, help="When the insurer last told its limits on this buyer.")
    lock_seq = fields.Integer(default=0, copy=False, groups="base.group_no_one")
    conflict = fields.Char(compute="_compute_conflict")
    limit_ids = fields.One2many("tradecredit.limit", "buyer_id", "Limits", copy=False)
    application_ids = fields.One2many("tradecredit.application", "buyer_id", "Applications", copy=False)
    check_ids = fields.One2many("tradecredit.check", "buyer_id", "Checks", copy=False)

    _one_active_row = models.UniqueIndex(
        "(policy_id, partner_id) WHERE active", "A legal entity has one row for each policy."
    )
    # One limit would count twice.
    _one_company = models.UniqueIndex(
        "(policy_id, insurer_buyer_id) WHERE active AND insurer_buyer_id <> ''",
        "This company at the insurer is already another buyer: if both are one legal entity, give them the same VAT or "
        "registration number.",
    )

    @api.depends("partner_id.name", "insurer_name")
    def _compute_name(self):
        for buyer in self:
            buyer.name = buyer.partner_id.name or buyer.insurer_name

    @api.depends("insurer_status")
    def _compute_status(self):
        known = dict(STATUSES)
        for buyer in self:
            word = (buyer.insurer_status or "").strip().lower()
            buyer.status = word and (word if word in known else "unknown")

    def _compute_conflict(self):
        for buyer in self:
            family = self._families(buyer.policy_id, buyer.partner_id)[buyer.partner_id.id]
            buyer.conflict = self._conflict_of(self.browse(family.buyer_ids))

    # The legal entity

    def init(self):
        FAMILIES.install(self.env.cr)

    @api.model
    def _families(self, policy, partners) -> dict[int, Family]:
        """For each partner, and its commercial partner, the legal entity. One query, whatever the number of partners."""
        if not partners.ids:
            return {}
        self.env["res.partner"].flush_model(
            ["commercial_partner_id", "tradecredit_vat", "tradecredit_registry", "country_id"]
        )
        self.flush_model(["policy_id", "partner_id", "active", "exempt"])
        self.env["tradecredit.application"].flush_model(["buyer_id", "state"])
        rows = self.env.execute_query(FAMILIES(partners.ids, policy.id, list(SPEAKING)))
        found = {}
        for asked, members, buyers, *facts in rows:
            found.update(dict.fromkeys(asked, Family(tuple(members), tuple(buyers or ()), *facts)))
        return found

    @api.model
    def _of_partner(self, policy, partner, *, create: bool = True):
        """The buyer's row of a partner's legal entity; made when there is none and `create`."""
        family = self._families(policy, partner).get(partner.id)
        if family is None:
            return self
        if not family.buyer_ids and create:
            return self.browse(self._make_rows(policy.id, family.partner_ids[:1]).values())
        return self._chief(self.browse(family.buyer_ids))

    def _rows_of_family(self, policy):
        """All rows of these legal entities, archived ones too."""
        families = self._families(policy, self.partner_id).values()
        partner_ids = {partner for family in families for partner in family.partner_ids}
        rows = self.with_context(active_test=False).search(
            [("policy_id", "=", policy.id), ("partner_id", "in", list(partner_ids))]
        )
        return self | rows.with_context(active_test=self.env.context.get("active_test", True))

    @api.model
    def _make_rows(self, policy_id: int, partner_ids: Iterable[int]) -> dict[int, int]:
        """Insert rows, or write those that somebody else has inserted meanwhile: either way they are locked. By partner."""
        rows = self.env.execute_query(SQL(
            """
            INSERT INTO tradecredit_buyer (policy_id, company_id, partner_id, name, active, lock_seq,
                                           create_uid, write_uid, create_date, write_date)
            SELECT policy.id, policy.company_id, partner.id, partner.name, TRUE, 1,
                   %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM tradecredit_policy policy, res_partner partner
             WHERE policy.id = %(policy)s AND partner.id = ANY(%(partners)s)
          ORDER BY partner.id
            ON CONFLICT (policy_id, partner_id) WHERE active
              DO UPDATE SET lock_seq = tradecredit_buyer.lock_seq + 1
            RETURNING partner_id, id
            """,
            uid=self.env.uid, policy=policy_id, partners=list(partner_ids),
        ))  # fmt: skip
        made = dict(rows)
        self.browse(made.values()).invalidate_recordset()
        return made

    def _chief(self, buyers):
        """The row that speaks for the legal entity: an identified one before others, the oldest first."""
        return (buyers.filtered("insurer_buyer_id") or buyers)[:1]

    def _conflict_of(self, buyers) -> str | bool:
        """What is wrong when one legal entity is known to the insurer under several ids; False when nothing is."""
        ids = sorted(set(buyers.filtered("insurer_buyer_id").mapped("insurer_buyer_id")))
        if len(ids) < 2:
            return False
        return self.env._(
            "One legal entity has %(count)s ids at the insurer (%(ids)s): archive the rows that are wrong.",
            count=len(ids), ids=", ".join(ids),
        )  # fmt: skip

    @api.model
    def _join(self, partners) -> None:
        """Numbers of partners changed: rows that are now one legal entity wait for each other from here on.

        The rows are written, so a confirmation that read the old state is repeated. Rows that were never identified
        give way to the one that is.
        """
        for policy in self.env["tradecredit.policy"].search([]):  # pylint: disable=no-search-all; one a company
            for family in set(self._families(policy, partners).values()):
                if len(family.buyer_ids) < 2:
                    continue
                self.browse(family.buyer_ids)._become_one()

    def _become_one(self) -> None:
        """Of these rows of one legal entity those that were never identified give way to the one that speaks for it."""
        self._lock()
        chief = self._chief(self)
        spare = self.filtered(lambda buyer: not buyer.insurer_buyer_id) - chief
        spare.active = False

    @api.model
    def _insured_under(self, partner, vat: str | bool, registry: str | bool) -> list:
        """The rows of a partner, or of another one with these numbers, on which somebody has decided."""
        return [
            "|", ("insurer_buyer_id", "!=", False), ("exempt", "=", True),
            "|", ("partner_id", "=", partner.id),
            "|", "&", ("partner_id.tradecredit_vat", "=", vat), ("partner_id.tradecredit_vat", "!=", False),
            "&", ("partner_id.tradecredit_registry", "=", registry), ("partner_id.tradecredit_registry", "!=", False),
        ]  # fmt: skip

    @api.model
    def _merge_partners(self, sources, target) -> None:
        """The rows of partners that are merged go to the one that stays; UserError while it would be two companies."""
        rows = self.with_context(active_test=False).search([("partner_id", "in", (sources + target).ids)], order="id")
        for buyers in rows.filtered("active").grouped("policy_id").values():
            if conflict := self._conflict_of(buyers):
                raise UserError(conflict)
            buyers._become_one()
        rows.flush_recordset()  # a row gives way before another one takes its partner
        rows.partner_id = target

    # The lock

    def _lock(self) -> None:
        """Write the rows before exposure is read: a transaction that began earlier is repeated and reads what is true.

        Nothing weaker holds under REPEATABLE READ: after waiting for FOR UPDATE the old snapshot is still read. Ids are
        taken in order, so that two batches do not wait for each other.
        """
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            WITH held AS (SELECT id FROM tradecredit_buyer WHERE id = ANY(%s) ORDER BY id FOR UPDATE)
            UPDATE tradecredit_buyer SET lock_seq = lock_seq + 1 FROM held WHERE tradecredit_buyer.id = held.id
            """,
            self.ids,
        ))  # fmt: skip

    # What the insurer said

    def _positions(self, *, has_applications: bool = True) -> dict[int, LimitPosition | None]:
        """What the SDK's check needs of each buyer: its limits and what was asked for it; None while not identified.

        Three queries, or two where it is known that nothing was asked.
        """
        limits = self.env["tradecredit.limit"]._current_of(self)
        applications = self.env["tradecredit.application"]
        if has_applications:
            asked = [("buyer_id", "in", self.ids), ("state", "in", list(SPEAKING))]
            applications = applications.search_fetch(asked, order="id")
        applications = applications.grouped("buyer_id")
        return {
            buyer.id: LimitPosition(
                buyer_id=buyer.insurer_buyer_id,
                limits=limits.get(buyer.id, ()),
                applications=tuple(row._sdk_application() for row in applications.get(buyer, ())),
                as_of=buyer.as_of.replace(tzinfo=timezone.utc) if buyer.as_of else None,
                buyer_status="insolvent" if buyer.insolvent_on else buyer.insurer_status or None,
                buyer_country=buyer.insurer_country or None,
            )
            if buyer.insurer_buyer_id
            else None
            for buyer in self
        }

    def _limits_changed(self) -> None:
        """Called when limits, decisions or identity of these buyers have changed; other addons re-check here."""
