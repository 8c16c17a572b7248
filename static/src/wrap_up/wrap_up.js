import { Component, onMounted, useRef, useState } from "@odoo/owl";

import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { useService } from "@web/core/utils/hooks";

import { useKeptFocus } from "@noojee/phone/kept_focus";

/** Those that results can have; the tenth and later ones have none. */
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** What came of a call that has ended: one key for each of the first results. */
export class WrapUp extends Component {
    static template = "noojee.WrapUp";
    static props = { call: Object };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.state = useState({ toConfirm: null });
        for (const key of KEYS) {
            // looked up when it is pressed: the list may change while the card stands
            useHotkey(key, () => this.choose(this.resultOf(key)), {
                isAvailable: () => this.hasKeys && Boolean(this.resultOf(key)),
            });
        }
        useHotkey("escape", () => this.later(), {
            // there it has a meaning of its own
            isAvailable: (target) => this.hasKeys && !target.closest("input, textarea, [contenteditable=true]"),
        });
        const root = useRef("root");
        onMounted(() => {
            // a key that is meant for the result must not be written into an empty search
            const { activeElement } = document;
            if (activeElement.matches(".o_noojee_number") && !activeElement.value) {
                root.el.focus();
            }
        });
        useKeptFocus("root", []);
    }

    /** Of several calls that wait for a result, the keys are one's only. */
    get hasKeys() {
        return this.phone.callOfKeys?.id === this.props.call.id;
    }

    /** Those of the call's company, each with its key. */
    get results() {
        const { company_id } = this.props.call;
        return this.phone.results
            .filter((result) => !result.company_id || result.company_id === company_id)
            .map((result, index) => ({ ...result, key: KEYS[index] }));
    }

    get confirmation() {
        return this.state.toConfirm;
    }

    resultOf(key) {
        return this.results.find((result) => result.key === key);
    }

    /** The key to show at a result, if one works. */
    keyOf(result) {
        return (this.hasKeys && result.key) || undefined;
    }

    /** @param {{id: number, action: string}} result */
    choose(result) {
        // nobody will be let call the number any more: never by a slip of the finger
        if (result.action === "blacklist" && this.confirmation?.id !== result.id) {
            this.state.toConfirm = result;
            return;
        }
        this.state.toConfirm = null;
        return this.phone.wrapUp(this.props.call, result);
    }

    later() {
        if (this.state.toConfirm) {
            this.state.toConfirm = null;
            return;
        }
        return this.phone.wrapUpLater(this.props.call);
    }
}
