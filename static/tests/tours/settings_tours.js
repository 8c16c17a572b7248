import { registry } from "@web/core/registry";

const LINE = ".o_field_widget[name=noojee_extension_ids] .o_tag:contains(101)";

/** From Odoo's own settings to the form of the PBX. */
registry.category("web_tour.tours").add("noojee_settings_tour", {
    url: "/odoo/settings",
    steps: () => [
        { trigger: ".settings_tab .tab[data-key=noojee]", run: "click" },
        {
            trigger: "button[name=action_noojee_open_pbx]:contains(Open the PBX)",
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name=name] input:value(Test PBX)" },
        { trigger: "button[name=action_test_connection]" },
    ],
});

/** A user looks for his own line. */
registry.category("web_tour.tours").add("noojee_preferences_tour", {
    url: "/odoo",
    steps: () => [
        { trigger: ".o_user_menu .dropdown-toggle", run: "click" },
        { trigger: ".dropdown-item[data-menu=preferences]", run: "click" },
        { trigger: LINE },
    ],
});
