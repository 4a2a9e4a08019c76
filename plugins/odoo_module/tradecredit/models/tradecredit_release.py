"""A person's decision that a document may go ahead beyond cover: by whom, why, up to what amount, until when."""

from __future__ import annotations

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date

from .reader_language import in_language_of

STATES = [("requested", "Requested"), ("granted", "Granted"), ("refused", "Refused"), ("revoked", "Revoked")]
CONTROLLER = "tradecredit.group_controller"
MANAGER = "tradecredit.group_manager"
ASKED = "tradecredit.activity_release"


class TradecreditRelease(models.Model):
    _name = "tradecredit.release"
    _description = "Release beyond cover"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "document"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    policy_id = fields.Many2one("tradecredit.policy", required=True, readonly=True, ondelete="restrict")
    buyer_id = fields.Many2one("tradecredit.buyer", readonly=True, ondelete="restrict", index=True)
    res_model = fields.Char("Document model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Document id", model_field="res_model", required=True, readonly=True)
    document = fields.Char(required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    asked_amount = fields.Monetary(
        "Asked for", readonly=True, help="The document's amount when the release was asked for."
    )
    amount = fields.Monetary(
        "Up to", readonly=True, help="The release is void when the document grows beyond this amount."
    )
    expires_on = fields.Date("Until", readonly=True)
    reason = fields.Text(readonly=True)
    wish = fields.Text("Why it is asked for", readonly=True)
    state = fields.Selection(STATES, required=True, default="requested", readonly=True, tracking=True)
    requested_by = fields.Many2one("res.users", "Requested by", required=True, readonly=True, ondelete="restrict")
    decided_by = fields.Many2one("res.users", "Decided by", readonly=True, ondelete="restrict", tracking=True)
    decided_at = fields.Datetime("Decided at", readonly=True)
    revoke_reason = fields.Text("Why it was taken back", readonly=True)
    revoked_by = fields.Many2one("res.users", "Taken back by", readonly=True, ondelete="restrict")
    revoked_at = fields.Datetime("Taken back at", readonly=True)

    _document_idx = models.Index("(res_model, res_id)")

    @api.model
    def _ask(self, document, *, buyer, policy, amount: float, wish: str):
        """Ask for a release of one document, and tell whoever may decide; it takes the place of an open request.

        It is asked for as the document is now: for its payer, its policy and its payment term.
        """
        if amount <= 0:
            raise UserError(self.env._("A release needs an amount greater than zero."))
        asked = {
            "company_id": policy.company_id.id,
            "policy_id": policy.id,
            "buyer_id": buyer.id,
            "currency_id": policy.currency_id.id,
            "terms_days": self._terms_of(document, policy),
            "asked_amount": amount,
            "wish": wish,
            "requested_by": self.env.uid,
        }
        release = self._waiting_for(document)
        if release:
            release._set(**asked)
        else:
            release = self.sudo().create({  # a salesperson may ask, and not write the record
                "res_model": document._name,
                "res_id": document.id,
                "document": document.display_name,
                **asked,
            })  # fmt: skip
        release._tell_of_the_request(document.sudo())
        return release

    @api.model
    def _waiting_for(self, documents):
        """The requests for these documents that nobody has decided yet."""
        return self.sudo().search([
            ("res_model", "=", documents._name), ("res_id", "in", documents.ids), ("state", "=", "requested"),
        ])  # fmt: skip

    def _tell_of_the_request(self, document) -> None:
        decider = self._who_decides()
        amount = format_amount(self.env, self.asked_amount, self.currency_id)
        self.activity_unlink([ASKED])  # of what was asked for before
        self.activity_schedule(
            ASKED,
            user_id=decider.id,
            note=in_language_of(decider, self).env._(
                "%(name)s asks for a release of %(amount)s: %(wish)s",
                name=self.requested_by.name, amount=amount, wish=self.wish,
            ),
        )  # fmt: skip
        if hasattr(document, "message_post"):
            document.message_post(
                body=self.env._("Release of %(amount)s asked for: %(wish)s", amount=amount, wish=self.wish),
                author_id=self.env.user.partner_id.id,
            )

    def _who_decides(self):
        """A credit manager who neither asked nor sells: the policy's own if he is one; without any, who is told else."""
        able = self.policy_id._people(MANAGER)
        if not self.policy_id.self_release:
            able -= self.requested_by | self._sellers()
        own = able & self.policy_id.responsible_id
        return own or able[:1] or self.policy_id._who_is_told()

    def action_grant(self, amount: float, expires_on, reason: str) -> bool:
        """Let the document go ahead up to `amount` in the policy's currency, until `expires_on`.

        Raises AccessError for whoever is not a credit manager of the company, UserError for an own request where the
        policy does not allow that, without a reason, for a day that has passed, or when it is decided already.
        """
        day = fields.Date.to_date(expires_on)
        for release in self:
            release._check_right()
            if not (reason or "").strip():
                raise UserError(self.env._("A release needs a reason."))
            if not day or day < self.env["tradecredit.exposure"]._today(release.policy_id.sudo()):
                raise UserError(self.env._("A release needs a last day that has not passed."))
            if amount <= 0:
                raise UserError(self.env._("A release needs an amount greater than zero."))
            release._decide("granted", amount=amount, expires_on=day, reason=reason.strip())
        return True

    def action_refuse(self, reason: str) -> bool:
        """Decide against it; raises as `action_grant` does."""
        for release in self:
            release._check_right()
            release._decide("refused", reason=(reason or "").strip())
        return True

    def action_revoke(self, reason: str) -> bool:
        """Take a granted release back: the document is held again from now on."""
        for release in self:
            release._check_right(own=True)
            if release.state != "granted":
                raise UserError(self.env._("Only a granted release can be revoked."))
            reason = (reason or "").strip()
            now = fields.Datetime.now()
            release._set(state="revoked", revoke_reason=reason, revoked_by=self.env.uid, revoked_at=now)
            release._tell(reason)
        return True

    def _check_right(self, *, own: bool = False) -> None:
        """The right is looked up here, for a view attribute or a context key stops nobody."""
        self.ensure_one()
        if not self.env.user.has_group(MANAGER) or self.company_id not in self.env.user.company_ids:
            raise AccessError(self.env._("Only a credit manager of %s decides on releases.", self.company_id.name))
        if own or self.sudo().policy_id.self_release:
            return
        if self.sudo().requested_by == self.env.user:
            raise UserError(self.env._("You asked for this release yourself: somebody else has to decide on it."))
        if self.env.user in self.sudo()._sellers():
            raise UserError(self.env._("%s is your own: somebody else has to decide on it.", self.document))

    def _decide(self, state: str, *, reason: str, **values) -> None:
        if self.state != "requested":
            raise UserError(self.env._("This release has been decided already."))
        now = fields.Datetime.now()
        self._set(state=state, decided_by=self.env.uid, decided_at=now, reason=reason, **values)
        self.sudo().activity_unlink([ASKED])
        self._tell(reason)

    def _set(self, **values) -> None:
        super(TradecreditRelease, self.sudo()).write(values)  # pylint: disable=super-method-mismatch; the only way

    def _tell(self, reason: str) -> None:
        """Say it, in the language of whoever asked, on the document too where it has a chatter."""
        self = in_language_of(self.sudo().requested_by, self)
        label = dict(self._fields["state"]._description_selection(self.env))[self.state]
        parts = [self.env._("Release beyond credit insurance: %s", label)]
        if self.state == "granted":
            amount = format_amount(self.env, self.amount, self.currency_id)
            until = format_date(self.env, self.expires_on)
            parts.append(self.env._("up to %(amount)s, until %(day)s", amount=amount, day=until))
        if reason:
            parts.append(reason)
        body = " – ".join(parts)
        self.sudo().message_post(body=body, author_id=self.env.user.partner_id.id)
        document = self.env[self.res_model].browse(self.res_id).sudo()
        if hasattr(document, "message_post"):
            document.message_post(body=body, author_id=self.env.user.partner_id.id)
        if hasattr(document, "_tradecredit_released"):
            document._tradecredit_released()

    def write(self, vals):
        """Decisions are made by the actions only; what was asked and decided is a record."""
        if set(vals) - {"message_main_attachment_id", "activity_ids", "message_ids", "message_follower_ids"}:
            raise UserError(self.env._("A release is a record: grant, refuse or revoke it."))
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Ask for a release on the document."))
        decided = {"state", "decided_by", "decided_at", "amount", "expires_on", "reason"}
        if any(decided & set(vals) for vals in vals_list):
            raise UserError(self.env._("A release begins as a request."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _never_deleted(self):
        raise UserError(self.env._("A release is a record and cannot be deleted."))
