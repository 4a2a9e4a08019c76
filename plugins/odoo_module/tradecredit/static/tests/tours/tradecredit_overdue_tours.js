import { registry } from "@web/core/registry";
import { inputFiles } from "@web/../tests/utils";

// A controller and what is overdue; what these tours find is made by tests/test_overdue_tours.py.

const DIALOG = ".modal:has(button[name=action_record])";
const tours = registry.category("web_tour.tours");

const stage = (label) => `.o_kanban_group:has(.o_column_title:contains(${label}))`;
const card = (label, buyer) => `${stage(label)} .o_kanban_record:contains(${buyer})`;
const ago = (days) => luxon.DateTime.now().minus({ days }).toFormat("MMM d");
const now = (state) => `.o_statusbar_status button.o_arrow_button_current[data-value=${state}]`;

tours.add("tradecredit_controller_declares", {
    steps: () => [
        { content: "What must be done today is on top", trigger: ".o_searchview_facet:contains(Must be done today)" },
        { trigger: `${card("To be declared", "Westkamp")}:contains(4 days left)` },
        { content: "What has time is not here", trigger: ".o_kanban_renderer:not(:contains(Spätzeit))" },
        {
            content: "An exception has a column only when there is one",
            trigger: ".o_kanban_renderer:not(:has(.o_column_title:contains(Not accepted)))",
        },
        { content: "No card is dragged to the insurer", trigger: ".o_kanban_renderer:not(:has(.o_draggable))" },
        { trigger: `${card("To be declared", "Nordlicht")}:contains(Last day is today):contains(1,200.00)`, run: "click" },

        { content: "What to declare, since when, and by when", trigger: ".o_form_view h3:contains(Last day is today)" },
        { trigger: ".o_field_widget[name=late_amount]:contains(1,200.00)" },
        { trigger: ".o_field_widget[name=outstanding]:contains(1,500.00)" },
        { trigger: `[name=line_ids] .o_data_row:contains(INV/OLDEST) td[name=original_due]:contains(${ago(90)})` },
        { trigger: "[name=line_ids] .o_data_row:contains(INV/OLDEST) td[name=amount]:contains(1,200.00)" },
        { trigger: "[name=line_ids] .o_data_row:contains(INV/COMING) td[name=amount]:contains(300.00)" },
        { content: "People were told", trigger: ".o-mail-Activity:contains(Originally due):contains(INV/OLDEST)" },
        { trigger: "button[name=action_declare]", run: "click" },
        { trigger: ".modal:contains(Declare this to the insurer?) .btn-primary", run: "click" },
        { trigger: now("to_send") },
        { trigger: ".o_form_view:not(:has(button[name=action_declare]:visible))" },
        { trigger: ".breadcrumb-item:contains(Overdues) a", run: "click" },
        { content: "It is on its way", trigger: card("To be sent", "Nordlicht") },
    ],
});

tours.add("tradecredit_controller_sees_the_acknowledgement", {
    steps: () => [
        { content: "Nothing is to be done on it today", trigger: `${stage("To be declared")} .o_kanban_record:contains(Westkamp)` },
        { trigger: ".o_kanban_renderer:not(:contains(Nordlicht))" },
        { trigger: ".o_searchview_facet .o_facet_remove", run: "click" },
        { trigger: `${card("Declared", "Nordlicht")}:contains(In time):contains(OVD)` },
        { trigger: `${card("To be declared", "Spätzeit")}:contains(80 days left)` },

        { trigger: ".o_switch_view.o_list", run: "click" },
        { trigger: ".o_data_row:contains(Nordlicht) td[name=state] .text-bg-success:contains(Declared)" },
        { trigger: ".o_data_row:contains(Westkamp) td[name=time_left]:contains(4 days left)" },
        { trigger: ".o_switch_view.o_calendar", run: "click" },
        { trigger: ".o_calendar_view .fc-event:contains(Nordlicht)" },
        { trigger: ".o_switch_view.o_graph", run: "click" },
        { trigger: ".o_graph_view canvas" },
        { trigger: ".o_switch_view.o_kanban", run: "click" },

        { trigger: card("Declared", "Nordlicht"), run: "click" },
        { trigger: now("declared") },
        { trigger: ".o_field_widget[name=insurer_overdue_id]:contains(OVD)" },
        { trigger: ".o_field_widget[name=in_time]:contains(In time)" },
        { content: "Nobody is told any more", trigger: ".o_form_view:not(:has(.o-mail-Activity))" },
        { trigger: ".nav-link[name=outbox]", run: "click" },
        { trigger: "[name=outbox_ids] .o_data_row:contains(Overdue declaration):contains(Done)" },
    ],
});

tours.add("tradecredit_controller_declares_by_hand", {
    steps: () => [
        { trigger: `${card("To be sent", "Nordlicht")}:contains(1 day left)`, run: "click" },
        { trigger: ".o_form_view h3:contains(1 day left)" },
        { trigger: ".o-mail-Thread:not(:contains(This message has been removed))" },
        { trigger: ".alert-danger:contains(nothing answers at its address)" },
        { trigger: ".o_field_widget[name=manual_address]:contains(claims@insurer.example)" },
        { content: "Where to go, and with what", trigger: ".o-mail-Activity:contains(claims@insurer.example)" },
        { trigger: ".o-mail-Activity:contains(900000001):contains(DEMO-001):contains(INV/OLDEST)" },
        { trigger: "button[name=action_declared_by_hand]", run: "click" },

        { content: "Nothing is taken without proof", trigger: `${DIALOG} [name=way] input`, run: "edit Portal" },
        { trigger: `${DIALOG} [name=insurer_overdue_id] input`, run: "edit P-2026-77" },
        { trigger: `${DIALOG} button[name=action_record]`, run: "click" },
        { trigger: `${DIALOG} [name=proof].o_field_invalid` },
        {
            trigger: `${DIALOG} [name=proof] input[type=file]:not(:visible)`,
            run: () => inputFiles(`.modal [name=proof] input[type=file]`, [
                new File(["Received today"], "receipt.txt", { type: "text/plain" }),
            ]),
        },
        { trigger: `${DIALOG} [name=proof] input:value(receipt.txt)` },
        { trigger: `${DIALOG} button[name=action_record]`, run: "click" },

        { trigger: now("manual") },
        { trigger: ".o_field_widget[name=proof_ids]:contains(receipt.txt)" },
        { trigger: ".o_field_widget[name=insurer_overdue_id]:contains(P-2026-77)" },
        { trigger: ".o_field_widget[name=in_time]:contains(In time)" },
        { content: "Nobody is told any more", trigger: ".o_form_view:not(:has(.o-mail-Activity))" },
        { trigger: ".o-mail-Message:contains(Declared by hand: Portal)" },
        { trigger: ".breadcrumb-item:contains(Overdues) a", run: "click" },
        { content: "Nothing must be done today", trigger: ".o_kanban_renderer:not(:has(.o_kanban_record:contains(Nordlicht)))" },
        { trigger: ".o_searchview_facet .o_facet_remove", run: "click" },
        { trigger: `${card("Declared by hand", "Nordlicht")}:contains(P-2026-77):contains(In time)` },
    ],
});
