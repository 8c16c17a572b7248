import { Component, useRef, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** Which of a record's numbers shall be called. */
export class NumberChooser extends Component {
    static template = "noojee.NumberChooser";
    static components = { Dialog };
    static props = {
        close: Function,
        model: String,
        id: Number,
        name: String,
        numbers: {
            type: Array,
            element: {
                type: Object,
                shape: {
                    number: String,
                    /** See `noojee.call._shown_values`. */
                    dial_number: { type: String, optional: true },
                    label: String,
                    person: String,
                    partner_id: [Number, Boolean],
                },
            },
        },
    };

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.state = useState({ dialing: null });
        this.list = useRef("list");
    }

    get title() {
        return _t("Call %s", this.props.name);
    }

    /** What tells an entry from the others: two hidden numbers may look alike. */
    dialNumber(entry) {
        return entry.dial_number || entry.number;
    }

    buttonLabel(entry) {
        return _t("Call %(person)s, %(label)s, %(number)s", {
            ...entry,
            person: entry.person || this.props.name,
        });
    }

    onKeydown(ev) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const buttons = [...this.list.el.querySelectorAll("button")];
        const index = buttons.indexOf(document.activeElement) + step;
        buttons.at(index % buttons.length).focus();
    }

    async call(entry) {
        if (this.state.dialing || this.phone.isDialing) {
            return;
        }
        const number = this.dialNumber(entry);
        this.state.dialing = number;
        const { model, id } = this.props;
        try {
            await this.phone.dial(number, model, id, { partnerId: entry.partner_id });
            this.props.close();
        } finally {
            // not dialled: another number can be chosen
            this.state.dialing = null;
        }
    }
}

/** What the button *Call* of a form returns where there are several numbers. */
function chooseNumber(env, { params }) {
    const { model, id, name, numbers } = params;
    env.services.dialog.add(NumberChooser, { model, id, name, numbers });
}

registry.category("actions").add("noojee.choose_number", chooseNumber);
