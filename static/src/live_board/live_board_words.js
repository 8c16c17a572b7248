import { _t } from "@web/core/l10n/translation";

/** The other side of a call at a desk. */
export function partyWords(call) {
    if (call.is_hidden) {
        return _t("A call that you may not see");
    }
    return call.name || call.number || _t("Unknown number");
}

/** What stands under a name. */
export function detailWords(call) {
    return [call.number, call.company].filter(Boolean).join(" · ");
}

/** What a call does at a desk, as a person says it. */
export function callWords(call) {
    switch (call.state) {
        case "dialing":
            return _t("Dials");
        case "ringing":
            if (!call.is_called) {
                return _t("Calls");
            }
            return call.is_queue_call ? _t("Rings, from a queue") : _t("Rings");
    }
    return _t("In a call");
}

/** Bootstrap's colour for what a desk does. */
export function callColor(call) {
    return { dialing: "warning", ringing: "info", connected: "success" }[call?.state] || "secondary";
}

/** Today's figures in one line. */
export function countWords(counts) {
    return [
        _t("%s answered", counts.answered),
        _t("%s missed", counts.missed),
        _t("%s out", counts.outbound),
    ].join(" · ");
}
