import { markRaw, reactive } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { effect } from "@web/core/utils/reactive";
import { session } from "@web/session";

import { callTitle } from "@noojee/phone/call_words";
import { RingTone } from "./ring_tone";

/** Calls that some tab has popped, newest last: a reload pops nothing again. */
const POPPED_KEY = `noojee.popped.${session.db}`;
const POPPED_LENGTH = 20;
/** So long a visible tab may take to say that it shows the call. */
const VISIBLE_TAB_PAUSE = 300;
/** So long a call that was popped is no other tab's. */
const LOCKED = 60000;
/** Whoever has typed within this time is writing. */
const WRITING = 30000;

/**
 * What happens beside the card when the phone rings, as each user wants it: a sound, a
 * note of the system, the customer's form. However many tabs are open, it happens once.
 */
class Pop {
    /** What became of the wish to open the customer, by the call's id. */
    words = {};

    constructor(services) {
        this.services = markRaw(services);
        this.ringing = markRaw(new Set());
        this.notes = markRaw(new Map());
        this.tone = markRaw(new RingTone());
    }

    get phone() {
        return this.services["noojee.phone"];
    }

    /** @param {Object[]} calls that ring at the user's desk now */
    update(calls) {
        const ids = new Set(calls.map((call) => call.id));
        for (const id of this.ringing) {
            if (!ids.has(id)) {
                this.withdraw(id);
            }
        }
        for (const call of calls) {
            if (!this.ringing.has(call.id)) {
                this.ringing.add(call.id);
                this.announce(call);
            }
        }
    }

    withdraw(id) {
        this.ringing.delete(id);
        this.notes.get(id)?.close();
        this.notes.delete(id);
        delete this.words[id];
        if (!this.ringing.size) {
            this.tone.stop();
        }
    }

    async announce(call) {
        const { noojee_pop: pop, noojee_sound: hasSound } = user.settings;
        if (hasSound && (await this.services.multi_tab.isOnMainTab()) && this.ringing.has(call.id)) {
            this.tone.play();
        }
        if (document.hidden) {
            await this.announceUnseen(call);
        } else if (await this.claim(call.id)) {
            this.open(call, pop);
        }
    }

    /** No tab may be visible: then the system tells. */
    async announceUnseen(call) {
        if (!(await this.services.multi_tab.isOnMainTab())) {
            return;
        }
        await new Promise((resolve) => browser.setTimeout(resolve, VISIBLE_TAB_PAUSE));
        if (!this.ringing.has(call.id) || !(await this.claim(call.id))) {
            return;
        }
        if (user.settings.noojee_pop === "tab") {
            this.open(call, "tab");
        }
        this.notify(call);
    }

    notify(call) {
        const { Notification } = browser;
        if (!user.settings.noojee_system_notification || Notification?.permission !== "granted") {
            return;
        }
        const note = new Notification(callTitle(call), {
            body: [call.subtitle, call.number].filter(Boolean).join(" · "),
            icon: call.avatar || undefined,
            // one for a call, whoever sends it
            tag: `noojee-call-${call.id}`,
            requireInteraction: true,
        });
        note.addEventListener("click", () => {
            window.focus();
            note.close();
        });
        this.notes.set(call.id, note);
    }

    open(call, pop) {
        if (!call.record) {
            return;
        }
        if (pop === "tab") {
            const url = router.stateToUrl({
                actionStack: [
                    { model: call.record.model, view_type: "form", resId: call.record.id },
                ],
            });
            if (!browser.open(url, "_blank")) {
                this.words[call.id] = _t(
                    "Your browser blocked the new tab. Allow pop-ups for this site."
                );
            }
        } else if (pop === "idle") {
            if (this.isIdle()) {
                this.phone.openRecord(call.record);
            } else {
                this.words[call.id] = _t("Not opened by itself: you are at work here.");
            }
        }
    }

    /** Whether the page can be left without taking anything from the user. */
    isIdle() {
        const isTalking = this.phone.calls.some((call) => call.state === "connected");
        const isEditing = document.querySelector(
            ".o_form_dirty, .o_form_editable:not(.o_form_saved), .o_selected_row, .modal.show"
        );
        const isTyping =
            document.activeElement?.matches("input, textarea, select, [contenteditable=true]") &&
            Date.now() - this.services.presence.getLastPresence() < WRITING;
        return !isTalking && !isEditing && !isTyping;
    }

    /** @returns {Promise<boolean>} whether no other tab pops this call, nor has before */
    async claim(callId) {
        const popped = JSON.parse(browser.localStorage.getItem(POPPED_KEY) || "[]");
        if (popped.includes(callId) || !(await this.isFirst(callId))) {
            return false;
        }
        const kept = [...popped, callId].slice(-POPPED_LENGTH);
        browser.localStorage.setItem(POPPED_KEY, JSON.stringify(kept));
        return true;
    }

    /** Two windows may see it ring at the same moment: what one wrote comes too late. */
    isFirst(callId) {
        const { locks } = browser.navigator;
        if (!locks) {
            // without encryption browsers have none
            return this.services.multi_tab.isOnMainTab();
        }
        return new Promise((resolve) => {
            locks.request(`${POPPED_KEY}.${callId}`, { ifAvailable: true }, (lock) => {
                resolve(Boolean(lock));
                return lock && new Promise((release) => browser.setTimeout(release, LOCKED));
            });
        });
    }
}

export const popService = {
    dependencies: ["multi_tab", "noojee.phone", "presence"],

    start(env, services) {
        const pop = reactive(new Pop(services));
        effect((phone) => pop.update(phone.incoming), [services["noojee.phone"]]);
        return pop;
    },
};

registry.category("services").add("noojee.pop", popService);
