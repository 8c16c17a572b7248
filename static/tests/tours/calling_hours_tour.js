import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** An administrator says when customers may be called. */
registry.category("web_tour.tours").add("noojee_calling_hours_tour", {
    url: "/odoo/action-noojee.noojee_calling_hours_action",
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=name] input", run: "edit Mornings" },
        { trigger: ".o_field_x2many_list_row_add a", run: "click" },
        {
            trigger: ".o_selected_row .o_field_widget[name=hour_from] input",
            run: "edit 09:00",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=hour_to] input",
            run: "edit 12:30",
        },
        ...stepUtils.saveForm(),
        { trigger: ".o_field_widget[name=summary]:contains(12:30)" },
    ],
});
