import { Component, useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

import { DialButton } from "@noojee/dial_button/dial_button";
import { callTitle, formatMoment, outcomeWords } from "@noojee/phone/call_words";

/** Calls that have ended, with one click to call back. */
export class RecentCalls extends Component {
    static template = "noojee.RecentCalls";
    static components = { DialButton };
    static props = { calls: Array, emptyWords: String, onOpen: Function };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.action = useService("action");
        this.title = callTitle;
    }

    detail(call) {
        const words = [formatMoment(call.started_at || call.now), outcomeWords(call, this.phone)];
        return [...words, call.result && call.result.name].filter(Boolean).join(" · ");
    }

    /** An arrow for the way a call went. */
    icon(call) {
        if (call.outcome === "missed") {
            return "fa-exclamation-circle text-danger";
        }
        return call.direction === "inbound" ? "fa-arrow-down text-muted" : "fa-arrow-up text-muted";
    }

    waitsForResult(call) {
        const isOver = !call.result && !call.failure && call.direction !== "internal";
        return call.is_mine && isOver && this.phone.results.length > 0;
    }

    play(call) {
        const params = { id: call.recording_id, name: callTitle(call) };
        return this.action.doAction({
            type: "ir.actions.client",
            tag: "noojee.play_recording",
            params,
        });
    }

    open(call) {
        this.props.onOpen();
        return this.phone.openRecord(call.record);
    }
}
