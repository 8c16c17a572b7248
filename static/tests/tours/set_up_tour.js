import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** An administrator's first minutes: a PBX, its first desk, whether it answers. */
registry.category("web_tour.tours").add("noojee_set_up_tour", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("noojee.noojee_root_menu", "Open Noojee"),
        {
            trigger: "button[data-menu-xmlid='noojee.noojee_configuration_menu']",
            run: "click",
        },
        { trigger: "a[data-menu-xmlid='noojee.noojee_pbx_menu']", run: "click" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=name] input", run: "edit Head office" },
        {
            trigger: ".o_field_widget[name=base_url] input",
            run: ({ anchor, edit }) => edit(decodeURIComponent(cookie.get("noojee_url")), anchor),
        },
        {
            trigger: ".o_field_widget[name=new_api_key] input",
            run: ({ anchor, edit }) => edit(decodeURIComponent(cookie.get("noojee_key")), anchor),
        },
        { trigger: ".o_field_x2many_list_row_add a", run: "click" },
        { trigger: ".o_selected_row .o_field_widget[name=number] input", run: "edit 201" },
        ...stepUtils.saveForm(),
        { trigger: ".o_data_row .o_data_cell[name=number]:contains(201)" },
        { trigger: "button[name=action_test_connection]", run: "click" },
        { trigger: ".o_notification:contains(Head office answers)" },
        {
            content: "The key never comes back to the browser",
            trigger: ".o_form_saved .o_field_widget[name=new_api_key] input",
            run({ anchor }) {
                if (anchor.value) {
                    throw new Error("The stored key is shown.");
                }
            },
        },
    ],
});
