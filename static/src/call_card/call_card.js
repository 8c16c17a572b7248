import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { CallerPicker } from "@noojee/caller/caller_picker";
import { RememberedCaller } from "@noojee/caller/remembered_caller";
import { CustomerSummary } from "@noojee/customer_summary/customer_summary";
import {
    callTitle,
    nextWords,
    outcomeWords,
    spokenState,
    stateColor,
    stateWords,
} from "@noojee/phone/call_words";
import { useKeptFocus } from "@noojee/phone/kept_focus";
import { RecordingBar } from "@noojee/recording_bar/recording_bar";
import { WrapUp } from "@noojee/wrap_up/wrap_up";

/** What follows a control of the card that goes. */
const SUCCESSORS = [
    ...CallerPicker.successors,
    [".o_noojee_start_recording, .o_noojee_confirm_notice", ".o_noojee_stop_recording"],
    [".o_noojee_stop_recording", ".o_noojee_start_recording"],
    [".o_noojee_pause_recording", ".o_noojee_resume_recording"],
    [".o_noojee_resume_recording", ".o_noojee_pause_recording"],
    [".o_noojee_wrap_up, .o_noojee_wrap_up *", ".o_noojee_next"],
    [".o_noojee_hang_up", ".o_noojee_wrap_up"],
];

/**
 * One call under the user's hand, from the first ring to its result: who it is, what it
 * is about, its recording, a note.
 */
export class CallCard extends Component {
    static template = "noojee.CallCard";
    static components = { CallerPicker, CustomerSummary, RecordingBar, RememberedCaller, WrapUp };
    static props = {
        call: Object,
        /** Where the card stands on other things, it can be made small and put away. */
        isFloating: { type: Boolean, optional: true },
        onOpen: { type: Function, optional: true },
    };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.state = useState({ isChoosing: false });
        useKeptFocus("root", SUCCESSORS);
    }

    get call() {
        return this.props.call;
    }

    get isCompact() {
        return this.props.isFloating && this.phone.isCompact && !this.isWrappingUp;
    }

    get title() {
        return callTitle(this.call);
    }

    get subtitle() {
        const { name, number, subtitle } = this.call;
        return [name && number, subtitle].filter(Boolean).join(" · ");
    }

    get stateWords() {
        return stateWords(this.call, this.phone);
    }

    get spokenWords() {
        const state = spokenState(this.call, this.phone);
        return [`${this.title}: ${state}`, this.outcome].filter(Boolean).join(". ");
    }

    get stateColor() {
        return stateColor(this.call);
    }

    get hint() {
        return nextWords(this.call);
    }

    get outcome() {
        if (this.call.state !== "ended") {
            return "";
        }
        const words = [outcomeWords(this.call, this.phone)];
        if (this.call.recording === "on" || this.call.recording === "stopped") {
            words.push(_t("recorded"), this.call.tag);
        }
        return words.filter(Boolean).join(" · ");
    }

    get isWrappingUp() {
        return this.phone.isWrappingUp(this.call);
    }

    get canFollowUp() {
        const { is_mine: isMine, state } = this.call;
        return isMine && ["connected", "ended"].includes(state) && this.phone.canFollowUp(this.call);
    }

    /** Whether the user can say whose call it is. A colleague's desk tells for itself who
     * he is, and neither remembers a number nor is a customer. */
    get canChoose() {
        return this.call.is_mine && this.call.direction !== "internal";
    }

    /** Nobody known, or several: who it is is asked at once. */
    get isChoosing() {
        return this.canChoose && (!this.call.record || this.state.isChoosing);
    }

    get canRecord() {
        return this.call.state === "connected" && this.call.is_mine;
    }

    get compactWords() {
        return this.isCompact ? _t("Show all of the call") : _t("Make the card small");
    }

    get hasNote() {
        return this.call.is_mine && (this.call.state !== "ended" || this.isWrappingUp);
    }

    get note() {
        return this.phone.notes.of(this.call);
    }

    onNoteKeydown(ev) {
        // keys of menus and results must not take what is written here
        if (!["Escape", "Tab"].includes(ev.key)) {
            ev.stopPropagation();
        }
    }

    open() {
        this.props.onOpen?.();
        return this.phone.openRecord(this.call.record);
    }

    openOther(record) {
        this.props.onOpen?.();
        return this.phone.openRecord(record);
    }

    dialNext() {
        this.phone.dismiss(this.call.id);
        return this.phone.dialNext();
    }
}
