import { Component, onWillStart, onWillUnmount, useEffect, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";

import { formatDuration } from "@noojee/phone/call_words";
import { soundAlarm } from "@noojee/recording_bar/alarm_tone";

import { VoiceTake } from "./voice_take";

/** Reads a script to the customer on the line, passage by passage, and keeps his answers. */
export class VoiceSignatureDialog extends Component {
    static template = "noojee.VoiceSignatureDialog";
    static components = { Dialog };
    static props = { orderId: Number, name: String, close: Function };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.signature = useState(new VoiceTake(useService("orm"), this.props.orderId));
        onWillStart(() => this.signature.load());
        this.listen();
        useEffect(
            (callId) => {
                this.signature.meet(callId);
            },
            // who it is may turn out while it runs
            () => [this.call?.id, this.call?.name]
        );
        const isFree = { isAvailable: () => this.canAnswer };
        useHotkey("y", () => this.yes(), isFree);
        useHotkey("n", () => this.no(), { isAvailable: () => this.canRefuse });
        const canGo = { isAvailable: () => this.stage === "reading" };
        useHotkey("arrowleft", () => this.signature.go(-1), canGo);
        useHotkey("arrowright", () => this.signature.go(1), canGo);
    }

    listen() {
        const bus = useService("bus_service");
        const onTold = (take) => this.signature.onTold(take);
        bus.subscribe("noojee.voice/updated", onTold);
        onWillUnmount(() => bus.unsubscribe("noojee.voice/updated", onTold));
        // what was told while the websocket was away
        useBus(bus, "BUS:RECONNECT", () => this.signature.load());
    }

    get title() {
        return _t("Voice signature of %s", this.props.name);
    }

    // === HOW FAR IT IS === //

    /** The call that it is taken in: the take's own, else the one at the user's desk. */
    get call() {
        const { take } = this.signature;
        const isMine = (call) => call.state === "connected" && call.is_mine;
        const isIt = (call) => (take ? call.id === take.call_id : isMine(call));
        return this.phone.calls.find(isIt);
    }

    /** `no_script`, `no_call`, `notice`, `reading` or `over`. */
    get stage() {
        const { take, script, isOver } = this.signature;
        if (take) {
            return isOver ? "over" : "reading";
        }
        if (!script) {
            return "no_script";
        }
        return this.call ? "notice" : "no_call";
    }

    get isPaused() {
        return this.call?.recording === "paused";
    }

    get isRecorded() {
        return this.call?.recording === "on";
    }

    /** All was read: what is left is to stop. */
    get isRead() {
        const { isAnswered, declined, position, passages } = this.signature;
        return (isAnswered || declined.length > 0) && position >= passages.length;
    }

    /** Somebody believes it to be stopped, and it is not. */
    get isStillRecorded() {
        const { failure, stopping } = this.signature;
        const isGoingOn = this.stage === "reading" || (this.stage === "notice" && this.isRecorded);
        return isGoingOn && Boolean(failure && stopping);
    }

    /** Why this may be somebody else than the customer. */
    get doubt() {
        return this.stage === "over" ? "" : this.signature.party?.doubt;
    }

    /** Whom the agent talks with, where that is not whose order it is. */
    get otherName() {
        const { order, party } = this.signature;
        return this.stage === "over" || party?.name === order.customer ? "" : party?.name;
    }

    get canAnswer() {
        const { asking, script, passage } = this.signature;
        if (asking) {
            return false;
        }
        if (this.stage === "notice") {
            return !script.fault && !this.call.not_recorded;
        }
        return this.stage === "reading" && Boolean(passage) && !passage.is_notice && !this.isPaused;
    }

    /** A no counts as well where a call that must not be recorded is. */
    get canRefuse() {
        const isRecordedAnyway = this.stage === "notice" && this.isRecorded;
        return this.canAnswer || (isRecordedAnyway && !this.signature.asking);
    }

    get seconds() {
        const { take, toldAt } = this.signature;
        const since = this.isRecorded ? (this.phone.now - this.phone.clock.skew - toldAt) / 1000 : 0;
        return Math.round(take.seconds + Math.max(0, since));
    }

    get time() {
        return formatDuration(this.seconds);
    }

    get progress() {
        const { answered, passages } = this.signature;
        return _t("%(answered)s of %(all)s answered", { answered, all: passages.length });
    }

    get progressStyle() {
        const { answered, passages } = this.signature;
        return `width: ${(100 * answered) / Math.max(passages.length, 1)}%`;
    }

    get outcome() {
        const { state, audio_sha256: digest } = this.signature.take;
        const outcomes = {
            signed: {
                title: _t("Signed"),
                icon: "fa-check-circle text-success",
                words: digest ? "" : _t("The audio is still being fetched."),
            },
            declined: { title: _t("Declined"), icon: "fa-times-circle text-danger" },
            incomplete: { title: _t("Incomplete"), icon: "fa-exclamation-circle text-warning" },
            void: { title: _t("Void"), icon: "fa-ban text-danger" },
        };
        return outcomes[state];
    }

    // === WHAT THE AGENT DOES === //

    yes() {
        return this.stage === "notice" ? this.start(true) : this.signature.answer("yes");
    }

    no() {
        return this.stage === "notice" ? this.start(false) : this.signature.answer("no");
    }

    async start(agrees) {
        await this.signature.start(this.call.id, agrees);
        this.warnOfRecording();
    }

    onScriptChange(ev) {
        this.signature.versionId = Number(ev.target.value);
        this.signature.failure = "";
    }

    resume() {
        return this.phone.ask(this.call.id, "action_resume_recording");
    }

    /** The same again where the phone system gave no answer. */
    stop() {
        return this.askToStop(this.signature.stopping || "stop");
    }

    giveUp() {
        return this.askToStop("give_up");
    }

    async askToStop(method) {
        await this.signature.stop(method);
        this.warnOfRecording();
    }

    warnOfRecording() {
        if (this.isStillRecorded) {
            soundAlarm();
        }
    }

    /** A new take, in the same call. */
    again() {
        return this.signature.again();
    }
}

/** What the button *Voice signature* of an order returns. */
function takeSignature(env, { params }) {
    env.services.dialog.add(
        VoiceSignatureDialog,
        { orderId: params.order_id, name: params.name },
        { onClose: () => env.services.action.doAction("soft_reload") }
    );
}

registry.category("actions").add("noojee.voice_signature", takeSignature);
