import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { session } from "@web/session";

/** No more calls ring at a time, nor do tabs of the same moment look further back. */
const LENGTH = 20;

/**
 * Ringing calls that all tabs of this browser know of, newest last; a reload keeps them.
 * They are known by the id of their channel: a call that comes back to the desk, from a
 * colleague or in the queue's next round, is another to whom it rings at.
 */
export class SharedCalls {
    /** @param {string} name of the list */
    constructor(name) {
        this.key = `noojee.${name}_channels.${session.db}.${user.userId}`;
    }

    /** @returns {number[]} */
    get ids() {
        return JSON.parse(browser.localStorage.getItem(this.key) || "[]");
    }

    has(channelId) {
        return this.ids.includes(channelId);
    }

    add(channelId) {
        const others = this.ids.filter((id) => id !== channelId);
        const kept = [...others, channelId].slice(-LENGTH);
        browser.localStorage.setItem(this.key, JSON.stringify(kept));
    }

    /** @param {() => void} onAdded called when another tab has added a call */
    listen(onAdded) {
        browser.addEventListener("storage", ({ key }) => key === this.key && onAdded());
    }
}
