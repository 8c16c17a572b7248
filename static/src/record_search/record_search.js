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
        this.state = useState({ term: "", searched: null, records: [], hasFailed: false });
        this.keepLast = new KeepLast();
        this.searchSoon = useDebounced(() => this.search(), PAUSE);
        useAutofocus();
        onWillStart(() => {
            this.search();
        });
    }

    get term() {
        return this.state.term.trim();
    }

    get isSearching() {
        return this.term !== this.state.searched;
    }

    /** What Enter takes: nothing while what is shown was found for other words. */
    get chosen() {
        return this.isSearching ? undefined : this.state.records[0];
    }

    async search() {
        const searched = this.term;
        const result = { searched, records: [], hasFailed: false };
        try {
            result.records = await this.keepLast.add(
                this.orm.silent.call("noojee.call", "search_records", [
                    searched,
                    this.props.callId,
                ])
            );
        } catch {
            // the call goes on: it can be linked a moment later
            result.hasFailed = true;
        }
        Object.assign(this.state, result);
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
        } else if (ev.key === "Enter" && !ev.isComposing && this.chosen && !this.props.isBusy) {
            this.props.onChosen(this.chosen);
        }
    }
}
