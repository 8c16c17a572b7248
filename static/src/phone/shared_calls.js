import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { session } from "@web/session";

/** No more calls ring at a time, nor do tabs of the same moment look further back. */
const LENGTH = 20;

/** Ids of calls that all tabs of this browser know of, newest last; a reload keeps them. */
export class SharedCalls {
    /** @param {string} name of the list */
    constructor(name) {
        this.key = `noojee.${name}.${session.db}.${user.userId}`;
    }

    /** @returns {number[]} */
    get ids() {
        return JSON.parse(browser.localStorage.getItem(this.key) || "[]");
    }

    has(callId) {
        return this.ids.includes(callId);
    }

    add(callId) {
        const others = this.ids.filter((id) => id !== callId);
        const kept = [...others, callId].slice(-LENGTH);
        browser.localStorage.setItem(this.key, JSON.stringify(kept));
    }

    /** @param {() => void} onAdded called when another tab has added a call */
    listen(onAdded) {
        browser.addEventListener("storage", ({ key }) => key === this.key && onAdded());
    }
}
