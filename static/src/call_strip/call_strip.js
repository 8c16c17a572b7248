import { Component, useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

import { CallCard } from "@noojee/call_card/call_card";

/** The calls under the user's hand, in a corner of every screen, until they are done. */
export class CallStrip extends Component {
    static template = "noojee.CallStrip";
    static components = { CallCard };
    static props = {};

    setup() {
        this.phone = useState(useService("noojee.phone"));
    }
}
