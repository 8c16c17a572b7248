import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

/**
 * @param {number} seconds
 * @returns {string} 00:12, 1:02:03
 */
export function formatDuration(seconds) {
    const two = (value) => String(value).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    const rest = two(seconds % 60);
    return hours ? `${hours}:${two(minutes)}:${rest}` : `${two(minutes)}:${rest}`;
}

/** Who is on the other side, as short as can be. */
export function callTitle(call) {
    return call.name || call.number || _t("Withheld number");
}

/**
 * The state of a call, as a person says it.
 *
 * @param {Object} call see `noojee.call._payload`
 * @param {import("./phone_service").Phone} phone
 */
export function stateWords(call, phone) {
    switch (call.state) {
        case "dialing":
            return call.lift_handset ? _t("Lift your handset") : _t("Ringing your desk…");
        case "ringing":
            return phone.isIncoming(call) ? _t("Incoming call") : ringingWords(call);
        case "connected":
            return _t("Connected %s", formatDuration(phone.seconds(call)));
    }
    return _t("Ended");
}

/** The same without what changes each second: this is read aloud. */
export function spokenState(call, phone) {
    return call.state === "connected" ? _t("Connected") : stateWords(call, phone);
}

function ringingWords(call) {
    return call.direction === "internal"
        ? _t("Rings at your colleague")
        : _t("Rings at the customer");
}

/** What comes after the state of a dialled call that is not through yet. */
export function nextWords(call) {
    if (call.state !== "dialing") {
        return "";
    }
    return call.direction === "internal"
        ? _t("Then: rings at your colleague → connected")
        : _t("Then: rings at the customer → connected");
}

/** Why a customer was not opened in a new tab. */
export function blockedWords() {
    return _t("Your browser blocked the new tab. Allow pop-ups for this site.");
}

/** What came of an ended call. */
export function outcomeWords(call, phone) {
    if (call.failure) {
        return call.failure;
    }
    switch (call.outcome) {
        case "answered":
            return _t("Talked %s", formatDuration(phone.seconds(call)));
        case "missed":
            return _t("Missed");
        case "cancelled":
            return _t("Not answered");
        case "elsewhere":
            return call.answered_by
                ? _t("Answered by %s", call.answered_by)
                : _t("Answered elsewhere");
    }
    return "";
}

/** A day and time, as short as the user's language says it. */
export function formatMoment(iso) {
    const moment = DateTime.fromISO(iso).toLocal();
    const showDate = !moment.hasSame(DateTime.local(), "day");
    return toLocaleDateTimeString(moment, { showDate, showTime: true, showSeconds: false });
}

/** Bootstrap's colour for a state, shared by badges and dots. */
export function stateColor(call) {
    return { dialing: "warning", ringing: "info", connected: "success" }[call.state] || "secondary";
}
