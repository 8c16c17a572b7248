import { markRaw } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

/** A note is saved when one stops writing for so long. */
const PAUSE = 1000;

/** Notes that are being written, by the call's id: no message undoes them. */
export class CallNotes {
    drafts = {};

    /** @param {(callId: number, text: string) => Promise} store */
    constructor(store) {
        this.store = markRaw(store);
        this.timers = markRaw({});
    }

    has(callId) {
        return this.drafts[callId] !== undefined;
    }

    /** The note as the user sees it, saved or not. */
    of(call) {
        return this.drafts[call.id] ?? call.note ?? "";
    }

    write(callId, text) {
        this.drafts[callId] = text;
        this.wait(callId);
        this.timers[callId] = browser.setTimeout(() => this.save(callId), PAUSE);
    }

    /** Save it no sooner than something else asks for it. */
    wait(callId) {
        browser.clearTimeout(this.timers[callId]);
        delete this.timers[callId];
    }

    async save(callId) {
        this.wait(callId);
        const text = this.drafts[callId];
        if (text !== undefined) {
            await this.store(callId, text);
            this.settle(callId, text);
        }
    }

    /** The server has it; what was written on meanwhile is saved at the next pause. */
    settle(callId, text) {
        if (this.drafts[callId] === text) {
            delete this.drafts[callId];
        }
    }
}
