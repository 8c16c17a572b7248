import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/**
 * Why a number was not dialled, and what can be done instead.
 *
 * @typedef {Object} Check see `noojee.call._check_payload`
 */
export class CallCheck extends Component {
    static template = "noojee.CallCheck";
    static components = { Dialog };
    static props = {
        check: Object,
        /** Whether the call would be made with the computer's own phone program. */
        isProgram: { type: Boolean, optional: true },
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.phone = useService("noojee.phone");
        this.state = useState({ reason: "", isBusy: false });
    }

    get check() {
        return this.props.check;
    }

    /** The first finding stands in the title, further ones follow in the body. */
    get title() {
        return this.check.findings[0].title;
    }

    remind() {
        return this.ask("remind");
    }

    askSupervisor() {
        return this.ask("ask_supervisor");
    }

    callAnyway() {
        const { number, res_model, res_id, activity_id, partner_id } = this.check;
        const options = {
            activityId: activity_id,
            partnerId: partner_id,
            override: this.state.reason.trim() || true,
        };
        return this.act(() =>
            this.props.isProgram
                ? this.phone.openProgram(number, res_model, res_id, options)
                : this.phone.dial(number, res_model, res_id, options)
        );
    }

    async ask(method) {
        const { number, res_model, res_id } = this.check;
        await this.act(async () => {
            const words = await this.orm.call("noojee.call", method, [res_model, res_id, number]);
            this.notification.add(words, { type: "success" });
        });
    }

    /** Do one thing once; when it fails, the dialogue stays. */
    async act(action) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            await action();
        } finally {
            this.state.isBusy = false;
        }
        this.props.close();
    }

    onReasonKeydown(ev) {
        // without a reason it may be the same key press that opened this dialogue
        if (ev.key === "Enter" && !ev.isComposing && this.state.reason.trim()) {
            ev.preventDefault();
            this.callAnyway();
        }
    }
}

/** What a form's button and the phone show when a number must not be called. */
function showCheck(env, { params }) {
    const { check, isProgram = false } = params;
    env.services.dialog.add(CallCheck, { check, isProgram });
}

registry.category("actions").add("noojee.show_check", showCheck);
