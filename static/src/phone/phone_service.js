import { markRaw, reactive } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

import { CallStrip } from "@noojee/call_strip/call_strip";
import { IncomingCards } from "@noojee/incoming_card/incoming_card";

const RECENT_CALLS = 8;
/** How long a call that has ended stays on the screen. */
const LINGER = 8000;
/** And how long where it waits for its result: whoever does nothing skips it. */
const WRAP_UP = 60000;
/** A note is saved when one stops writing for so long. */
const NOTE_PAUSE = 1000;
const COMPACT_KEY = "noojee.call_card_is_compact";
/** A message older than this may tell of a call that rings no more. */
const DOUBTFUL_AGE = 10000;
/** After that a button works again, though the phone system told nothing. */
const BUSY = 5000;

/**
 * The user's line as this tab knows it. Components only show it.
 *
 * The state is read once; from then on the bus tells each change. Every call carries a
 * version, and what is not newer than the one shown is ignored: messages may come late,
 * twice, or replayed to a browser that has just connected.
 *
 * @typedef {Object} Call see `noojee.call._payload`
 */
export class Phone {
    /** Whether this user has a phone at all. */
    isEnabled = false;
    isLoaded = false;
    /** Whether the server could not tell how things stand. */
    hasFailed = false;
    /** @type {Object | false} see `noojee.extension._payload` */
    line = false;
    /** Since when and why the phone system does not answer. */
    away = false;
    /** @type {Call[]} running calls, newest first */
    calls = [];
    /** @type {Call[]} ended calls, newest first */
    recent = [];
    /** @type {Call[]} calls that ended under the user's eyes, or wait for a result */
    justEnded = [];
    /** @type {Call[]} calls that nobody answered, newest first */
    missed = [];
    /** How many of them the user has not looked at. */
    missedCount = 0;
    /** @type {{id: number, name: string, key: string, action: string}[]} */
    results = [];
    /** Due activities and what the user put on his list; see `get_to_call`. */
    toCall = [];
    toCallCount = 0;
    /** Running calls that the user put away: they stay in the menu. */
    hidden = new Set();
    /** What was asked for a call and not done yet, by its id: no second click. */
    busy = {};
    isDialing = false;
    /** The panel shows everything: no card stands beside it. */
    isPanelOpen = false;
    /** Whether cards of running calls are one line high. */
    isCompact = browser.localStorage.getItem(COMPACT_KEY) === "true";
    /** Notes that are being written, by the call's id. */
    drafts = {};
    /** Calls whose result the user gives later than he was asked for it. */
    reopened = new Set();
    /** Counts the calls that ended: what counts calls reads again. */
    endedCount = 0;
    /** Server time in milliseconds, ticking while a call runs. */
    now = Date.now();

    constructor(services) {
        this.services = markRaw(services);
        /** Highest version and last change seen of each call. */
        this.seen = markRaw(new Map());
        this.serial = 0;
        /** Calls known to be dialled from this user's desk. */
        this.dialled = markRaw(new Set());
        this.timers = markRaw({ clock: null, notes: {} });
        this.overlays = markRaw({});
        this.clockSkew = null;
    }

    async start() {
        if (!(await user.hasGroup("noojee.group_user"))) {
            return;
        }
        this.isEnabled = true;
        const bus = this.services.bus_service;
        bus.subscribe("noojee.call/updated", (call) => this.onCallUpdated(call));
        bus.subscribe("noojee.phone/away", (away) => this.onAway(away));
        bus.subscribe("noojee.phone/line", (line) => (this.line = line));
        bus.subscribe("noojee.phone/to_call", () => this.loadToCall());
        bus.subscribe("noojee.phone/missed_seen", ({ count }) => (this.missedCount = count ?? 0));
        bus.addEventListener("BUS:RECONNECT", () => this.load());
        bus.start();
        await this.load();
    }

    /** Read how things stand; messages that come meanwhile are kept. */
    async load() {
        const before = this.serial;
        let state;
        try {
            state = await this.services.orm.silent.call("noojee.call", "get_phone_state", []);
        } catch (error) {
            // the bus tells when a lost connection is back
            if (!(error instanceof ConnectionLostError)) {
                this.hasFailed = true;
            }
            return;
        }
        this.hasFailed = false;
        Object.assign(this, {
            line: state.line,
            away: state.away,
            results: state.results ?? [],
            missed: state.missed ?? [],
            missedCount: state.missed_count ?? 0,
            toCall: state.to_call ?? [],
            toCallCount: state.to_call_count ?? 0,
        });
        const told = new Set([...state.calls, ...state.recent].map((call) => call.id));
        const isKept = (call) => told.has(call.id) || this.seen.get(call.id).serial > before;
        this.calls = this.calls.filter(isKept);
        for (const call of [...state.recent, ...state.calls].reverse()) {
            this.put(call, { isFresh: true });
        }
        this.isLoaded = true;
        this.refresh();
    }

    /** @param {Call} call as the bus brought it */
    async onCallUpdated(call) {
        const version = this.seen.get(call.id)?.version ?? 0;
        if (call.version <= version) {
            return;
        }
        if (call.is_gone) {
            // it turned out to be a part of another call, which is shown
            this.forget(call.id);
            return;
        }
        const age = Date.now() + (this.clockSkew ?? 0) - Date.parse(call.now);
        if (!version && call.state !== "ended" && age > DOUBTFUL_AGE) {
            // replayed at connection: a hint to look, no proof that it still rings
            return this.load();
        }
        this.put(call, { isFresh: this.clockSkew === null });
        this.refresh();
    }

    forget(callId) {
        const others = (list) => list.filter((known) => known.id !== callId);
        this.calls = others(this.calls);
        this.recent = others(this.recent);
        this.justEnded = others(this.justEnded);
        this.refresh();
    }

    async loadToCall() {
        this.toCall = await this.services.orm.silent.call("noojee.call", "get_to_call", []);
        this.toCallCount = this.toCall.length;
    }

    onAway(away) {
        this.away = away;
        this.refresh();
    }

    /**
     * Show a call that was dialled a moment ago.
     *
     * @param {Call} call
     */
    show(call) {
        this.dialled.add(call.id);
        this.hidden.delete(call.id);
        this.put(call, { isFresh: true });
        this.refresh();
    }

    // === WHAT IS SHOWN === //

    /** Calls that ring at the user's desk: a new one moves no button of the others. */
    get incoming() {
        return this.calls.filter((call) => this.isIncoming(call)).reverse();
    }

    /** The other calls, running or just ended. */
    get running() {
        return [...this.calls.filter((call) => !this.isIncoming(call)), ...this.justEnded];
    }

    /** Those of them that were not put away. */
    get current() {
        return this.running.filter((call) => !this.hidden.has(call.id));
    }

    /** Whether answering another call does something to one that runs. */
    get isTalking() {
        return this.calls.some((call) => call.state === "connected");
    }

    /** Whether a click can make the desk ring now. */
    get canDial() {
        return Boolean(this.line && !this.away);
    }

    /** The first whom the user is to call and can, unless somebody is on the line. */
    get next() {
        return this.calls.length ? undefined : this.toCall.find((item) => item.number);
    }

    isIncoming(call) {
        if (call.state !== "ringing" || this.dialled.has(call.id)) {
            return false;
        }
        // an internal call rings at both ends: only the called one can answer
        return call.direction === "inbound" || (call.direction === "internal" && call.can_answer);
    }

    /** Seconds that a call has rung or been talked for. */
    seconds(call) {
        const start = call.answered_at || call.started_at;
        if (!start) {
            return 0;
        }
        const end = call.ended_at ? Date.parse(call.ended_at) : this.now;
        return Math.max(0, Math.floor((end - Date.parse(start)) / 1000));
    }

    // === WHAT A PERSON DOES === //

    /**
     * Ring the user's desk and then the number, or show why not.
     *
     * @param {string} number
     * @param {string} [resModel] name and
     * @param {number} [resId] id of the record that the call is about
     * @param {Object} [options]
     * @param {number} [options.activityId] of the activity that the call is made for
     * @param {number} [options.partnerId] of the customer, where no record tells
     * @param {true | string} [options.override] call in spite of the rules; the reason
     */
    async dial(number, resModel = false, resId = false, { activityId, partnerId, override } = {}) {
        if (this.isDialing) {
            return;
        }
        this.isDialing = true;
        try {
            const answer = await this.services.orm.call(
                "noojee.call",
                "dial",
                [number, resModel, resId],
                {
                    activity_id: activityId || false,
                    partner_id: partnerId || false,
                    override: override || false,
                }
            );
            if (answer.check) {
                const params = { check: answer.check };
                await this.services.action.doAction({
                    type: "ir.actions.client",
                    tag: "noojee.show_check",
                    params,
                });
            } else {
                this.show(answer);
            }
        } finally {
            this.isDialing = false;
        }
    }

    /** @param {number} callId */
    answer(callId) {
        return this.ask(callId, "action_answer");
    }

    /** @param {number} callId */
    hangUp(callId) {
        return this.ask(callId, "action_hang_up");
    }

    /** @param {Call} call that runs */
    toggleRecording(call) {
        const isOn = call.recording === "on";
        return this.ask(call.id, isOn ? "action_stop_recording" : "action_start_recording");
    }

    /**
     * Say what a call is about.
     *
     * @param {number} callId
     * @param {{model: string, id: number}} record
     */
    link(callId, record) {
        return this.ask(callId, "link", [record.model, record.id]);
    }

    /** Dial whoever is first on the list. */
    dialNext() {
        const { number, model, id, activity_id: activityId } = this.next;
        return this.dial(number, model, id, { activityId });
    }

    /**
     * Keep what came of a call, and its note.
     *
     * @param {Call} call that has ended
     * @param {{id: number}} result
     */
    async wrapUp(call, result) {
        browser.clearTimeout(this.timers.notes[call.id]);
        const note = this.noteOf(call);
        const isStored = await this.ask(call.id, "wrap_up", [result.id, note]);
        if (isStored && this.drafts[call.id] === note) {
            delete this.drafts[call.id];
        }
    }

    /** Leave a call without a result; its line in *Recent* still offers it. */
    async wrapUpLater(call) {
        await this.saveNote(call.id);
        this.dismiss(call.id);
        await this.services.orm.silent.call("noojee.call", "skip_wrap_up", [[call.id]]);
    }

    /** Ask for the result of a call that was left without. */
    reopenWrapUp(call) {
        this.reopened.add(call.id);
        this.justEnded = [...this.justEnded.filter((known) => known.id !== call.id), call];
        this.refresh();
    }

    async markMissedSeen() {
        if (this.missedCount) {
            this.missedCount = 0;
            await this.services.orm.silent.call("noojee.call", "mark_missed_seen", []);
        }
    }

    setCompact(isCompact) {
        this.isCompact = isCompact;
        browser.localStorage.setItem(COMPACT_KEY, isCompact);
    }

    setPanelOpen(isOpen) {
        this.isPanelOpen = isOpen;
        this.refresh();
    }

    // === NOTES === //

    /** The note as the user sees it, saved or not. */
    noteOf(call) {
        return this.drafts[call.id] ?? call.note ?? "";
    }

    writeNote(callId, text) {
        this.drafts[callId] = text;
        browser.clearTimeout(this.timers.notes[callId]);
        this.timers.notes[callId] = browser.setTimeout(() => this.saveNote(callId), NOTE_PAUSE);
    }

    async saveNote(callId) {
        browser.clearTimeout(this.timers.notes[callId]);
        const text = this.drafts[callId];
        if (text === undefined) {
            return;
        }
        await this.services.orm.silent.call("noojee.call", "set_note", [[callId], text]);
        // written on meanwhile: the next pause saves that
        if (this.drafts[callId] === text) {
            const call = [...this.calls, ...this.justEnded].find(({ id }) => id === callId);
            if (call) {
                call.note = text;
            }
            delete this.drafts[callId];
        }
    }

    /**
     * Ask the server for something about a call; the bus tells what came of it.
     *
     * @param {number} callId
     * @param {string} method of `noojee.call`
     * @param {any[]} [args]
     * @returns {Promise<boolean>} whether it was asked: one thing at a time
     */
    async ask(callId, method, args = []) {
        if (this.busy[callId]) {
            return false;
        }
        this.busy[callId] = method;
        try {
            await this.services.orm.call("noojee.call", method, [[callId], ...args]);
            browser.setTimeout(() => delete this.busy[callId], BUSY);
            return true;
        } catch (error) {
            delete this.busy[callId];
            this.load();
            throw error;
        }
    }

    /**
     * Open what a call is about. A form with unsaved changes is saved first, or stays.
     *
     * @param {{model: string, id: number}} record of a call or of one of its candidates
     */
    openRecord(record) {
        return this.services.action.doAction({
            type: "ir.actions.act_window",
            res_model: record.model,
            res_id: record.id,
            views: [[false, "form"]],
            target: "current",
        });
    }

    /** @param {Call} call of somebody unknown */
    createContact(call) {
        return this.services.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            views: [[false, "form"]],
            target: "current",
            context: { default_phone: call.dial_number || call.number },
        });
    }

    /** Take a call from the screen; nothing happens to it on the phone. */
    dismiss(callId) {
        this.justEnded = this.justEnded.filter((call) => call.id !== callId);
        if (this.calls.some((call) => call.id === callId)) {
            this.hidden.add(callId);
        }
        this.refresh();
    }

    // === TOOLS === //

    /**
     * @param {Call} call
     * @param {Object} options
     * @param {boolean} options.isFresh the server has told it this moment
     */
    put(call, { isFresh }) {
        if (call.version < (this.seen.get(call.id)?.version ?? 0)) {
            return;
        }
        if (isFresh) {
            this.clockSkew = Date.parse(call.now) - Date.now();
        }
        if (call.state === "dialing") {
            this.dialled.add(call.id);
        }
        this.seen.set(call.id, { version: call.version, serial: ++this.serial });
        delete this.busy[call.id];
        const others = (list) => list.filter((known) => known.id !== call.id);
        if (call.state !== "ended") {
            this.calls = this.newestFirst([...others(this.calls), call]);
            if (!this.isIncoming(call)) {
                // whoever is on the line again gives the last result later
                this.justEnded = this.justEnded.filter(({ id }) => id in this.drafts);
            }
            return;
        }
        this.putEnded(call, others);
    }

    putEnded(call, others) {
        const shown = this.calls.find((known) => known.id === call.id);
        const wasEnded = this.justEnded.some((known) => known.id === call.id);
        const wasSeen = shown && !this.isIncoming(shown) && !this.hidden.has(call.id);
        if (shown) {
            this.endedCount++;
        }
        this.justEnded = others(this.justEnded);
        if (wasSeen || (wasEnded && call.result) || this.waitsForResult(call)) {
            this.justEnded = [...this.justEnded, call];
            const patience = this.waitsForResult(call) ? WRAP_UP : LINGER;
            browser.setTimeout(() => this.dismissUnlessInUse(call), patience);
        }
        this.hidden.delete(call.id);
        this.calls = others(this.calls);
        this.recent = this.newestFirst([...others(this.recent), call]).slice(0, RECENT_CALLS);
        if (call.outcome === "missed" && shown) {
            this.missed = this.newestFirst([...others(this.missed), call]).slice(0, RECENT_CALLS);
            this.missedCount++;
        }
    }

    waitsForResult(call) {
        const age = this.now - Date.parse(call.ended_at);
        return Boolean(this.results.length && call.needs_wrap_up && age < WRAP_UP);
    }

    /** @param {Call} call as it was when its time began to run */
    dismissUnlessInUse(call) {
        const shown = this.justEnded.find((known) => known.id === call.id);
        const isOutdated = shown?.version !== call.version;
        if (!isOutdated && this.drafts[call.id] === undefined) {
            this.dismiss(call.id);
        }
    }

    newestFirst(calls) {
        const key = (call) => [call.started_at || "", call.id];
        return calls.sort((a, b) => {
            const [aStart, aId] = key(a);
            const [bStart, bId] = key(b);
            return bStart.localeCompare(aStart) || bId - aId;
        });
    }

    /** Start or stop what runs along with the calls. */
    refresh() {
        this.tick();
        const isTicking = Boolean(this.calls.length || this.away);
        if (isTicking && !this.timers.clock) {
            this.timers.clock = browser.setInterval(() => this.tick(), 1000);
        } else if (!isTicking && this.timers.clock) {
            browser.clearInterval(this.timers.clock);
            this.timers.clock = null;
        }
        // above whatever dialogue is opened while it rings
        const isAlone = !this.isPanelOpen;
        this.toggleOverlay("incoming", IncomingCards, isAlone && this.incoming.length, {
            sequence: 60,
        });
        this.toggleOverlay("current", CallStrip, isAlone && this.current.length);
    }

    tick() {
        this.now = Date.now() + (this.clockSkew ?? 0);
    }

    toggleOverlay(name, Component, isShown, options = {}) {
        if (isShown && !this.overlays[name]) {
            this.overlays[name] = this.services.overlay.add(Component, {}, options);
        } else if (!isShown && this.overlays[name]) {
            this.overlays[name]();
            delete this.overlays[name];
        }
    }
}

export const phoneService = {
    dependencies: ["action", "bus_service", "orm", "overlay"],

    start(env, services) {
        const phone = reactive(new Phone(services));
        phone.start();
        return phone;
    },
};

registry.category("services").add("noojee.phone", phoneService);
