import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import {
    callColor,
    callWords,
    countWords,
    detailWords,
    partyWords,
} from "@noojee/live_board/live_board_words";
import { formatDuration } from "@noojee/phone/call_words";

/** One desk: who sits there, what runs there, and what ran there today. */
export class DeskTile extends Component {
    static template = "noojee.DeskTile";
    static props = {
        desk: Object,
        /** Server time in milliseconds. */
        now: Number,
        onOpen: Function,
    };

    setup() {
        Object.assign(this, { callColor, callWords, countWords, detailWords, partyWords });
    }

    get state() {
        return this.props.desk.calls[0]?.state ?? "free";
    }

    get borderClass() {
        const [call] = this.props.desk.calls;
        return call ? `border-${callColor(call)}` : "";
    }

    get userWords() {
        return this.props.desk.user ? this.props.desk.user.name : _t("Nobody signed on");
    }

    get stateWords() {
        const [call] = this.props.desk.calls;
        return call ? callWords(call) : _t("Free");
    }

    get label() {
        const desk = _t("Desk %(number)s, %(user)s", {
            number: this.props.desk.number,
            user: this.userWords,
        });
        return `${desk}: ${this.stateWords}`;
    }

    get talkWords() {
        return formatDuration(this.props.desk.counts.talk_seconds);
    }

    duration(call) {
        const seconds = Math.floor((this.props.now - Date.parse(call.since)) / 1000);
        return formatDuration(Math.max(0, seconds));
    }
}
