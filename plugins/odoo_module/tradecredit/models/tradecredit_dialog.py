"""What all dialogs have in common: they show nothing of records that their user may not read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from odoo import api, models
from odoo.exceptions import AccessError

LINKS = ("many2one", "one2many", "many2many")


class TradecreditDialog(models.AbstractModel):
    """A dialog shows fields of the record it is about as superuser, and whoever calls it may name any record."""

    _name = "tradecredit.dialog"
    _description = "Dialog about a record"

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        self.new(values)._check_links(values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        dialogs._check_links()
        return dialogs

    def write(self, vals):
        done = super().write(vals)
        self._check_links(vals)
        return done

    def onchange(self, values: dict[str, Any], field_names: list[str], fields_spec: dict[str, Any]) -> dict[str, Any]:
        self.new(values, origin=self)._check_links(values)
        return super().onchange(values, field_names, fields_spec)

    def _check_links(self, names: Iterable[str] | None = None) -> None:
        """AccessError for a record that the user has named and may not read; an unsaved one is a dialog itself."""
        for field in self._fields.values() if names is None else [self._fields[name] for name in names]:
            if field.type not in LINKS or field.compute or field.name in ("create_uid", "write_uid"):
                continue
            for dialog in self:
                linked = dialog[field.name]
                linked._origin.check_access("read")
                if field.type != "many2one" or not linked or linked.id:
                    continue
                if not isinstance(linked, self.pool["tradecredit.dialog"]):
                    raise AccessError(self.env._("A dialog is about a record that is kept."))
                linked._check_links()
