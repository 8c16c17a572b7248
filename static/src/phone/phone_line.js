import { EventBus, markRaw } from "@odoo/owl";

import { ConnectionLostError } from "@web/core/network/rpc";
import { delay } from "@web/core/utils/concurrency";
import { session } from "@web/session";

import { CallNotes } from "./call_notes";
import { StripOverlay } from "./strip_overlay";
import { PhoneState, RECENT_CALLS } from "./phone_state";

/** A message older than this may tell of a call that rings no more. */
const DOUBTFUL_AGE = 10000;
/** A tab that has just opened hears the bus within this time. */
const PATIENCE = 2000;

/**
 * Keeps what this tab knows true: the state is read once, and whenever the websocket is
 * back; in between the bus tells each change. The cards come and go with it.
 */
export class PhoneLine extends PhoneState {
    /** The last reading of the state, over or not. */
    reading = Promise.resolve();
    isToBeRead = false;

    constructor(services) {
        super();
        this.services = markRaw(services);
        this.strip = markRaw(new StripOverlay(services.overlay));
        this.notes = new CallNotes((callId, text) => this.storeNote(callId, text));
        /**
         * Tells of each call that ended, or changed after its end, by `ended`; of a line
         * in a chatter that is written later by `line_written`.
         */
        this.bus = markRaw(new EventBus());
        /** When some of the state was told last, in the count of `serial`. */
        this.toldAt = markRaw({});
    }

    async start() {
        // told with the page: a click must not meet a phone that does not know itself yet
        if (!session.noojee_models) {
            return;
        }
        this.isEnabled = true;
        this.sharedIgnored.listen(() => this.readIgnored());
        this.readIgnored();
        const bus = this.services.bus_service;
        bus.subscribe("noojee.call/updated", (call) => this.onCallUpdated(call));
        bus.subscribe("noojee.call/line_written", (line) => this.bus.trigger("line_written", line));
        bus.subscribe("noojee.phone/away", (away) => this.onAway(away));
        bus.subscribe("noojee.phone/line", (line) => this.onLine(line));
        bus.subscribe("noojee.phone/to_call", () => this.loadToCall());
        bus.subscribe("noojee.phone/missed_seen", ({ count }) => this.onMissedSeen(count));
        bus.addEventListener("BUS:RECONNECT", () => this.load());
        await this.listen();
        await this.load();
    }

    /**
     * Wait until this tab hears the bus: what other tabs are told before, it is not, and
     * must read. Who waits too long reads at once, and again when it hears.
     */
    async listen() {
        const started = this.services.bus_service.start();
        let isPatient = true;
        await Promise.race([started, delay(PATIENCE).then(() => (isPatient = false))]);
        if (!isPatient) {
            started.then(() => this.load());
        }
    }

    /** Read how things stand; messages that come meanwhile are kept. */
    load() {
        this.reading = this.read();
        return this.reading;
    }

    /** Read it once more when it has been read: many messages may ask for that at once. */
    async loadAgain() {
        if (!this.isToBeRead) {
            this.isToBeRead = true;
            // whether it could be read or not
            await Promise.allSettled([this.reading]);
            this.isToBeRead = false;
            await this.load();
        }
    }

    async read() {
        const before = ++this.serial;
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
        if (this.missedSerial > before) {
            // what was read may count calls that were looked at meanwhile
            return this.load();
        }
        const isFirst = !this.isLoaded;
        const wasTold = ["line", "away"].some((name) => this.toldAt[name] > before);
        for (const name of ["line", "away"]) {
            // a new page is told again what happened in the last minute
            this.take(name, state[name], isFirst ? undefined : before);
        }
        this.results = state.results ?? [];
        this.takeMissed({ calls: state.missed, count: state.missed_count }, before);
        this.takeToCall({ entries: state.to_call, count: state.to_call_count }, before);
        const told = new Set([...state.calls, ...state.recent].map((call) => call.id));
        const isKept = (call) => told.has(call.id) || this.seen.get(call.id).serial > before;
        for (const call of this.calls.filter((known) => !isKept(known))) {
            this.drop(call);
        }
        for (const call of [...state.recent, ...state.calls].reverse()) {
            this.put(call, { isFresh: true });
        }
        this.isLoaded = true;
        this.refresh();
        if (isFirst && wasTold) {
            // or what has just happened
            return this.load();
        }
    }

    /**
     * @param {{calls: Call[], count: number}} missed see `get_phone_state`
     * @param {number} before what the bus has told since is newer
     */
    takeMissed({ calls, count }, before) {
        const isTold = ({ id }) => (this.seen.get(id)?.serial ?? 0) > before;
        const told = this.missed.filter(isTold);
        const read = calls.filter((call) => !isTold(call));
        const unseen = [
            ...told.filter(({ id }) => this.unseen.has(id)),
            ...read.filter((call) => call.is_missed_unseen),
        ];
        this.unseen = new Set(unseen.map(({ id }) => id));
        this.olderUnseen = count - calls.filter((call) => call.is_missed_unseen).length;
        this.missed = this.newestFirst([...told, ...read]).slice(0, RECENT_CALLS);
    }

    async loadToCall() {
        const before = ++this.serial;
        let toCall;
        try {
            toCall = await this.services.orm.silent.call("noojee.call", "get_to_call", []);
        } catch {
            // nobody asked for it: the list is read again when the panel is opened
            return;
        }
        this.takeToCall(toCall, before);
    }

    /**
     * @param {{entries: Object[], count: number}} read see `get_to_call`
     * @param {number} before what was asked for later is newer
     */
    takeToCall({ entries, count }, before) {
        this.take("toCall", entries, before);
        this.take("toCallCount", count, before);
    }

    /**
     * Answers may come late: what was told since one was asked for is kept.
     *
     * @param {number} [asked] when, in the count of `serial`; else it is told just now
     */
    take(name, value, asked = ++this.serial) {
        if (asked >= (this.toldAt[name] ?? 0)) {
            this[name] = value;
            this.toldAt[name] = asked;
        }
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
        const isOver = call.state === "ended" && !call.needs_wrap_up;
        if (!version && !isOver && this.isDoubtful(call)) {
            // replayed at connection: a hint to look, no proof that it still rings, or
            // that its result is still wanted
            return this.loadAgain();
        }
        this.put(call, { isFresh: false });
        this.refresh();
        if (call.state === "ended") {
            this.bus.trigger("ended", call);
        }
    }

    /** @param {number} count of those that are left: which of them is not told */
    onMissedSeen(count) {
        this.missedSerial = ++this.serial;
        return count ? this.load() : this.seeMissed();
    }

    /** How old a message is can be told by the server's clock only. */
    isDoubtful(call) {
        const isReading = !this.isLoaded && !this.hasFailed;
        return isReading || this.clock.age(call.now) > DOUBTFUL_AGE;
    }

    async storeNote(callId, text) {
        await this.services.orm.silent.call("noojee.call", "set_note", [[callId], text]);
        const call = [...this.calls, ...this.justEnded].find(({ id }) => id === callId);
        if (call) {
            call.note = text;
        }
    }

    /** @param {Object | false} line see `noojee.extension._payload` */
    onLine(line) {
        this.take("line", line);
    }

    /** Sign on to a desk or off from it; the bus tells the user's other tabs. */
    async moveDesk(method, args) {
        const before = ++this.serial;
        const line = await this.services.orm.silent.call("noojee.extension", method, args);
        // somebody may have taken the desk over since
        this.take("line", line, before);
    }

    onAway(away) {
        this.take("away", away);
        this.refresh();
    }

    setPanelOpen(isOpen) {
        this.isPanelOpen = isOpen;
        this.refresh();
    }

    isInUse(callId) {
        return super.isInUse(callId) || this.notes.has(callId);
    }

    refresh() {
        super.refresh();
        this.strip.toggle(!this.isPanelOpen && this.current.length > 0);
    }
}
