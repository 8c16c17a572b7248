import { Chatter } from "@mail/chatter/web_portal/chatter";

import { useBus, useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";

/**
 * Shows the line about a call that has ended, and what its result has planned; the form, and
 * what is written there, stays.
 */
patch(Chatter.prototype, {
    setup() {
        super.setup();
        const { bus } = useService("noojee.phone");
        for (const news of ["ended", "line_written"]) {
            useBus(bus, news, ({ detail }) => this.onLineWritten(detail));
        }
    },

    /** @param {{record: {model: string, id: number}}} call that has a line, or a new one */
    async onLineWritten({ record }) {
        const { thread } = this.state;
        if (!record || thread?.model !== record.model || thread.id !== record.id) {
            return;
        }
        // a line that is there already may say more now: its result, its note
        await thread.fetchMessages();
        await thread.fetchNewMessages();
        // the result may have planned one
        await thread.fetchThreadData(["activities"]);
    },
});
