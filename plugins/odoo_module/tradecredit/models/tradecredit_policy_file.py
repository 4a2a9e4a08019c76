"""Who the buyers are at the insurer, and what it has on file of them: read in the background where that costs nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from odoo import fields, models

from tradecredit_sdk import Buyer, EventType, InvalidRequestError, NotFoundError, Operation, TradeCreditClient

from .tradecredit_buyer_identity import on_file

_logger = logging.getLogger(__name__)

MOST_LOOKUPS = 50
"""In one run."""
FILE_HOURS = 24
"""How long a file is good for where no event tells of a change."""


class TradecreditPolicy(models.Model):
    _inherit = "tradecredit.policy"

    def _find_buyers(self, client: TradeCreditClient) -> None:
        """Identify new buyers by their exact numbers, once each, and only where a look-up is known to cost nothing."""
        if not self.find_automatically or client.capabilities.lookup_may_cost:
            return
        unknown = self.env["tradecredit.buyer"].search(
            [("policy_id", "=", self.id), ("insurer_buyer_id", "=", False), ("searched_at", "=", False)],
            order="id desc", limit=MOST_LOOKUPS,
        )  # fmt: skip
        for buyer in unknown:
            self._commit()
            try:
                buyer._find_exact(client)
            except InvalidRequestError as error:  # its numbers are not to the insurer's liking; a person will look
                _logger.info("buyer %s is not found automatically: %s", buyer.id, error)
            self._commit()

    def _read_files(self, client: TradeCreditClient, happened: Mapping[str, set[str]]):
        """Learn what became of buyers; those of whom something changed that a check goes by.

        Where a look-up may cost, the event itself is believed: it is free, and insolvency ends cover at once.
        """
        about = {EventType.BUYER_GRADE_CHANGED, EventType.BUYER_INSOLVENT}
        named = self._insured().filtered(lambda buyer: about & happened.get(buyer.insurer_buyer_id, set()))
        changed = self.env["tradecredit.buyer"]
        if not _is_free(client):
            for buyer in named:
                is_insolvent = EventType.BUYER_INSOLVENT in happened[buyer.insurer_buyer_id]
                if is_insolvent and self._repeated(lambda buyer=buyer: buyer._is_insolvent_now()):
                    changed |= buyer
            return changed
        for buyer in named | self._old_files(client):
            self._commit()  # no transaction is open while the insurer is asked
            files = self._fetch_files(client, buyer)
            if files and self._repeated(lambda buyer=buyer, files=files: buyer._take_file(**on_file(files[buyer]))):
                changed |= buyer
            elif not files:
                buyer.file_read_at = fields.Datetime.now()  # it is asked for again in a day, or when an event says so
        return changed

    def _old_files(self, client: TradeCreditClient):
        """Some of the buyers whose file was never read, or long ago where no event would tell of a change."""
        wanted = [("policy_id", "=", self.id), ("insurer_buyer_id", "!=", False)]
        if client.capabilities.supports(Operation.POLL_EVENTS):
            wanted += [("file_read_at", "=", False)]
        else:
            long_ago = fields.Datetime.now() - timedelta(hours=FILE_HOURS)
            wanted += ["|", ("file_read_at", "=", False), ("file_read_at", "<", long_ago)]
        return self.env["tradecredit.buyer"].search(wanted, order="file_read_at NULLS FIRST, id", limit=MOST_LOOKUPS)

    def _fetch_files(self, client: TradeCreditClient, buyers) -> dict[models.BaseModel, Buyer]:
        """What the insurer has on file of each buyer that it knows; nothing where a look-up may cost."""
        files = {}
        for buyer in buyers if _is_free(client) else ():
            try:
                files[buyer] = client.buyers.get(buyer.insurer_buyer_id)
            except (NotFoundError, InvalidRequestError) as error:
                _logger.info("no file of buyer %s: %s", buyer.id, error)
        return files


def _is_free(client: TradeCreditClient) -> bool:
    capabilities = client.capabilities
    return not capabilities.lookup_may_cost and capabilities.supports(Operation.GET_BUYER)
