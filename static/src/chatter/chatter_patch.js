import { Chatter } from "@mail/chatter/web_portal/chatter";

import { useBus, useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";

/** Shows the line about a call that has ended; the form, and what is written there, stays. */
patch(Chatter.prototype, {
    setup() {
        super.setup();
        useBus(useService("noojee.phone").bus, "ended", ({ detail }) => this.onCallEnded(detail));
    },

    /** @param {import("@noojee/phone/phone_state").Call} call ended, or changed since */
    async onCallEnded({ record }) {
        const { thread } = this.state;
        if (!record || thread?.model !== record.model || thread.id !== record.id) {
            return;
        }
        // a line that is there already may say more now: its result, its note
        await thread.fetchMessages();
        await thread.fetchNewMessages();
    },
});
