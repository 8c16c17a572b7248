import { Component, useEffect, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { ErrorHandler } from "@web/core/utils/components";
import { useService } from "@web/core/utils/hooks";

import { CallerPicker } from "@noojee/caller/caller_picker";
import { RememberedCaller } from "@noojee/caller/remembered_caller";
import { CustomerSummary } from "@noojee/customer_summary/customer_summary";
import { callTitle, formatDuration, outcomeWords, stateWords } from "@noojee/phone/call_words";
import { useKeptFocus } from "@noojee/phone/kept_focus";

import { hotkeyName, useWayToCards } from "./way_to_cards";

/** For so many running calls room is left below the cards. */
const MOST_BELOW = 2;

/** One call that rings at the user's desk: who it is and what can be done; or, for a
 * moment, why it rings no more. */
export class IncomingCard extends Component {
    static template = "noojee.IncomingCard";
    static components = { CallerPicker, CustomerSummary, RememberedCaller };
    static props = {
        call: Object,
        /** What leads to the card by the keyboard, where it stands by itself. */
        hotkeyName: { type: String, optional: true },
    };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.pop = useState(useService("noojee.pop"));
        this.state = useState({ isChoosing: false });
        useKeptFocus("root", CallerPicker.successors);
    }

    get call() {
        return this.props.call;
    }

    get title() {
        return callTitle(this.call);
    }

    get isKnown() {
        return Boolean(this.call.name || this.call.record || this.call.candidates.length);
    }

    get subtitle() {
        const { name, number, subtitle, candidates } = this.call;
        if (candidates.length > 1) {
            return _t("%s records have this number", candidates.length);
        }
        if (!this.isKnown) {
            return number ? _t("Unknown number") : "";
        }
        return [subtitle, name && number].filter(Boolean).join(" · ");
    }

    get isWithdrawn() {
        return this.call.state === "ended";
    }

    get withdrawnWords() {
        if (!this.isWithdrawn) {
            return "";
        }
        return outcomeWords(this.call, this.phone) || stateWords(this.call, this.phone);
    }

    get heading() {
        const parts = [_t("Incoming call")];
        if (this.call.other_desks === 1) {
            parts.push(_t("also rings at 1 other desk"));
        } else if (this.call.other_desks) {
            parts.push(_t("also rings at %s other desks", this.call.other_desks));
        }
        return parts.join(" · ");
    }

    get ringTime() {
        return formatDuration(this.phone.seconds(this.call));
    }

    get hotkeyWords() {
        return _t("%s leads to this card.", this.props.hotkeyName);
    }

    openWords(record) {
        return _t("Open %s", record.name);
    }

    /** Nobody known, or several: who it is is asked at once. A colleague's desk tells
     * for itself who he is, and neither remembers a number nor is a customer. */
    get isChoosing() {
        const { direction, record } = this.call;
        return direction !== "internal" && (!record || this.state.isChoosing);
    }

    get popWords() {
        return this.pop.words[this.call.channel_id];
    }

    get isIgnored() {
        return this.phone.ignored.has(this.call.channel_id);
    }

    open(record) {
        return this.phone.openRecord(record, () => this.pop.sayBlocked(this.call));
    }

    /** The card goes, the phone rings on; the menu still shows the call. */
    ignore() {
        this.phone.ignore(this.call);
    }
}

/**
 * All calls that ring now, above whatever is open.
 *
 * They stand beside the page's body, not in it: for each element that comes or goes in
 * there the browser works all of Odoo's rules with `:has()` out anew, which on a page full
 * of records takes longer than all else between the message and the card.
 */
export class IncomingCards extends Component {
    static template = "noojee.IncomingCards";
    static components = { ErrorHandler, IncomingCard };
    static props = {};
    /** Selector of what the cards are put into. */
    static home = "html";

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.hotkeyName = hotkeyName();
        this.onKeydown = useWayToCards("root");
        this.root = useRef("root");
        useEffect(
            (el) => this.tellHeight(el),
            () => [this.root.el]
        );
    }

    /** What stands below them makes room: which call to leave is seen before one answers. */
    tellHeight(el) {
        if (!el) {
            return;
        }
        const observer = new ResizeObserver(() => (this.phone.cardsHeight = el.offsetHeight));
        observer.observe(el);
        return () => observer.disconnect();
    }

    get style() {
        return `--noojee-calls-below: ${Math.min(this.phone.current.length, MOST_BELOW)}`;
    }

    /** A card that breaks takes none of the others along. */
    onError(call, error) {
        this.phone.ignore(call);
        Promise.reject(error);
    }
}

registry.category("main_components").add("noojee.IncomingCards", { Component: IncomingCards });
