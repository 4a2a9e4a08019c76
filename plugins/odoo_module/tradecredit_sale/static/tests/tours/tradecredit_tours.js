import { registry } from "@web/core/registry";

// What these tours find is made by tests/test_tours.py, which also plays the insurer's jobs in between.

const PANEL = ".o_tradecredit_panel";
const tours = registry.category("web_tour.tours");

tours.add("tradecredit_salesperson_is_stopped", {
    steps: () => [
        {
            content: "The panel tells before anything is clicked that the order does not fit",
            trigger: `${PANEL}[data-outcome=blocked] .o_tradecredit_outcome:contains(Not covered)`,
        },
        { trigger: `${PANEL} .o_tradecredit_over:contains(600.00)` },
        { content: "Confirm all the same", trigger: "button[name=action_confirm]:enabled:visible", run: "click" },
        {
            content: "The refusal names the buyer and the numbers",
            trigger: ".modal-body:contains(Nordlicht Handel GmbH):contains(1,000.00):contains(600.00)",
        },
        { trigger: ".modal-title:contains(Not covered by credit insurance)" },
        { trigger: ".modal-body:contains(cannot go ahead because of the credit insurance for Nordlicht)" },
        { trigger: ".modal-body:contains(more than the cover that is left)" },
        { trigger: ".modal-footer button:first", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        {
            content: "Ask for a limit",
            trigger: `.o_tradecredit_box button[name=action_tradecredit_request]:contains(Request limit)`,
            run: "click",
        },
        {
            content: "The whole need is proposed: what is used and this order",
            trigger: ".modal div[name=amount] input:value(1,600.00)",
        },
        { trigger: ".modal div[name=wish] textarea", run: "edit A second site opens." },
        { trigger: ".modal button[name=action_send]", run: "click" },
        { content: "The order waits", trigger: `${PANEL} .o_tradecredit_held:contains(On hold)` },
        { trigger: `${PANEL} .o_tradecredit_reasons:contains(has not decided yet)` },
        {
            content: "There is nothing to ask for a second time; it says since when the insurer has it",
            trigger: ".o_tradecredit_box:not(:contains(Request limit)):contains(1,600.00):contains(To be sent)",
        },
    ],
});

tours.add("tradecredit_salesperson_goes_through", {
    steps: () => [
        {
            content: "The insurer has decided",
            trigger: `${PANEL}[data-outcome=allowed] .o_tradecredit_held:contains(Can be confirmed)`,
        },
        { trigger: `${PANEL} .o_tradecredit_limit:contains(1,600.00)` },
        { trigger: "button[name=action_confirm]:enabled:visible", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Sales Order)" },
        { content: "The panel shows the check it went through on", trigger: `${PANEL}:contains(as checked on)` },
    ],
});

tours.add("tradecredit_salesperson_asks_for_release", {
    steps: () => [
        {
            trigger: ".o_tradecredit_box button[name=action_tradecredit_request]:contains(Request release)",
            run: "click",
        },
        { trigger: ".modal div[name=wish] textarea", run: "edit Paid early for eight years." },
        { trigger: ".modal button[name=action_send]", run: "click" },
        { trigger: `${PANEL} .o_tradecredit_held:contains(On hold)` },
    ],
});

tours.add("tradecredit_manager_releases", {
    steps: () => [
        { trigger: ".o_data_row:contains(Nordlicht Handel GmbH) button:contains(Decide)", run: "click" },
        { content: "Why it is asked for is shown", trigger: ".modal div[name=wish]:contains(eight years)" },
        { trigger: ".modal div[name=amount] input:value(1,600.00)" },
        { content: "Without a reason nothing is decided", trigger: ".modal button[name=action_decide]", run: "click" },
        { trigger: ".modal div[name=reason].o_field_invalid" },
        { trigger: ".modal div[name=reason] textarea", run: "edit Known for years, delivered in two parts." },
        { trigger: ".modal button[name=action_decide]", run: "click" },
        {
            content: "It waits for no decision any more",
            trigger: "body:not(:has(.modal)):not(:has(.o_data_row:contains(Nordlicht Handel GmbH))) .o_list_view",
        },
    ],
});

tours.add("tradecredit_salesperson_confirms_released", {
    steps: () => [
        { trigger: `${PANEL} .o_tradecredit_released:contains(Released by a credit manager)` },
        { trigger: "button[name=action_confirm]:enabled:visible", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Sales Order)" },
    ],
});

tours.add("tradecredit_customer_signs", {
    steps: () => [
        { trigger: "body[is-ready=true]" },
        { trigger: "a[data-bs-target='#modalaccept']:first", run: "click" },
        { trigger: ".modal .o_web_sign_name_and_signature input", run: "edit Jörg Groß" },
        { trigger: ".modal canvas.o_web_sign_signature", run: "canvasNotEmpty" },
        { trigger: ".modal .o_portal_sign_submit:enabled", run: "click", expectUnloadPage: true },
        { content: "Plain words, and none about credit", trigger: "#tradecredit_held:contains(We are checking your order)" },
        { trigger: "#tradecredit_held:not(:contains(limit)):not(:contains(insur))" },
        { content: "There is nothing to sign a second time", trigger: "body:not(:has(a[data-bs-target='#modalaccept']))" },
    ],
});
