import { Component, onMounted, useExternalListener, useRef, useState } from "@odoo/owl";

import { hasTouch } from "@web/core/browser/feature_detection";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { DialButton } from "@noojee/dial_button/dial_button";

const PAUSE = 250;
/** With fewer digits a text that has letters is a name. */
const FEWEST_DIGITS = 3;

function countDigits(text) {
    return text.match(/\p{Nd}/gu)?.length ?? 0;
}

/** Whether a text is rather a number than a name, in whatever signs: `03–7010–1234`. */
function looksLikeNumber(term) {
    // marks of direction come along with what is copied
    const text = term.replace(/\p{Cf}/gu, "").replace(/^\s*(tel|callto|sms):/i, "");
    const digits = countDigits(text);
    const letters = text.match(/\p{L}/gu)?.length ?? 0;
    if (!letters) {
        return digits > 0;
    }
    return digits >= FEWEST_DIGITS && letters < digits && !/^\p{L}/u.test(text);
}

/** Whom to call: by name while one types, or by a number as it is written. */
export class PartySearch extends Component {
    static template = "noojee.PartySearch";
    static components = { DialButton };
    static props = {
        /** What is written, shared with the keypad. */
        query: Object,
        onOpen: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.phone = useState(useService("noojee.phone"));
        this.query = useState(this.props.query);
        this.state = useState({ parties: [], searched: "", active: 0, hasFailed: false });
        this.isCalling = false;
        this.keepLast = new KeepLast();
        this.searchSoon = useDebounced(() => this.search(), PAUSE);
        const input = useRef("input");
        // useAutofocus leaves it to the dialogue beneath; a touch brings up a keyboard
        onMounted(() => hasTouch() || input.el.focus());
        useExternalListener(this.query.bus, "written", () => this.searchSoon());
    }

    get term() {
        return this.query.term.trim();
    }

    /** Whether what is written is meant as a number; the server says what is wrong with it. */
    get isNumber() {
        return looksLikeNumber(this.term);
    }

    /** Whether it can be called as it is written: a name with digits if nobody has it. */
    get isCallable() {
        const isNobodys = !this.isSearching && !this.state.parties.length;
        return this.isNumber || (isNobodys && countDigits(this.term) >= FEWEST_DIGITS);
    }

    /** Whether there is anything to choose from. */
    get hasOptions() {
        return Boolean(this.term) && (this.isCallable || this.state.parties.length > 0);
    }

    get isSearching() {
        return this.term !== this.state.searched;
    }

    get active() {
        return this.state.parties[this.state.active];
    }

    get activeId() {
        if (!this.hasOptions) {
            return undefined;
        }
        if (this.active) {
            return `o_noojee_party_${this.state.active}`;
        }
        return this.isCallable ? "o_noojee_as_written" : undefined;
    }

    async search() {
        const term = this.term;
        let parties = [];
        this.state.hasFailed = false;
        if (term) {
            try {
                parties = await this.keepLast.add(
                    this.orm.silent.call("noojee.call", "search_parties", [term])
                );
            } catch {
                // a search that fails stops nobody from dialling what is written
                this.state.hasFailed = true;
            }
        }
        // a number is dialled as it is written unless one goes to somebody below it
        Object.assign(this.state, { parties, searched: term, active: this.isNumber ? -1 : 0 });
    }

    onInput(ev) {
        this.query.term = ev.target.value;
        this.searchSoon();
    }

    onKeydown(ev) {
        if (ev.key === "Tab" || (ev.key === "Escape" && !this.query.term)) {
            return;
        }
        // the menu's own keys must not take what is written here
        ev.stopPropagation();
        switch (ev.key) {
            case "ArrowDown":
                ev.preventDefault();
                return this.move(1);
            case "ArrowUp":
                ev.preventDefault();
                return this.move(-1);
            case "Escape":
                this.query.term = "";
                return this.search();
            case "Enter":
                if (!ev.isComposing) {
                    ev.preventDefault();
                    return this.dialActive();
                }
        }
    }

    move(step) {
        const first = this.isCallable ? -1 : 0;
        const last = this.state.parties.length - 1;
        this.state.active = Math.min(Math.max(this.state.active + step, first), last);
        const row = document.getElementById(this.activeId);
        row?.scrollIntoView({ block: "nearest" });
    }

    dialActive() {
        if (this.isCallable && (this.isSearching || !this.active)) {
            return this.call({ number: this.term });
        }
        if (this.active && !this.isSearching) {
            return this.active.number ? this.call(this.active) : this.open(this.active);
        }
    }

    async call({ number, dial_number: dialNumber, model, id }) {
        if (this.isCalling) {
            return;
        }
        this.isCalling = true;
        try {
            if (await this.phone.call(dialNumber || number, model || false, id || false)) {
                this.query.term = "";
                await this.search();
            }
        } finally {
            this.isCalling = false;
        }
    }

    open(party) {
        this.props.onOpen();
        return this.phone.openRecord(party);
    }
}
