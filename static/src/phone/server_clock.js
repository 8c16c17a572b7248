import { markRaw } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

const SECOND = 1000;

/** The server's time, which may differ from this computer's; it ticks while it is shown. */
export class ServerClock {
    /** Server time in milliseconds, as it is shown. */
    now = Date.now();

    constructor() {
        this.timer = markRaw({ id: null });
        /** How far the server is ahead. */
        this.skew = 0;
    }

    /** @param {string} iso what the server told this moment */
    set(iso) {
        this.skew = Date.parse(iso) - Date.now();
    }

    /** @param {string} iso a moment of the server's; @returns {number} milliseconds since */
    age(iso) {
        return Date.now() + this.skew - Date.parse(iso);
    }

    /** @param {boolean} isTicking whether anything shows the time */
    run(isTicking) {
        this.tick();
        if (isTicking && !this.timer.id) {
            this.timer.id = browser.setInterval(() => this.tick(), SECOND);
        } else if (!isTicking && this.timer.id) {
            browser.clearInterval(this.timer.id);
            this.timer.id = null;
        }
    }

    tick() {
        this.now = Date.now() + this.skew;
    }
}
