import { Component, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";

import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

const PAUSE = 250;

/** What a call is about, and the way to say that it is about something else. */
export class RecordLink extends Component {
    static template = "noojee.RecordLink";
    static props = {
        call: Object,
        isOpen: Boolean,
        onToggle: Function,
        onOpen: Function,
        onChosen: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.phone = useState(useService("noojee.phone"));
        this.state = useState({ term: "", searched: null, records: [], hasFailed: false });
        this.input = useRef("input");
        this.keepLast = new KeepLast();
        this.searchSoon = useDebounced(() => this.search(), PAUSE);
        useEffect(
            (input) => input?.focus(),
            () => [this.input.el]
        );
        onWillUpdateProps((next) => {
            if (next.isOpen && !this.props.isOpen) {
                Object.assign(this.state, { term: "", searched: null, records: [] });
                this.search();
            }
        });
    }

    get term() {
        return this.state.term.trim();
    }

    get isSearching() {
        return this.term !== this.state.searched;
    }

    async search() {
        const searched = this.term;
        const args = [searched, this.props.call.id];
        const result = { searched, records: [], hasFailed: false };
        try {
            result.records = await this.keepLast.add(
                this.orm.silent.call("noojee.call", "search_records", args)
            );
        } catch {
            // the call goes on: it can be linked a moment later
            result.hasFailed = true;
        }
        Object.assign(this.state, result);
    }

    /** What Enter takes: nothing while what is shown was found for other words. */
    get chosen() {
        return this.isSearching ? undefined : this.state.records[0];
    }

    onInput(ev) {
        this.state.term = ev.target.value;
        this.searchSoon();
    }

    onKeydown(ev) {
        if (ev.key === "Tab") {
            return;
        }
        ev.stopPropagation();
        if (ev.key === "Escape") {
            this.props.onToggle();
        } else if (ev.key === "Enter" && !ev.isComposing && this.chosen) {
            this.props.onChosen(this.chosen);
        }
    }
}
