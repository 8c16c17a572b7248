import { Component, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { soundAlarm } from "@noojee/recording_bar/alarm_tone";

/** Records the call that runs at the user's desk, filed on the record of the form. */
export class RecordButton extends Component {
    static template = "noojee.RecordButton";
    static props = { ...standardWidgetProps };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.action = useService("action");
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
        const isRecording = this.call.recording === "on";
        try {
            await this.phone.ask(this.call.id, "action_stop_recording");
        } catch (error) {
            if (isRecording) {
                soundAlarm();
            }
            throw error;
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
