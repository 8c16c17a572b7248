import { Component, useState } from "@odoo/owl";

import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { DeskPicker } from "@noojee/desk_picker/desk_picker";
import { callTitle, outcomeWords, stateColor, stateWords } from "@noojee/phone/call_words";

const { DateTime } = luxon;

/** The user's line: what runs, what ran last, and a number to call. */
export class PhonePanel extends Component {
    static template = "noojee.PhonePanel";
    static components = { DeskPicker };
    static props = { close: Function };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.state = useState({ number: "", isChoosingDesk: false });
        this.title = callTitle;
        this.color = stateColor;
        useAutofocus({ refName: "number" });
    }

    get deskTitle() {
        return _t("Desk %s", this.phone.line.number);
    }

    get awaySince() {
        const since = DateTime.fromISO(this.phone.away.since).toLocal();
        const isToday = since.hasSame(DateTime.local(), "day");
        return _t(
            "The phone system has not answered since %s. Your desk phone may still work; calls appear here when it is back.",
            isToday ? since.toFormat("HH:mm") : formatDateTime(since)
        );
    }

    words(call) {
        return stateWords(call, this.phone);
    }

    detail(call) {
        const start = DateTime.fromISO(call.started_at || call.now).toLocal();
        const isToday = start.hasSame(DateTime.local(), "day");
        const when = isToday ? start.toFormat("HH:mm") : start.toLocaleString(DateTime.DATE_MED);
        return [when, outcomeWords(call, this.phone)].filter(Boolean).join(" · ");
    }

    /** An arrow for the way a call went. */
    icon(call) {
        if (call.outcome === "missed") {
            return "fa-exclamation-circle text-danger";
        }
        return call.direction === "inbound" ? "fa-arrow-down text-muted" : "fa-arrow-up text-muted";
    }

    callBackLabel(call) {
        return _t("Call %s", this.title(call));
    }

    onNumberKeydown(ev) {
        // the menu's own keys must not take what is written here
        if (!["Escape", "Tab"].includes(ev.key)) {
            ev.stopPropagation();
        }
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            this.dialNumber();
        }
    }

    async dialNumber() {
        const number = this.state.number.trim();
        if (number) {
            await this.phone.dial(number);
            this.state.number = "";
        }
    }

    callBack(call) {
        return this.phone.dial(call.number, call.record?.model, call.record?.id);
    }

    open(call) {
        this.props.close();
        return this.phone.openRecord(call.record);
    }
}
