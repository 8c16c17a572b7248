import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

/** What to know about a customer before the first word. */
export class CustomerSummary extends Component {
    static template = "noojee.CustomerSummary";
    static props = {
        /** see `noojee.call._card` */
        card: Object,
        onOpen: Function,
    };

    get owner() {
        const { owner, is_owner_me: isMe } = this.props.card;
        return isMe ? _t("you") : owner;
    }

    get nextDay() {
        const today = DateTime.now();
        const day = today.plus({ days: this.props.card.next_activity.days });
        return day.toRelativeCalendar({ base: today, unit: "days" });
    }

    get lastCall() {
        const { at, words } = this.props.card.last_call;
        const moment = DateTime.fromISO(at).setLocale(luxon.Settings.defaultLocale);
        return [moment.toRelative(), words].filter(Boolean).join(", ");
    }
}
