import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { DialButton } from "@noojee/dial_button/dial_button";

/** Whom the user is to call, and *Next*. */
export class ToCall extends Component {
    static template = "noojee.ToCall";
    static components = { DialButton };
    static props = { onOpen: Function };

    setup() {
        this.phone = useState(useService("noojee.phone"));
    }

    detail(item) {
        const words = [item.due === "overdue" ? _t("Overdue") : _t("Due today")];
        if (item.attempts === 1) {
            words.push(_t("1 attempt"));
        } else if (item.attempts) {
            words.push(_t("%s attempts", item.attempts));
        }
        return [...words, item.opens, item.subtitle].filter(Boolean).join(" · ");
    }

    get noneWords() {
        const { name, opens } = this.phone.firstToOpen;
        return _t("Nobody can be called now. %(name)s: %(opens)s.", { name, opens });
    }

    open(item) {
        this.props.onOpen();
        return this.phone.openRecord(item);
    }
}
