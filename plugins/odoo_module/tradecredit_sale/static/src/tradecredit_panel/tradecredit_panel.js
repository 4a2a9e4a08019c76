import { Component } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const OUTCOMES = {
    allowed: { label: _t("Covered"), icon: "fa-check-circle" },
    warning: { label: _t("Covered, with a warning"), icon: "fa-exclamation-triangle" },
    blocked: { label: _t("Not covered"), icon: "fa-ban" },
};

/** Shows a credit check: an outcome in words and as a sign, amounts, a bar whose parts differ by pattern, and reasons. */
export class TradecreditPanel extends Component {
    static template = "tradecredit_sale.Panel";
    static props = { ...standardFieldProps };

    get panel() {
        return this.props.record.data[this.props.name];
    }

    get outcome() {
        return OUTCOMES[this.panel.outcome];
    }

    get barLabel() {
        const panel = this.panel;
        const room = panel.over ? _t("%s over", panel.over) : _t("%s free", panel.free);
        return _t("Used %(used)s, this order %(order)s, %(room)s", { used: panel.used, order: panel.order, room });
    }

    moment(value) {
        return toLocaleDateTimeString(deserializeDateTime(value));
    }
}

export const tradecreditPanel = {
    component: TradecreditPanel,
    supportedTypes: ["json"],
};

registry.category("fields").add("tradecredit_panel", tradecreditPanel);
