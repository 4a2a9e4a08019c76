import { odooExceptionTitleMap, WarningDialog } from "@web/core/errors/error_dialogs";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

// The class of exceptions.py, as the server names it.
const NOT_COVERED = "odoo.addons.tradecredit_sale.exceptions.NotCoveredError";

odooExceptionTitleMap.set(NOT_COVERED, _t("Not covered by credit insurance"));
registry.category("error_dialogs").add(NOT_COVERED, WarningDialog);
