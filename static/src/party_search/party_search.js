import { Component, useExternalListener, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { DialButton } from "@noojee/dial_button/dial_button";

const PAUSE = 250;

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
        this.results = useRef("results");
        this.keepLast = new KeepLast();
        this.searchSoon = useDebounced(() => this.search(), PAUSE);
        useAutofocus({ refName: "input" });
        useExternalListener(this.query.bus, "written", () => this.searchSoon());
    }

    get term() {
        return this.query.term.trim();
    }

    /** Whether what is written could be dialled as it is. */
    get isNumber() {
        return /^[+\d*#][\d\s()./*#-]*$/.test(this.term);
    }

    get isSearching() {
        return this.term !== this.state.searched;
    }

    get numberParty() {
        return { number: this.term, name: _t("Call %s", this.term) };
    }

    get active() {
        return this.state.parties[this.state.active];
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
        const first = this.isNumber ? -1 : 0;
        const last = this.state.parties.length - 1;
        this.state.active = Math.min(Math.max(this.state.active + step, first), last);
        const options = this.results.el.querySelectorAll("[role=option]");
        options[this.state.active]?.scrollIntoView({ block: "nearest" });
    }

    dialActive() {
        if (this.isNumber && (this.isSearching || !this.active)) {
            return this.dial(this.numberParty);
        }
        if (this.active && !this.isSearching) {
            return this.active.number ? this.dial(this.active) : this.open(this.active);
        }
    }

    /** While the state of the phone is read, nothing is known of the line. */
    get isWaiting() {
        return !this.phone.isLoaded && !this.phone.hasFailed;
    }

    async dial({ number, model, id }) {
        if (this.isWaiting) {
            return;
        }
        if (!this.phone.canDial) {
            // the computer's own phone program
            return this.results.el?.querySelector(".o_noojee_active a[href^='tel:']")?.click();
        }
        if (await this.phone.dial(number, model || false, id || false)) {
            this.query.term = "";
            await this.search();
        }
    }

    open(party) {
        this.props.onOpen();
        return this.phone.openRecord(party);
    }
}
