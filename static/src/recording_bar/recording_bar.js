import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

import { formatDuration } from "@noojee/phone/call_words";

import { soundAlarm } from "./alarm_tone";

/** Why a call is still recorded, after what went wrong with a stop. */
export function whyStillRecorded(error) {
    const isTold = error instanceof RPCError && error.data?.message;
    return isTold || _t("Odoo cannot be reached.");
}

/** Whether a call is recorded, and what its agent does about it. */
export class RecordingBar extends Component {
    static template = "noojee.RecordingBar";
    static props = { call: Object };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.action = useService("action");
        this.state = useState({ failure: "" });
    }

    get call() {
        return this.props.call;
    }

    get isBusy() {
        return Boolean(this.phone.busy[this.call.id]);
    }

    /** What stands beside the buttons while nothing is recorded. */
    get words() {
        const { objection_at: hasObjected, not_recorded: reason, recording } = this.call;
        if (hasObjected) {
            return _t("Not recorded: the other side said no");
        }
        if (reason) {
            return reason;
        }
        return recording === "stopped" ? _t("Recording stopped") : _t("Not recorded");
    }

    get canStart() {
        return !this.call.not_recorded && !this.call.needs_notice;
    }

    get time() {
        const seconds = (this.phone.now - Date.parse(this.call.recorded_at)) / 1000;
        return formatDuration(Math.max(0, Math.floor(seconds)));
    }

    ask(method) {
        return this.phone.ask(this.call.id, method);
    }

    start() {
        return this.ask("action_start_recording");
    }

    stop() {
        return this.askToStop("action_stop_recording");
    }

    pause() {
        return this.askToStop("action_pause_recording");
    }

    resume() {
        return this.ask("action_resume_recording");
    }

    confirmNotice() {
        return this.ask("action_confirm_notice");
    }

    noteObjection() {
        return this.askToStop("action_note_objection");
    }

    /** Who says card numbers must know at once that they are still recorded. */
    async askToStop(method) {
        const isRecording = this.call.recording === "on";
        this.state.failure = "";
        try {
            await this.ask(method);
        } catch (error) {
            if (!isRecording) {
                throw error;
            }
            this.state.failure = whyStillRecorded(error);
            soundAlarm();
        }
    }

    tag() {
        return this.action.doAction("noojee.noojee_tag_recording_action", {
            additionalContext: { default_call_id: this.call.id },
        });
    }
}
