import { registry } from "@web/core/registry";

// The controllers' desk and the dialog of requests; what these tours find is made by tests/test_desk_tours.py.

const PANEL = ".o_tradecredit_panel";
const DIALOG = ".modal:has(button[name=action_send])";
const tours = registry.category("web_tour.tours");

function choose(menu, item) {
    return [
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: `.${menu} .dropdown-item:contains(${item})`, run: "click" },
        { trigger: `.o_searchview_facet:contains(${item})` },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: "body:not(:has(.o_search_bar_menu))" },
    ];
}

const removeFacet = [
    { trigger: ".o_searchview_facet .o_facet_remove", run: "click" },
    { trigger: ".o_searchview:not(:has(.o_searchview_facet))" },
];

tours.add("tradecredit_controller_works_held_orders", {
    steps: () => [
        {
            content: "What waits for cover and what has it stand apart",
            trigger: ".o_kanban_group:contains(Can be confirmed) .o_kanban_record:contains(Südwind):contains(300.00)",
        },
        {
            content: "The card says what is missing, with a sign and in words",
            trigger: `.o_kanban_group:contains(Held) .o_kanban_record:contains(Nordlicht) ${PANEL}[data-outcome=blocked]:contains(Not covered)`,
        },
        { trigger: `.o_kanban_record:contains(Nordlicht) .o_tradecredit_over:contains(4,000.00)` },
        { trigger: `.o_kanban_record:contains(Nordlicht) ${PANEL} .o_tradecredit_reasons:contains(more than the cover)` },
        {
            content: "Cover that came since is shown before anybody checked again",
            trigger: `.o_kanban_group:contains(Held) .o_kanban_record:contains(Ostwall) ${PANEL}[data-outcome=allowed]:contains(Covered)`,
        },
        { content: "An order that nobody held is not here", trigger: "body:not(:contains(Westend))" },
        {
            content: "A card is not dragged from one state into the other",
            trigger: ".o_kanban_renderer:not(:has(.o_draggable))",
        },

        { trigger: ".o_switch_view.o_list", run: "click" },
        { trigger: ".o_list_view:has(.o_data_row:contains(Nordlicht)):has(.o_data_row:contains(Südwind))" },
        ...choose("o_filter_menu", "Held: can be confirmed"),
        { trigger: ".o_list_view:has(.o_data_row:contains(Südwind)):not(:has(.o_data_row:contains(Nordlicht)))" },
        ...removeFacet,
        ...choose("o_filter_menu", "Held: no cover"),
        { trigger: ".o_list_view:has(.o_data_row:contains(Nordlicht)):not(:has(.o_data_row:contains(Südwind)))" },
        ...removeFacet,

        { content: "Nobody begins an order here", trigger: "body:not(:has(.o_list_button_add))" },
        { trigger: ".o_data_row:contains(Nordlicht) td[name=tradecredit_outcome] .text-bg-danger:contains(Not covered)" },
        { trigger: ".o_data_row:contains(Ostwall) td[name=tradecredit_outcome] .text-bg-success:contains(Covered)" },
        ...choose("o_group_by_menu", "Credit insurance"),
        { trigger: ".o_group_header:contains(Held):contains(2)" },
        { trigger: ".o_group_header:contains(Can be confirmed):contains(1)" },
        { trigger: ".o_group_header:contains(Held)", run: "click" },

        { trigger: ".o_data_row:contains(Ostwall) td[name=name]", run: "click" },
        { trigger: `${PANEL} .o_tradecredit_held:contains(On hold)` },
        { trigger: "button[name=action_tradecredit_check_again]", run: "click" },
        { trigger: `${PANEL} .o_tradecredit_held:contains(Can be confirmed)` },
    ],
});

tours.add("tradecredit_request_dialog", {
    steps: () => [
        { trigger: ".o_tradecredit_box button:contains(Request limit)", run: "click" },
        { content: "Why it is needed stands in it", trigger: `${DIALOG} div[name=reasons]:contains(more than the cover that is left)` },
        { trigger: `${DIALOG} p:visible:contains(underwriter)` },
        { trigger: `${DIALOG} div[name=amount] input:value(1,600.00)` },
        { content: "Nothing comes of a dialog that is left", trigger: `${DIALOG} button:contains(Discard)`, run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: `${PANEL}:not(:has(.o_tradecredit_held))` },

        { content: "Nor of a release without a reason", trigger: ".o_tradecredit_box button:contains(Request release)", run: "click" },
        { trigger: `${DIALOG}:not(:has(div[name=urgent]))` },
        { trigger: `${DIALOG} div[name=amount] input:value(1,000.00)` },
        { trigger: `${DIALOG} button[name=action_send]`, run: "click" },
        { trigger: `${DIALOG} div[name=wish].o_field_invalid` },
        { trigger: `${DIALOG} button:contains(Discard)`, run: "click" },
        { trigger: "body:not(:has(.modal))" },

        { trigger: ".o_tradecredit_box button:contains(Request limit)", run: "click" },
        { content: "A limit needs no reason", trigger: `${DIALOG} div[name=amount] input`, run: "edit 2,500.00" },
        { trigger: `${DIALOG} div[name=urgent] input`, run: "click" },
        { trigger: `${DIALOG} button[name=action_send]`, run: "click" },
        { trigger: `${PANEL} .o_tradecredit_held:contains(On hold)` },
    ],
});
