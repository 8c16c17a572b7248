import { markRaw } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

import { ServerClock } from "./server_clock";
import { SharedCalls } from "./shared_calls";

export const RECENT_CALLS = 8;
/** How long a call that has ended stays on the screen. */
const LINGER = 8000;
/** And how long one that rang and that the user cannot answer any more. */
const WITHDRAWN = 4000;
/** And how long where it waits for its result: whoever does nothing skips it. */
const WRAP_UP = 60000;
const COMPACT_KEY = "noojee.call_card_is_compact";

/**
 * What this tab knows of the user's line, and how a call that is told changes it.
 *
 * Every call carries a version, and what is older than the one shown is ignored: messages
 * may come late, twice, or replayed to a browser that has just connected.
 *
 * @typedef {Object} Call see `noojee.call._payload`
 */
export class PhoneState {
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
    /** Those that the user has not looked at, by id. */
    unseen = new Set();
    /** How many more of these there are: older than what is listed. */
    olderUnseen = 0;
    /** @type {{id: number, name: string, key: string, action: string}[]} */
    results = [];
    /** Due activities and what the user put on his list; see `get_to_call`. */
    toCall = [];
    /** How many there are: more than are listed, at times. */
    toCallCount = 0;
    /** Calls that ring at the desk no more, while their cards say why. */
    withdrawn = [];
    /** Calls under the user's hand that he put away in this tab: they stay in the menu. */
    hidden = new Set();
    /** Channels whose ringing he ignores in all tabs: their calls stay in the menu. */
    ignored = new Set();
    /** What was asked for a call and not done yet, by its id: no second click. */
    busy = {};
    isDialing = false;
    /** The panel shows everything: no card stands beside it. */
    isPanelOpen = false;
    /** How much of the screen's height the free cards take, in pixels. */
    cardsHeight = 0;
    /** Whether cards of running calls are one line high. */
    isCompact = browser.localStorage.getItem(COMPACT_KEY) === "true";
    /** Calls whose result the user gives later than he was asked for it. */
    reopened = new Set();
    /** Counts the calls that ended: what counts calls reads again. */
    endedCount = 0;
    clock = new ServerClock();

    constructor() {
        /** Highest version and last change seen of each call. */
        this.seen = markRaw(new Map());
        this.serial = 0;
        /** When missed calls were looked at last, in the same count. */
        this.missedSerial = 0;
        /** Ended calls that something still needs on the screen. */
        this.held = markRaw(new Set());
        /** What all tabs know of `ignored`. */
        this.sharedIgnored = markRaw(new SharedCalls("ignored"));
    }

    // === WHAT IS SHOWN === //

    /** Server time in milliseconds, ticking while a call runs. */
    get now() {
        return this.clock.now;
    }

    /** Calls that ring at the user's desk. */
    get incoming() {
        return this.calls.filter((call) => this.isIncoming(call));
    }

    /** Those of them that he did not ignore. */
    get ringing() {
        return this.incoming.filter((call) => !this.ignored.has(call.channel_id));
    }

    /** What has a card of its own: a new one moves no button of the others. */
    get cards() {
        return this.newestFirst([...this.ringing, ...this.withdrawn]).reverse();
    }

    /** Those of them that stand by themselves: with an open panel they are in there. */
    get freeCards() {
        return this.isPanelOpen ? [] : this.cards;
    }

    /** The same in the panel, which shows ignored ones as well. */
    get panelCards() {
        return this.newestFirst([...this.incoming, ...this.withdrawn]).reverse();
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

    /** While the state is read for the first time, nothing is known of the line. */
    get isWaiting() {
        return this.isEnabled && !this.isLoaded && !this.hasFailed;
    }

    /** Whether a click can make the desk ring now. */
    get canDial() {
        return Boolean(this.line && !this.away);
    }

    /** The first whom the user is to call and may now, unless somebody is on the line. */
    get next() {
        return this.calls.length
            ? undefined
            : this.toCall.find((item) => item.number && !item.opens);
    }

    /** Why there is no *Next*: whoever is listed may be called later only. */
    get firstToOpen() {
        const hasNext = this.toCall.some((item) => item.number && !item.opens);
        return hasNext ? undefined : this.toCall.find((item) => item.number && item.opens);
    }

    /** How many missed calls the user has not looked at. */
    get missedCount() {
        return this.unseen.size + this.olderUnseen;
    }

    /** Whether it rings at the user's desk and was not made there, whoever made it. */
    isIncoming(call) {
        return call.state === "ringing" && call.is_called;
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

    /** Whether the user is asked what came of a call. */
    isWrappingUp({ id, state, needs_wrap_up: isAsked, result }) {
        const isWanted = isAsked || this.reopened.has(id);
        return state === "ended" && isWanted && !result && this.results.length > 0;
    }

    /** The call that a result's key is meant for, where several wait for one. */
    get callOfKeys() {
        return this.running.filter((call) => this.isWrappingUp(call)).at(-1);
    }

    waitsForResult(call) {
        const age = this.now - Date.parse(call.ended_at);
        return Boolean(this.results.length && call.needs_wrap_up && age < WRAP_UP);
    }

    // === HOW IT CHANGES === //

    setCompact(isCompact) {
        this.isCompact = isCompact;
        browser.localStorage.setItem(COMPACT_KEY, isCompact);
    }

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
            this.clock.set(call.now);
        }
        this.seen.set(call.id, { version: call.version, serial: ++this.serial });
        if (call.state === "ended") {
            this.putEnded(call);
        } else {
            this.putRunning(call);
        }
        this.putMissed(call);
        delete this.busy[call.id];
    }

    putRunning(call) {
        this.withdrawn = without(this.withdrawn, call.id);
        this.calls = this.newestFirst([...without(this.calls, call.id), call]);
        // one that was taken for ended runs on
        this.justEnded = without(this.justEnded, call.id);
        this.recent = without(this.recent, call.id);
        if (!this.isIncoming(call)) {
            // whoever is on the line again gives the last result later
            this.justEnded = this.justEnded.filter(({ id }) => this.isInUse(id));
        }
    }

    putEnded(call) {
        const shown = this.calls.find((known) => known.id === call.id);
        const wasEnded = this.justEnded.some((known) => known.id === call.id);
        const wasSeen = shown && !this.isIncoming(shown) && !this.hidden.has(call.id);
        if (shown) {
            this.endedCount++;
        }
        if (this.cards.some(({ id }) => id === call.id)) {
            this.withdraw(call);
        }
        this.justEnded = without(this.justEnded, call.id);
        if (wasSeen || (wasEnded && call.result) || this.waitsForResult(call)) {
            this.justEnded = [...this.justEnded, call];
            this.dismissLater(call);
        }
        this.hidden.delete(call.id);
        this.calls = without(this.calls, call.id);
        this.recent = this.withEnded(this.recent, call);
    }

    /** A missed call may ring again, and a colleague may take it after all. */
    putMissed(call) {
        const isMissed = call.state === "ended" && call.outcome === "missed";
        this.missed = isMissed
            ? this.withEnded(this.missed, call)
            : without(this.missed, call.id);
        if (!call.is_missed_unseen) {
            this.unseen.delete(call.id);
        } else if (this.missed.some(({ id }) => id === call.id)) {
            // an older one is counted already
            this.unseen.add(call.id);
        }
    }

    /** The user has looked at all that he missed. */
    seeMissed() {
        this.missedSerial = ++this.serial;
        this.unseen.clear();
        this.olderUnseen = 0;
    }

    /** A running call that the server lists no more; what came of it is not known. */
    drop(call) {
        if (this.cards.some(({ id }) => id === call.id)) {
            this.keepCard({ ...call, state: "ended" });
        }
        this.calls = without(this.calls, call.id);
    }

    withdraw(call) {
        this.withdrawn = without(this.withdrawn, call.id);
        // whoever declined it knows why
        if (!call.is_declined && ["elsewhere", "missed"].includes(call.outcome)) {
            this.keepCard(call);
        }
    }

    /** Say for a moment on its card why a call rings no more. */
    keepCard(call) {
        this.withdrawn = [...this.withdrawn, call];
        browser.setTimeout(() => {
            // what came of it may have been told anew meanwhile
            this.withdrawn = this.withdrawn.filter(
                ({ id, version }) => id !== call.id || version !== call.version
            );
            this.refresh();
        }, WITHDRAWN);
    }

    /** Let a call ring without a card, a note or a sound, in all tabs. */
    ignore(call) {
        this.sharedIgnored.add(call.channel_id);
        this.readIgnored();
    }

    readIgnored() {
        this.ignored = new Set(this.sharedIgnored.ids);
        this.refresh();
    }

    /**
     * Show what the server has taken before the bus tells it, or where it cannot.
     *
     * @param {number} callId
     * @param {Partial<Call>} values
     */
    change(callId, values) {
        for (const list of [this.calls, this.justEnded, this.recent, this.missed]) {
            for (const call of list.filter(({ id }) => id === callId)) {
                Object.assign(call, values);
            }
        }
    }

    forget(callId) {
        for (const list of ["calls", "recent", "justEnded", "missed", "withdrawn"]) {
            this[list] = without(this[list], callId);
        }
        this.unseen.delete(callId);
        this.refresh();
    }

    /** Take a call from the screen; nothing happens to it on the phone. */
    dismiss(callId) {
        this.justEnded = without(this.justEnded, callId);
        if (this.calls.some((call) => call.id === callId)) {
            this.hidden.add(callId);
        }
        this.refresh();
    }

    dismissLater(call) {
        const patience = this.waitsForResult(call) ? WRAP_UP : LINGER;
        browser.setTimeout(() => this.dismissUnlessInUse(call), patience);
    }

    /** @param {Call} call as it was when its time began to run */
    dismissUnlessInUse(call) {
        const shown = this.justEnded.find((known) => known.id === call.id);
        if (shown?.version === call.version && !this.isInUse(call.id)) {
            this.dismiss(call.id);
        }
    }

    /** Whether taking a call from the screen would take something from the user. */
    isInUse(callId) {
        return this.held.has(callId);
    }

    /** Start or stop what runs along with the calls. */
    refresh() {
        this.clock.run(Boolean(this.calls.length || this.away));
    }

    // === TOOLS === //

    withEnded(list, call) {
        return this.newestFirst([...without(list, call.id), call]).slice(0, RECENT_CALLS);
    }

    newestFirst(calls) {
        const start = (call) => call.started_at || "";
        return calls.sort((a, b) => start(b).localeCompare(start(a)) || b.id - a.id);
    }
}

function without(calls, callId) {
    return calls.filter((call) => call.id !== callId);
}
