import { Component, onWillStart, useState } from "@odoo/owl";

import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

const PAUSE = 250;

/** A search over all that a call can be about, its customer's own first. */
export class RecordSearch extends Component {
    static template = "noojee.RecordSearch";
    static props = {
        callId: Number,
        label: String,
        isBusy: Boolean,
        onChosen: Function,
        onCancel: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ term: "", records: [], isSearching: false });
        this.keepLast = new KeepLast();
        this.searchSoon = useDebounced(() => this.search(), PAUSE);
        useAutofocus();
        onWillStart(() => {
            this.search();
        });
    }

    async search() {
        this.state.isSearching = true;
        try {
            this.state.records = await this.keepLast.add(
                this.orm.silent.call("noojee.call", "search_records", [
                    this.state.term.trim(),
                    this.props.callId,
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
        // keys of menus must not take what is written here
        ev.stopPropagation();
        if (ev.key === "Escape") {
            this.props.onCancel();
        } else if (ev.key === "Enter" && this.state.records.length && !this.props.isBusy) {
            this.props.onChosen(this.state.records[0]);
        }
    }
}
