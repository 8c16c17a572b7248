import { markRaw, reactive } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { pick } from "@web/core/utils/objects";
import { effect } from "@web/core/utils/reactive";

import { blockedWords, callTitle } from "@noojee/phone/call_words";
import { SharedCalls } from "@noojee/phone/shared_calls";
import { RingTone } from "./ring_tone";

const SETTINGS = ["noojee_pop", "noojee_sound", "noojee_system_notification"];
/** So long a visible tab may take to say that it shows the call. */
const VISIBLE_TAB_PAUSE = 300;
/** So long a call that was popped is no other tab's. */
const LOCKED = 60000;
/** So long tabs that cannot lock wait for each other. */
const DRAW = 50;
/** Whoever has used a field within this time is at work in it. */
const AT_WORK = 30000;

/** What would be lost, or be in the way, if another page came. */
const UNSAVED = [
    ".o_form_dirty",
    ".o_form_editable:not(.o_form_saved)",
    // a field that is written in has not told its record yet
    ".o_form_status_indicator_buttons:not(.invisible)",
    ".o_selected_row",
    ".o_dialog",
].join();
/** Fields whose value is no text that somebody has written. */
const NO_TEXT = "[type=checkbox], [type=radio], [type=button], [type=submit], [type=range]";

/**
 * What happens beside the card when the phone rings, as each user wants it: a sound, a
 * note of the system, the customer's form.
 *
 * Each tab is a window onto the same phone, and each page shows the call's card. Whatever
 * reaches beyond a page happens once, however many tabs are open: one sound, one opened
 * record or new tab, one note of the system. The tab that claims a call does it all, a
 * visible one before hidden ones. Answered, ended or ignored in one tab, a call is so in
 * all of them.
 */
class Pop {
    /** What became of the wish to open the customer, by the channel that rings. */
    words = {};
    /** How the user wants to be told, in whatever tab he has said it. */
    settings = pick(user.settings, ...SETTINGS);

    constructor(services) {
        this.services = markRaw(services);
        this.ringing = markRaw(new Set());
        this.notes = markRaw(new Map());
        this.tone = markRaw(new RingTone());
        /** A reload pops nothing again. */
        this.popped = markRaw(new SharedCalls("popped"));
    }

    get phone() {
        return this.services["noojee.phone"];
    }

    /** @param {Object} settings of the user that have changed, ours and others */
    onSettings(settings) {
        Object.assign(this.settings, pick(settings, ...SETTINGS));
    }

    /** Keep a choice; the user's other tabs are told. */
    choose(name, value) {
        this.settings[name] = value;
        return user.setUserSettings(name, value);
    }

    /** @param {Object[]} calls that ring at the user's desk now and are not ignored */
    update(calls) {
        const ids = new Set(calls.map((call) => call.channel_id));
        for (const id of this.ringing) {
            if (!ids.has(id)) {
                this.withdraw(id);
            }
        }
        for (const call of calls) {
            if (!this.ringing.has(call.channel_id)) {
                this.ringing.add(call.channel_id);
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
        const isHidden = document.hidden;
        if (isHidden) {
            await pause(VISIBLE_TAB_PAUSE);
        }
        const id = call.channel_id;
        if (!this.ringing.has(id) || !(await this.claim(id))) {
            return;
        }
        if (!this.ringing.has(id)) {
            return;
        }
        if (!isHidden || this.settings.noojee_pop === "tab") {
            this.open(call, this.settings.noojee_pop);
        }
        if (isHidden) {
            this.notify(call);
        }
        if (this.settings.noojee_sound) {
            this.tone.play();
        }
    }

    /** No tab is visible: the system tells. */
    notify(call) {
        const { Notification } = browser;
        if (!this.settings.noojee_system_notification || Notification?.permission !== "granted") {
            return;
        }
        let note;
        try {
            note = new Notification(callTitle(call), {
                body: [call.subtitle, call.number].filter(Boolean).join(" · "),
                icon: call.avatar || undefined,
                // one for a call, whoever sends it
                tag: `noojee-call-${call.channel_id}`,
                requireInteraction: true,
            });
        } catch {
            // phones let only workers of a page notify: the card has to do
            return;
        }
        note.addEventListener("click", () => {
            note.close();
            window.focus();
            this.showCard(call.id);
        });
        this.notes.set(call.channel_id, note);
    }

    /** The card stands on the page; whoever came for it goes on there by the keyboard. */
    showCard(callId) {
        document.querySelector(`.o_noojee_incoming_card[data-call-id="${callId}"]`)?.focus();
    }

    open(call, pop) {
        if (!call.record) {
            return;
        }
        if (pop === "tab") {
            if (!this.phone.openTab(call.record)) {
                this.sayBlocked(call);
            }
        } else if (pop === "idle") {
            if (this.isIdle()) {
                this.phone.openRecord(call.record);
            } else {
                this.words[call.channel_id] = _t("Not opened by itself: you are at work here.");
            }
        }
    }

    sayBlocked(call) {
        this.words[call.channel_id] = blockedWords();
    }

    /** Whether the page can be left without taking anything from the user. */
    isIdle() {
        const isTalking = this.phone.calls.some((call) => call.state === "connected");
        return !isTalking && !document.querySelector(UNSAVED) && !this.isWriting();
    }

    /** Words that stand in a field may wait there for the rest of the day. */
    isWriting() {
        const field = document.activeElement;
        if (!field?.matches("input, textarea, select") && !field?.isContentEditable) {
            return false;
        }
        const words = field.isContentEditable ? field.textContent : field.value;
        if (words.trim() && !field.matches(`select, ${NO_TEXT}`)) {
            return true;
        }
        return Date.now() - this.services.presence.getLastPresence() < AT_WORK;
    }

    /** @returns {Promise<boolean>} whether no other tab pops this call, nor has before */
    async claim(channelId) {
        const isPopped = () => this.popped.has(channelId);
        const name = `${this.popped.key}.${channelId}`;
        if (isPopped() || !(await this.isFirst(name)) || isPopped()) {
            return false;
        }
        this.popped.add(channelId);
        // not before: who draws now sees that it is popped
        browser.localStorage.removeItem(name);
        return true;
    }

    /** Two windows may see it ring at the same moment: what one wrote comes too late. */
    isFirst(name) {
        const { locks } = browser.navigator;
        return locks ? this.getsLock(locks, name) : this.winsDraw(name);
    }

    getsLock(locks, name) {
        return new Promise((resolve) => {
            locks.request(name, { ifAvailable: true }, (lock) => {
                resolve(Boolean(lock));
                return lock && pause(LOCKED);
            });
        });
    }

    /** Browsers lock on encrypted pages only. Whoever wrote last wins. */
    async winsDraw(name) {
        const token = String(Math.random());
        browser.localStorage.setItem(name, token);
        await pause(DRAW);
        return browser.localStorage.getItem(name) === token;
    }
}

function pause(milliseconds) {
    return new Promise((resolve) => browser.setTimeout(resolve, milliseconds));
}

export const popService = {
    dependencies: ["bus_service", "noojee.phone", "presence"],

    start(env, services) {
        const pop = reactive(new Pop(services));
        services.bus_service.subscribe("res.users.settings", (changed) => pop.onSettings(changed));
        effect((phone) => pop.update(phone.ringing), [services["noojee.phone"]]);
        return pop;
    },
};

registry.category("services").add("noojee.pop", popService);
