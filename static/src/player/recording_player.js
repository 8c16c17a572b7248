import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

import { formatDuration } from "@noojee/phone/call_words";

import { Playback, SPEEDS } from "./playback";

const STEP = 10;

/** Plays all legs of a recording in their order, the gaps between them drawn to scale. */
export class RecordingPlayer extends Component {
    static template = "noojee.RecordingPlayer";
    static props = { recordingId: Number, isPlaying: { type: Boolean, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.audio = useRef("audio");
        this.speeds = SPEEDS;
        this.state = useState({ recording: null, refusal: "" });
        this.playback = useState(new Playback());
        onWillStart(() => this.load());
        onMounted(() => {
            this.playback.attach(this.audio.el);
            if (this.props.isPlaying && this.playback.canPlay) {
                this.playback.play();
            }
        });
        onWillUnmount(() => this.audio.el?.pause());
    }

    async load() {
        try {
            const recording = await this.orm.call("noojee.recording", "get_player", [
                this.props.recordingId,
            ]);
            this.state.recording = recording;
            this.playback.take(recording.tracks, recording.seconds);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.refusal = error.data?.message || _t("This recording cannot be heard.");
        }
    }

    get time() {
        return formatDuration(Math.floor(this.playback.position));
    }

    get length() {
        return formatDuration(this.playback.seconds);
    }

    get spokenTime() {
        return _t("%(time)s of %(length)s", { time: this.time, length: this.length });
    }

    /** What is said where there is nothing to hear, or not all of it. */
    get words() {
        const { state, reason, tracks } = this.state.recording;
        if (this.playback.hasFailed) {
            return _t("This part cannot be played. Try again, or tell an administrator.");
        }
        if (state === "purged") {
            return _t("The audio was deleted.");
        }
        if (!this.playback.canPlay) {
            const isComing = ["recording", "paused", "stopped", "fetching"].includes(state);
            return reason || (isComing ? _t("The audio is on its way.") : _t("There is no audio."));
        }
        const missing = tracks.filter((track) => !track.is_stored).length;
        return missing ? _t("%s parts are not here.", missing) : "";
    }

    style({ start, seconds }) {
        const share = (part) => `${(100 * part) / Math.max(this.playback.seconds, 1)}%`;
        return `left: ${share(start)}; width: ${share(seconds)}`;
    }

    get headStyle() {
        return `left: ${(100 * this.playback.position) / Math.max(this.playback.seconds, 1)}%`;
    }

    gapTitle({ is_card: isCard, seconds }) {
        const length = formatDuration(seconds);
        return isCard
            ? _t("Stopped for card data, %s", length)
            : _t("Not recorded, %s", length);
    }

    trackTitle(track) {
        return track.is_stored ? track.title : `${track.title} · ${track.reason || _t("not here")}`;
    }

    onBarClick(ev) {
        const { left, width } = ev.currentTarget.getBoundingClientRect();
        this.playback.seek(((ev.clientX - left) / width) * this.playback.seconds);
    }

    onSpeedChange(ev) {
        this.playback.setSpeed(Number(ev.target.value));
    }

    skip(seconds) {
        this.playback.seek(this.playback.position + seconds);
    }

    onKeydown(ev) {
        const actions = {
            ArrowLeft: () => this.skip(-STEP),
            ArrowRight: () => this.skip(STEP),
            Home: () => this.playback.seek(0),
            " ": () => this.playback.toggle(),
        };
        const isButton = ev.target.closest("button, select") && ev.key === " ";
        const action = actions[ev.key];
        if (action && this.playback.canPlay && !isButton && ev.target.tagName !== "SELECT") {
            ev.preventDefault();
            ev.stopPropagation();
            action();
        }
    }
}
