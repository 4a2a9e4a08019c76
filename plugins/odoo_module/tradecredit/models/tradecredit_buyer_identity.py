"""Which company at the insurer a buyer is: cover holds on the exact legal entity only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html
from psycopg2.errors import UniqueViolation

from tradecredit_sdk import Buyer, Identifier, TradeCreditClient

from .insurer_text import plain
from .notice import dialog, notice
from .reader_language import in_language_of

CONTROLLER = "tradecredit.group_controller"
REQUESTER = "tradecredit.group_requester"
FIND = "tradecredit.activity_find_buyer"
FILE = ("insurer_name", "grade", "insurer_status", "insurer_country", "file_read_at")


class TradecreditBuyer(models.Model):
    _inherit = "tradecredit.buyer"

    searched_at = fields.Datetime("Looked for at", copy=False, readonly=True)

    def _identifiers(self) -> list[Identifier]:
        """The numbers of the legal entity that are well formed."""
        self.ensure_one()
        partner, country = self.partner_id, self.partner_id.country_id.code
        found = []
        for kind, value in (("vat", partner.vat), ("registration", partner.company_registry)):
            if value and country:
                try:
                    found.append(Identifier(type=kind, value=value[:40], country=country))
                except ValueError:  # mistyped in the partner: the name may still find the company
                    continue
        return found

    def _identify(
        self, insurer_buyer_id: str, *, name: str, grade: str | None = None, status: str | None = None,
        country: str | None = None,
    ) -> None:  # fmt: skip
        """Take this company for the buyer; UserError when it is another legal entity's already, for one limit would count twice."""
        self.ensure_one()
        other = self.search([
            ("policy_id", "=", self.policy_id.id), ("insurer_buyer_id", "=", insurer_buyer_id), ("id", "!=", self.id),
        ], limit=1)  # fmt: skip
        if other:
            raise self._taken(name, other.name)
        try:
            with self.env.cr.savepoint():
                self._become(insurer_buyer_id, name=name, grade=grade, status=status, country=country)
        except UniqueViolation:  # by somebody who is quicker, and not seen yet
            raise self._taken(name, self.env._("another buyer")) from None

    def _taken(self, name: str, other: str) -> UserError:
        return UserError(self.env._(
            "%(name)s at the insurer is the buyer %(other)s already, so it cannot be %(buyer)s too. If both are one legal "
            "entity, give them the same VAT or registration number; else choose another company.",
            name=name, other=other, buyer=self.name,
        ))  # fmt: skip

    def _become(self, insurer_buyer_id: str, **file: str | None) -> None:
        if self.insurer_buyer_id != insurer_buyer_id:  # what was known is of another company
            self.limit_ids.write({"active": False, "seen_until": fields.Datetime.now()})
            self.as_of = False
        self.insurer_buyer_id = insurer_buyer_id
        self.activity_unlink([FIND])
        self._take_file(**file)

    def _take_file(self, *, name: str, grade: str | None, status: str | None, country: str | None) -> bool:
        """Keep what the insurer has on file of this buyer; True if it changes what a check says."""
        before = self.insurer_status, self.insurer_country
        self.write({
            "insurer_name": name,
            "grade": grade or False,
            "insurer_status": status or False,
            "insurer_country": country or False,
            "file_read_at": fields.Datetime.now(),
        })  # fmt: skip
        return before != (self.insurer_status, self.insurer_country)

    def _is_insolvent_now(self) -> bool:
        """The insurer said so without being asked; True if it is news."""
        is_news = self.status != "insolvent"
        self.insurer_status = "insolvent"
        return is_news

    def _find_exact(self, client: TradeCreditClient) -> bool:
        """Identify this buyer where exactly one company at the insurer carries its number; True if so."""
        wanted = self._identifiers()
        country = self.partner_id.country_id.code
        self.searched_at = fields.Datetime.now()
        if not wanted:
            return False
        exact = [one for one in client.buyers.find(country=country, identifiers=wanted) if carries(one, wanted)]
        if len(exact) != 1:
            return False
        try:
            self._identify(exact[0].id, **on_file(exact[0]))
        except UserError as error:  # of two rows for one company a person decides
            self.message_post(body=str(error))
            return False
        return True

    # Whoever may not look for a company has it found

    def _must_be_found(self) -> bool:
        """Whether a controller has something to do before a limit can be asked for."""
        return not self.insurer_buyer_id or bool(self.conflict)

    def _have_it_found(self, *wishes: str) -> str:
        """Tell a controller that somebody waits for this buyer, once; what to tell whoever asked."""
        self.ensure_one()
        buyer = self.sudo()  # a requester writes nothing on a buyer
        controller = buyer.policy_id._who_is_told()
        told = in_language_of(controller, buyer)
        parts = [told.env._("%s waits for this buyer to be found at the insurer.", self.env.user.name), *wishes]
        if buyer.conflict:
            parts.append(buyer.conflict)
        buyer.activity_unlink([FIND])  # of who asked before the last wish counts
        buyer.activity_schedule(FIND, user_id=controller.id, note=plaintext2html("\n".join(parts)))
        return self.env._(
            "%(buyer)s is not known for certain at the insurer yet: %(controller)s was asked to find it.",
            buyer=buyer.name, controller=controller.name,
        )  # fmt: skip

    def action_have_it_found(self) -> dict[str, Any]:
        """Ask a controller to find this buyer."""
        self.check_access("read")
        if not self.env.user.has_group(REQUESTER):
            raise AccessError(self.env._("You may not ask the insurer for limits."))
        return notice(self._have_it_found())

    # Buttons

    def _open_wizard(self, model: str, name: str, **context: Any) -> dict[str, Any]:
        return dialog(model, name, default_buyer_id=self.id, **context)

    def action_find(self) -> dict[str, Any]:
        """Look for the company at the insurer."""
        self.ensure_one()
        return self._open_wizard("tradecredit.find.buyer", self.env._("Find the buyer at the insurer"))

    def action_request_limit(self) -> dict[str, Any]:
        """Ask for a limit, of the kind in the context where there is one."""
        self.ensure_one()
        kind = self.env.context.get("tradecredit_kind", "permanent")
        return self._open_wizard("tradecredit.request.limit", self.env._("Request a limit"), default_kind=kind)

    def action_read_limits(self) -> dict[str, Any]:
        """Read the limits of these buyers now."""
        self.check_access("read")
        if not self.env.user.has_group(REQUESTER):
            raise AccessError(self.env._("You may not ask the insurer for limits."))
        for policy in self.policy_id:
            buyers = self.filtered(lambda buyer, policy=policy: buyer.policy_id == policy and buyer.insurer_buyer_id)
            if buyers:
                policy._read_for_a_person(buyers)
        if not any(self.mapped("insurer_buyer_id")):
            return notice(self.env._("None of these buyers is identified at the insurer yet."), "warning")
        return notice(self.env._("The limits were read."))

    def action_forget(self) -> None:
        """The row was matched to the wrong company: nothing of that company's cover counts any more."""
        self.check_access("write")
        for buyer in self.sudo():  # limits are written by nobody
            buyer.limit_ids.write({"active": False, "seen_until": fields.Datetime.now()})
            buyer.write(dict.fromkeys(("insurer_buyer_id", "as_of", *FILE), False))
        self._limits_changed()


def on_file(company: Buyer) -> dict[str, Any]:
    """What is kept of the insurer's file."""
    return {
        "name": plain(company.name),
        "grade": plain(company.grade),
        "status": plain(company.status),
        "country": plain(company.country),
    }


def carries(company: Buyer, wanted: Iterable[Identifier]) -> bool:
    """Whether the insurer has one of these very numbers on file for the company."""
    numbers = {(str(getattr(known.type, "value", known.type)), known.value) for known in company.identifiers}
    return any((one.type.value, one.value) in numbers for one in wanted)
