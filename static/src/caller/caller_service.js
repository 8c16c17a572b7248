import { markRaw, reactive } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

/**
 * Who is on the line: what a person says about it, and takes back.
 *
 * Only saying so is remembered; opening a record says nothing.
 */
class Caller {
    /** Promises of what is being told, by the call's id. */
    busy = {};

    constructor(services) {
        this.services = markRaw(services);
    }

    /**
     * @param {{id: number}} call
     * @param {{model: string, id: number, name?: string}} record who calls
     */
    tell(call, { model, id, name }) {
        return this.once(call, async () => {
            const told = await this.services.orm.call("noojee.call", "this_is_the_caller", [
                [call.id],
                model,
                id,
            ]);
            this.services["noojee.phone"].change(call.id, {
                record: { model, id, name: name || told.name },
                told: { name: told.name, is_remembered: !!told.remembered_id },
            });
        });
    }

    /** @param {{id: number}} call whose caller was somebody else after all */
    takeBack(call) {
        return this.once(call, async () => {
            await this.services.orm.call("noojee.call", "forget_caller", [[call.id]]);
            this.services["noojee.phone"].change(call.id, { told: false });
        });
    }

    createContact(call) {
        return this.create(call, "res.partner", _t("New contact"));
    }

    createLead(call) {
        return this.create(call, "crm.lead", _t("New lead"));
    }

    /** In a dialogue: whatever is written on the page below stays. */
    async create(call, resModel, title) {
        let context;
        await this.once(call, async () => {
            context = await this.services.orm.call("noojee.call", "get_new_record_context", [
                [call.id],
                resModel,
            ]);
        });
        if (context) {
            this.services.dialog.add(FormViewDialog, {
                resModel,
                title,
                context,
                canExpand: false,
                onRecordSaved: (record) =>
                    this.tellSaved(call, { model: resModel, id: record.resId }),
            });
        }
    }

    /** Never dropped for a click meanwhile: the record is there, and would be nobody's. */
    async tellSaved(call, record) {
        while (this.busy[call.id]) {
            await Promise.allSettled([this.busy[call.id]]);
        }
        await this.tell(call, record);
    }

    async once(call, tell) {
        if (this.busy[call.id]) {
            return;
        }
        const told = markRaw(tell());
        this.busy[call.id] = told;
        try {
            await told;
        } finally {
            delete this.busy[call.id];
        }
    }
}

export const callerService = {
    dependencies: ["dialog", "noojee.phone", "orm"],

    start(env, services) {
        return reactive(new Caller(services));
    },
};

registry.category("services").add("noojee.caller", callerService);
