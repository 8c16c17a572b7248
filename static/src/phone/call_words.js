import { _t } from "@web/core/l10n/translation";

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
    return call.name || call.number || _t("Unknown number");
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
            return _t("Ringing your desk…");
        case "ringing":
            return phone.isIncoming(call) ? _t("Incoming call") : _t("Ringing…");
        case "connected":
            return _t("Connected %s", formatDuration(phone.seconds(call)));
    }
    return _t("Ended");
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

/** Bootstrap's colour for a state, shared by badges and dots. */
export function stateColor(call) {
    return { dialing: "warning", ringing: "info", connected: "success" }[call.state] || "secondary";
}
