import { Component, onWillStart, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { RecordSearch } from "@noojee/record_search/record_search";

/** Whom a call may be from: those with its number, somebody new, or another record. */
export class CallerPicker extends Component {
    static template = "noojee.CallerPicker";
    static components = { RecordSearch };
    static props = { call: Object };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.caller = useState(useService("noojee.caller"));
        this.orm = useService("orm");
        this.state = useState({ candidates: this.props.call.candidates, isSearching: false });
        onWillStart(() => this.load());
    }

    async load() {
        // of a call that somebody is known for, or that is over, they were not sent
        const { record, state } = this.props.call;
        if (record || state === "ended") {
            this.state.candidates = await this.orm.silent.call("noojee.call", "get_candidates", [
                [this.props.call.id],
            ]);
        }
    }

    line({ subtitle, reason }) {
        return [subtitle, reason].filter(Boolean).join(" · ");
    }

    openWords({ name }) {
        return _t("Open %s", name);
    }

    tellWords({ name }) {
        return _t("%s is the caller: remember the number", name);
    }

    async tell(record) {
        await this.caller.tell(this.props.call, record);
        this.state.isSearching = false;
    }
}
