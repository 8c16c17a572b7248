import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** As it stands in the address: Odoo makes a figure of what looks like one. */
function writtenNumber() {
    return new URL(browser.location.href).searchParams.get("number");
}

/**
 * Opens an empty form with the number of whoever calls: `/odoo/noojee_create_contact?number=…`.
 * An address of Odoo cannot say by itself what stands in a new form.
 */
function makeCreateAction(model, name) {
    return (env, action) => ({
        type: "ir.actions.act_window",
        name,
        res_model: model,
        views: [[false, "form"]],
        target: "current",
        context: { default_phone: writtenNumber() ?? String(action.params.number || "") },
    });
}

registry
    .category("actions")
    .add("noojee_create_contact", makeCreateAction("res.partner", _t("New contact")))
    .add("noojee_create_lead", makeCreateAction("crm.lead", _t("New lead")));
