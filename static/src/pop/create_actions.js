import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

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
        context: { default_phone: String(action.params.number || "") },
    });
}

registry
    .category("actions")
    .add("noojee_create_contact", makeCreateAction("res.partner", _t("New contact")))
    .add("noojee_create_lead", makeCreateAction("crm.lead", _t("New lead")));
