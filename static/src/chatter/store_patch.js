import { Store } from "@mail/core/common/store_service";

import { patch } from "@web/core/utils/patch";

/** A recording's link in the line about its call plays it, and leaves the form alone. */
patch(Store.prototype, {
    handleClickOnLink(ev, thread) {
        const link = ev.target.closest("a[data-oe-model='noojee.recording']");
        if (!link) {
            return super.handleClickOnLink(ev, thread);
        }
        ev.preventDefault();
        this.env.services.action.doAction({
            type: "ir.actions.client",
            tag: "noojee.play_recording",
            params: { id: Number(link.dataset.oeId), name: link.textContent },
        });
        return true;
    },
});
