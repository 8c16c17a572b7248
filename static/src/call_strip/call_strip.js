import { Component, useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

import { callTitle, outcomeWords, stateColor, stateWords } from "@noojee/phone/call_words";

/** The calls that run now, in a corner of every screen, until a moment after their end. */
export class CallStrip extends Component {
    static template = "noojee.CallStrip";
    static props = {};

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.title = callTitle;
        this.color = stateColor;
    }

    words(call) {
        return stateWords(call, this.phone);
    }

    detail(call) {
        return call.state === "ended" ? outcomeWords(call, this.phone) : "";
    }
}
