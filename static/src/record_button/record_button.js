import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { soundAlarm } from "@noojee/recording_bar/alarm_tone";
import { whyStillRecorded } from "@noojee/recording_bar/recording_bar";

/** Records the call that runs at the user's desk, filed on the record of the form. */
export class RecordButton extends Component {
    static template = "noojee.RecordButton";
    static props = { ...standardWidgetProps };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.action = useService("action");
        this.notification = useService("notification");
        this.closeAlarm = () => {};
    }

    /** The user's running call. */
    get call() {
        return this.phone.calls.find((call) => call.state === "connected" && call.is_mine);
    }

    /** A new record has to be saved first: nothing can be filed on it. */
    get isShown() {
        return Boolean(this.call && this.props.record.resId && !this.call.not_recorded);
    }

    get isBusy() {
        return Boolean(this.phone.busy[this.call.id]);
    }

    get isRecorded() {
        return ["on", "paused"].includes(this.call.recording);
    }

    record() {
        const { resModel, resId } = this.props.record;
        const isToldFirst = this.call.needs_notice;
        const method = isToldFirst ? "action_confirm_notice" : "action_start_recording";
        return this.phone.ask(this.call.id, method, [resModel, resId]);
    }

    async stop() {
        this.closeAlarm();
        try {
            await this.phone.ask(this.call.id, "action_stop_recording");
        } catch (error) {
            if (this.call?.recording !== "on") {
                throw error;
            }
            this.closeAlarm = this.notification.add(whyStillRecorded(error), {
                title: _t("Still recorded"),
                type: "danger",
                sticky: true,
            });
            soundAlarm();
        }
    }

    tag() {
        const { resModel, resId } = this.props.record;
        return this.action.doAction("noojee.noojee_tag_recording_action", {
            additionalContext: {
                default_call_id: this.call.id,
                default_record_ref: `${resModel},${resId}`,
            },
        });
    }
}

registry.category("view_widgets").add("noojee_record", { component: RecordButton });
