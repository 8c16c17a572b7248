import { Component, onWillStart, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";

import { useKeptFocus } from "@noojee/phone/kept_focus";
import { RecordSearch } from "@noojee/record_search/record_search";

/** Whom a call may be from: those with its number, somebody new, or another record. */
export class CallerPicker extends Component {
    static template = "noojee.CallerPicker";
    static components = { RecordSearch };
    static props = {
        call: Object,
        /** Whether other records are searched at once. */
        isSearching: { type: Boolean, optional: true },
        onTold: { type: Function, optional: true },
    };
    /** What has the focus when the picker goes; see `useKeptFocus`. */
    static successors = [[".o_noojee_caller_picker *", ".o_noojee_other"]];

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.caller = useState(useService("noojee.caller"));
        this.orm = useService("orm");
        this.state = useState({ others: null, isSearching: Boolean(this.props.isSearching) });
        useKeptFocus("root", [
            [".o_noojee_link_search, .o_noojee_link_results *", ".o_noojee_attach"],
        ]);
        onWillStart(() => this.load());
    }

    /** Of a call that somebody is known for, or that is over, they are not sent with it. */
    async load() {
        const { record, state } = this.props.call;
        if (!record && state !== "ended") {
            return;
        }
        try {
            this.state.others = await this.orm.silent.call("noojee.call", "get_candidates", [
                [this.props.call.id],
            ]);
        } catch {
            // the call goes on: whoever it is can be searched for
            this.state.others = [];
        }
    }

    get candidates() {
        return this.state.others ?? this.props.call.candidates;
    }

    canCreate(model) {
        return session.noojee_can_create?.includes(model);
    }

    line({ subtitle, reason }) {
        return [subtitle, reason].filter(Boolean).join(" · ");
    }

    openWords({ name }) {
        return _t("Open %s", name);
    }

    get callerWords() {
        return this.props.call.direction === "outbound"
            ? _t("This is who is on the line")
            : _t("This is the caller");
    }

    tellWords({ name }) {
        if (!this.props.call.number) {
            return _t("%s is the caller", name);
        }
        return this.props.call.direction === "outbound"
            ? _t("%s is on the line: remember the number", name)
            : _t("%s is the caller: remember the number", name);
    }

    async tell(record) {
        await this.caller.tell(this.props.call, record);
        this.state.isSearching = false;
        this.props.onTold?.();
    }
}
