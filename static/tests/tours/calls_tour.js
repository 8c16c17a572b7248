import { registry } from "@web/core/registry";

const MENU = ".o_noojee_phone_menu";

/** A salesperson looks at a customer's calls, and gives the result that he owes. */
registry.category("web_tour.tours").add("noojee_calls_tour", {
    steps: () => [
        { trigger: "button[name=action_noojee_calls]:contains(2)", run: "click" },
        { trigger: ".o_list_view .o_data_row:eq(1)" },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_filter_menu .o_menu_item:contains(Missed)", run: "click" },
        { trigger: ".o_list_view:not(:has(.o_data_row:eq(1))) .o_data_row:contains(Missed)" },
        { trigger: ".o_searchview_facet .o_facet_remove", run: "click" },
        { trigger: ".o_list_view .o_data_row:eq(1)" },
        // he was busy when it ended, and gives its result later
        { trigger: MENU, run: "click" },
        { trigger: ".o_noojee_tabs [data-tab=recent]", run: "click" },
        { trigger: ".o_noojee_give_result", run: "click" },
        { trigger: ".o_noojee_panel_call .o_noojee_note", run: "edit Wants <b>12 kW</b>" },
        { trigger: ".o_noojee_choose_result:contains(Left message)", run: "click" },
        { trigger: `${MENU}:has(.o_noojee_counter[hidden])`, run: "click" },
        { trigger: "body:not(:has(.o_noojee_phone_panel))" },
        { trigger: MENU, run: "click" },
        { trigger: ".o_noojee_recent_call:contains(Left message)" },
        { trigger: MENU, run: "click" },
        { trigger: ".o_data_row:not(:contains(Missed)) .o_data_cell[name=partner_id]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=result_id]:contains(Left message)" },
        { trigger: ".o_form_view .o_field_widget[name=note]:contains(Wants <b>12 kW</b>)" },
    ],
});
