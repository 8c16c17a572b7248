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
        this.state = useState({ term: "", records: [], isSearching: false });
        this.input = useRef("input");
        this.keepLast = new KeepLast();
        this.searchSoon = useDebounced(() => this.search(), PAUSE);
        useEffect(
            (input) => input?.focus(),
            () => [this.input.el]
        );
        onWillUpdateProps((next) => {
            if (next.isOpen && !this.props.isOpen) {
                this.state.term = "";
                this.search();
            }
        });
    }

    async search() {
        this.state.isSearching = true;
        try {
            this.state.records = await this.keepLast.add(
                this.orm.silent.call("noojee.call", "search_records", [
                    this.state.term.trim(),
                    this.props.call.id,
                ])
            );
        } finally {
            this.state.isSearching = false;
        }
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
        } else if (ev.key === "Enter" && this.state.records.length) {
            this.props.onChosen(this.state.records[0]);
        }
    }
}
