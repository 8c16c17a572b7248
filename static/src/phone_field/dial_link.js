import { useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";

/**
 * Makes a link to a phone number dial from the user's desk. Where he has none, or the
 * phone system is away, the computer's own phone program is opened, if the number may be
 * called. For who is no user of the phone the link does what its `tel:` address says.
 *
 * Nothing else on the page moves: no row is opened, no form is saved or left.
 *
 * @param {() => {number: string, model?: string, id?: number | false}} getTarget what is
 *  dialled, read at the click
 */
export function useDialLink(getTarget) {
    const phone = useState(useService("noojee.phone"));
    return useState(new DialLink(phone, getTarget));
}

class DialLink {
    isDialing = false;

    constructor(phone, getTarget) {
        this.phone = phone;
        this.getTarget = getTarget;
    }

    /** Whether a click makes the desk ring. */
    get isOn() {
        return this.phone.isEnabled && this.phone.canDial;
    }

    get role() {
        return this.isOn ? "button" : undefined;
    }

    get title() {
        return this.isOn ? _t("Call from desk %s", this.phone.line.number) : undefined;
    }

    onClick(ev) {
        // the row or card under the link is not meant
        ev.stopPropagation();
        if (this.phone.isEnabled) {
            ev.preventDefault();
            return this.call();
        }
    }

    /** Enter and Space, which a list would take for itself. */
    onKeydown(ev) {
        if (this.phone.isEnabled && ["Enter", " "].includes(ev.key)) {
            ev.stopPropagation();
            ev.preventDefault();
            if (!ev.repeat) {
                return this.call();
            }
        }
    }

    async call() {
        const { number, model, id } = this.getTarget();
        if (this.isDialing || !number) {
            return;
        }
        this.isDialing = true;
        try {
            // a record that is not saved yet, or of another kind, has no calls
            const isTied = id && session.noojee_models?.includes(model);
            await this.phone.call(number, ...(isTied ? [model, id] : []));
        } finally {
            this.isDialing = false;
        }
    }
}
