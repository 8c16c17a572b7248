import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

/** What was said about the caller a moment ago, and the way back. */
export class RememberedCaller extends Component {
    static template = "noojee.RememberedCaller";
    static props = { call: Object };

    setup() {
        this.caller = useState(useService("noojee.caller"));
    }

    get words() {
        const { is_remembered: isRemembered, name } = this.props.call.told;
        return isRemembered
            ? _t("Remembered: this number is of %s", name)
            : _t("This call is with %s", name);
    }
}
