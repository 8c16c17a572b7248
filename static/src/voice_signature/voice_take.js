import { markRaw } from "@odoo/owl";

import { RPCError } from "@web/core/network/rpc";
import { _t } from "@web/core/l10n/translation";

/**
 * One voice signature as it is taken: what the server told of it, and what is asked of the
 * server. Components only show it.
 *
 * @typedef {{id: number, title: string, text: string, is_notice: boolean, answer: string,
 *  offset: string}} Passage
 */
export class VoiceTake {
    /** See `get_dialog`. */
    order = null;
    scripts = [];
    /** The take as the server told it last, or false before it is begun. */
    take = false;
    /** Which of the scripts is read. */
    versionId = false;
    /** Which of the passages is shown. */
    position = 0;
    /** What the server is being asked: `start`, `answer`, `stop` or false. */
    asking = false;
    /** Why it did not do it. */
    failure = "";
    /** What was asked to end it, where that was asked last: `stop`, `give_up` or `refuse`. */
    stopping = "";
    /** Who is on the line, see `get_party`; null before that is known. */
    party = null;
    /** When the take was told, by this computer's clock. */
    toldAt = 0;

    constructor(orm, orderId) {
        this.orm = markRaw(orm);
        this.orderId = orderId;
    }

    async load() {
        const told = await this.orm.call("noojee.voice.signature", "get_dialog", [
            this.orderId,
            this.take.id ?? false,
        ]);
        this.order = told.order;
        this.digest = told.order_sha256;
        this.scripts = told.scripts;
        const first = this.scripts.find((script) => !script.fault) ?? this.scripts[0];
        this.versionId = first?.version_id ?? false;
        if (told.take) {
            this.put(told.take);
            this.position = this.firstOpen;
        }
    }

    /**
     * Who is on the line of a call.
     *
     * @param {number} [callId] of the call that runs, if any
     */
    async meet(callId) {
        this.party = null;
        this.meeting = callId;
        if (!callId) {
            return;
        }
        const args = [this.orderId, callId];
        const party = await this.orm.call("noojee.voice.signature", "get_party", args);
        if (this.meeting === callId) {
            this.party = party;
        }
    }

    /** Begin anew: what was taken is kept. */
    again() {
        Object.assign(this, { take: false, position: 0, failure: "", stopping: "" });
        return this.load();
    }

    get script() {
        return this.scripts.find((script) => script.version_id === this.versionId);
    }

    /** @returns {Passage[]} */
    get passages() {
        return this.take ? this.take.passages : (this.script?.passages ?? []);
    }

    get passage() {
        return this.passages[this.position];
    }

    get answered() {
        return this.passages.filter((passage) => passage.answer).length;
    }

    get isAnswered() {
        return this.answered === this.passages.length;
    }

    get declined() {
        return this.passages.filter((passage) => passage.answer === "no");
    }

    get isOver() {
        return Boolean(this.take) && this.take.state !== "recording";
    }

    /** Where it goes on; behind the last one when all were answered. */
    get firstOpen() {
        const index = this.passages.findIndex((passage) => !passage.answer);
        return index < 0 ? this.passages.length : index;
    }

    put(take) {
        this.take = take;
        this.toldAt = Date.now();
    }

    /** What the bus tells of a take; it may be of another one. */
    onTold(take) {
        if (take.id === this.take?.id) {
            this.put(take);
        }
    }

    // === WHAT THE AGENT DOES === //

    /** The notice was read and answered. */
    start(callId, agrees) {
        const args = [this.orderId, this.versionId, callId, this.digest, agrees];
        return this.ask("start", args, {
            onDone: () => (this.position = 1),
            stopping: agrees ? "" : "refuse",
        });
    }

    answer(answer) {
        const { id } = this.passage;
        return this.ask("answer", [[this.take.id], id, answer], {
            onDone: () => {
                this.position = answer === "no" ? this.passages.length : this.position + 1;
            },
        });
    }

    /** @param {"stop" | "give_up"} method */
    stop(method) {
        return this.ask(method, [[this.take.id]], { stopping: method });
    }

    /** To a passage that was answered, or the first that was not. */
    go(step) {
        const position = this.position + step;
        if (this.take && position > 0 && position <= this.firstOpen) {
            this.position = position;
        }
    }

    /**
     * @param {string} method of the take
     * @param {any[]} args
     * @param {Object} [options]
     * @param {() => void} [options.onDone]
     * @param {string} [options.stopping] see there
     * @returns {Promise<boolean>} whether the server did it
     */
    async ask(method, args, { onDone = () => {}, stopping = "" } = {}) {
        if (this.asking) {
            return false;
        }
        this.asking = method;
        this.stopping = stopping;
        this.failure = "";
        try {
            this.put(await this.orm.call("noojee.voice.signature", method, args));
            onDone();
            return true;
        } catch (error) {
            const isTold = error instanceof RPCError && error.data?.message;
            this.failure = isTold || _t("Odoo cannot be reached.");
            return false;
        } finally {
            this.asking = false;
        }
    }
}
