import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { isNumberHidden, telAddress } from "./tel_address";

/**
 * Rings the user's desk and then a number; without a line, or while the phone system is
 * away, it opens the computer's own phone program, unless the user may not see the number.
 */
export class DialButton extends Component {
    static template = "noojee.DialButton";
    static props = {
        /** Or the word that stands for it, where the user may not see it. */
        number: String,
        name: { type: String, optional: true },
        model: { type: [String, Boolean], optional: true },
        id: { type: [Number, Boolean], optional: true },
        activityId: { type: [Number, Boolean], optional: true },
    };

    setup() {
        this.phone = useState(useService("noojee.phone"));
    }

    get label() {
        return _t("Call %s", this.props.name || this.props.number);
    }

    get isNumberHidden() {
        return isNumberHidden(this.props.number);
    }

    get href() {
        return telAddress(this.props.number);
    }

    call() {
        const { number, model, id, activityId } = this.props;
        return this.phone.call(number, model || false, id || false, { activityId });
    }
}
