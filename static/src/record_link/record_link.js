import { Component, useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

import { RecordSearch } from "@noojee/record_search/record_search";

/** What a call is about, and the way to say that it is about something else. */
export class RecordLink extends Component {
    static template = "noojee.RecordLink";
    static components = { RecordSearch };
    static props = {
        call: Object,
        isOpen: Boolean,
        onToggle: Function,
        onOpen: Function,
        onChosen: Function,
    };

    setup() {
        this.phone = useState(useService("noojee.phone"));
    }
}
