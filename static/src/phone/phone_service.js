import { markRaw, reactive } from "@odoo/owl";

import { WORKER_STATE } from "@bus/workers/websocket_worker";
import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

import { isNumberHidden, telAddress } from "@noojee/dial_button/tel_address";

import { blockedWords } from "./call_words";
import { PhoneLine } from "./phone_line";

/** After that a button works again, though the phone system told nothing. */
const BUSY = 5000;

/** The user's line, and what a person does with it. Components only show it. */
export class Phone extends PhoneLine {
    start() {
        this.reading = super.start();
        return this.reading;
    }

    /**
     * Call a number from the user's desk, or with the computer's own phone program where
     * no desk can ring. The parameters are those of `dial`.
     *
     * @returns {Promise<boolean>} whether the desk rings
     */
    async call(number, resModel = false, resId = false, options = {}) {
        if (this.isWaiting) {
            await this.reading;
        }
        if (this.canDial) {
            return this.dial(number, resModel, resId, options);
        }
        await this.openProgram(number, resModel, resId, options);
        return false;
    }

    /**
     * Open the computer's own phone program, or show why the number must not be called:
     * the program would not ask. The parameters are those of `dial`.
     */
    async openProgram(number, resModel = false, resId = false, options = {}) {
        if (this.isDialing) {
            return;
        }
        this.isDialing = true;
        try {
            const answer = await this.checkNumber(number, resModel, resId, options);
            if (answer.check) {
                await this.showCheck(answer.check, { isProgram: true });
            } else {
                browser.open(telAddress(answer.number || number), "_self");
            }
        } finally {
            this.isDialing = false;
        }
    }

    async checkNumber(number, resModel, resId, options) {
        try {
            return await this.services.orm.silent.call(
                "noojee.call",
                "check_number",
                [number, resModel, resId],
                dialOptions(options)
            );
        } catch (error) {
            // without Odoo nobody knows, and people must be able to call
            if (error instanceof ConnectionLostError && !isNumberHidden(number)) {
                return { check: false, number: false };
            }
            throw error;
        }
    }

    showCheck(check, { isProgram = false } = {}) {
        return this.services.action.doAction({
            type: "ir.actions.client",
            tag: "noojee.show_check",
            params: { check, isProgram },
        });
    }

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
     * @returns {Promise<boolean>} whether it was dialled
     */
    async dial(number, resModel = false, resId = false, options = {}) {
        if (this.isDialing) {
            return false;
        }
        this.isDialing = true;
        try {
            const answer = await this.services.orm.call(
                "noojee.call",
                "dial",
                [number, resModel, resId],
                dialOptions(options)
            );
            if (answer.check) {
                await this.showCheck(answer.check);
                return false;
            }
            this.show(answer);
            return true;
        } finally {
            this.isDialing = false;
        }
    }

    /** Dial whoever is first on the list. */
    dialNext() {
        const { number, dial_number: dialNumber, model, id, activity_id: activityId } = this.next;
        return this.dial(dialNumber || number, model, id, { activityId });
    }

    /**
     * Show a call that was dialled a moment ago.
     *
     * @param {Call} call
     */
    show(call) {
        this.hidden.delete(call.id);
        this.put(call, { isFresh: true });
        this.refresh();
    }

    /** @param {number} callId */
    answer(callId) {
        return this.ask(callId, "action_answer");
    }

    /** @param {number} callId */
    hangUp(callId) {
        return this.ask(callId, "action_hang_up");
    }

    /**
     * Keep what came of a call, and its note.
     *
     * @param {Call} call that has ended
     * @param {{id: number, name: string}} result
     */
    async wrapUp(call, { id, name }) {
        this.notes.wait(call.id);
        const note = this.notes.of(call);
        const taken = { result: { id, name }, needs_wrap_up: false, note };
        if (await this.ask(call.id, "wrap_up", [id, note], () => taken)) {
            this.notes.settle(call.id, note);
            this.dismissLater({ ...call, ...taken });
        }
    }

    /** Leave a call without a result; its line in *Recent* still offers it. */
    async wrapUpLater(call) {
        await this.notes.save(call.id);
        this.dismiss(call.id);
        await this.services.orm.silent.call("noojee.call", "skip_wrap_up", [[call.id]]);
        this.change(call.id, { needs_wrap_up: false });
    }

    /** Ask for the result of a call that was left without. */
    reopenWrapUp(call) {
        this.reopened.add(call.id);
        this.justEnded = [...this.justEnded.filter((known) => known.id !== call.id), call];
        this.refresh();
    }

    async markMissedSeen() {
        if (this.missedCount) {
            this.seeMissed();
            await this.services.orm.silent.call("noojee.call", "mark_missed_seen", []);
        }
    }

    /**
     * Ask the server for something about a call; the bus tells what came of it.
     *
     * @param {number} callId
     * @param {string} method of `noojee.call`
     * @param {any[]} [args]
     * @param {() => Partial<Call>} [getTaken] what is true of the call once it is done
     * @returns {Promise<boolean>} whether it was asked: one thing at a time
     */
    async ask(callId, method, args = [], getTaken = () => ({})) {
        if (this.busy[callId]) {
            return false;
        }
        // an object of its own: the end of this one's time is not that of a later one
        const asked = markRaw({ method });
        this.busy[callId] = asked;
        try {
            const { version } = this.seen.get(callId) ?? {};
            await this.services.orm.call("noojee.call", method, [[callId], ...args]);
            if (this.seen.get(callId)?.version === version) {
                this.change(callId, getTaken());
            }
            if (this.isCut) {
                this.load();
            }
            browser.setTimeout(() => {
                if (this.busy[callId] === asked) {
                    delete this.busy[callId];
                    // nothing was told of it
                    this.load();
                }
            }, BUSY);
            return true;
        } catch (error) {
            delete this.busy[callId];
            this.load();
            throw error;
        }
    }

    /** Whether the bus cannot tell what changes. */
    get isCut() {
        const { CONNECTING, DISCONNECTED } = WORKER_STATE;
        return [CONNECTING, DISCONNECTED].includes(this.services.bus_service.workerState);
    }

    /** Whether Odoo can plan activities on what a call is about. */
    canFollowUp(call) {
        return Boolean(call.record && session.noojee_activity_models?.includes(call.record.model));
    }

    /**
     * Plan an activity on what a call is about, in Odoo's own dialogue. The call stays on
     * the screen meanwhile, with its note and its result to choose.
     *
     * @param {Call} call
     */
    async followUp(call) {
        const { model, id } = call.record;
        const store = this.services["mail.store"];
        this.held.add(call.id);
        try {
            await this.notes.save(call.id);
            await store.scheduleActivity(model, [id]);
        } finally {
            this.held.delete(call.id);
            const ended = this.justEnded.find((known) => known.id === call.id);
            if (ended) {
                this.dismissLater(ended);
            }
        }
        // the form that may be open beneath shows it at once
        await store.Thread.insert({ model, id }).fetchThreadData(["activities", "messages"]);
    }

    /**
     * Open what a call is about. A form with unsaved changes is saved first, or stays; a
     * dialogue would be closed with all that is written in it: it keeps its tab.
     *
     * @param {{model: string, id: number}} record of a call or of one of its candidates
     * @param {() => void} [onBlocked] says that the browser does not let us open a tab
     */
    openRecord(record, onBlocked = () => this.noteBlocked()) {
        if (document.querySelector(".o_dialog")) {
            return this.openTab(record) || onBlocked();
        }
        return this.services.action.doAction({
            type: "ir.actions.act_window",
            res_model: record.model,
            res_id: record.id,
            views: [[false, "form"]],
            target: "current",
        });
    }

    /** @returns {boolean} whether the browser lets us */
    openTab({ model, id }) {
        const url = router.stateToUrl({ actionStack: [{ model, view_type: "form", resId: id }] });
        return Boolean(browser.open(url, "_blank"));
    }

    noteBlocked() {
        this.services.notification.add(blockedWords(), { type: "warning" });
    }
}

function dialOptions({ activityId, partnerId, override }) {
    return {
        activity_id: activityId || false,
        partner_id: partnerId || false,
        override: override || false,
    };
}

export const phoneService = {
    dependencies: ["action", "bus_service", "mail.store", "notification", "orm", "overlay"],

    start(env, services) {
        const phone = reactive(new Phone(services));
        phone.start();
        return phone;
    },
};

registry.category("services").add("noojee.phone", phoneService);
