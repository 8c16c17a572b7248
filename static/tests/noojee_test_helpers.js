import { WORKER_STATE } from "@bus/workers/websocket_worker";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect } from "@odoo/hoot";
import { press, waitUntil } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import {
    contains,
    getService,
    makeServerError,
    MockServer,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { session } from "@web/session";
import { WebClient } from "@web/webclient/webclient";

import { IncomingCards } from "@noojee/incoming_card/incoming_card";
import { SharedCalls } from "@noojee/phone/shared_calls";

const { DateTime } = luxon;

export function defineNoojeeModels() {
    return defineMailModels();
}

/** The server's way to write a moment, some seconds from now. */
export function moment(seconds = 0) {
    const utc = DateTime.utc().plus({ seconds });
    return utc.toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
}

/**
 * A call as `noojee.call._payload` describes it; inbound and ringing unless told. Its
 * channel at the user's desk has ten times its own id.
 */
export function makeCall(values = {}) {
    const { id = 7, direction = "inbound", outcome = false } = values;
    return {
        id,
        version: 1,
        state: "ringing",
        outcome,
        direction,
        number: "03 9000 1234",
        name: "Priya Raman",
        subtitle: "Coastal Solar Pty Ltd",
        avatar: false,
        record: { model: "res.partner", id: 17, name: "Priya Raman" },
        candidates: [],
        card: false,
        extension: "101",
        channel_id: 10 * id,
        is_called: direction === "inbound",
        is_declined: false,
        can_answer: true,
        can_hang_up: true,
        answered_by: false,
        other_desks: 0,
        failure: false,
        note: "",
        result: false,
        recording: "off",
        recorded_at: false,
        tag: "",
        needs_wrap_up: false,
        is_mine: true,
        is_missed_unseen: outcome === "missed",
        lift_handset: false,
        started_at: moment(),
        answered_at: false,
        ended_at: false,
        now: moment(),
        ...values,
    };
}

/** A call that the user has dialled: his desk rings. */
export function makeDialledCall(values = {}) {
    return makeCall({ state: "dialing", direction: "outbound", can_answer: false, ...values });
}

/** The same call, talked in for half a minute. */
export function makeConnectedCall(values = {}) {
    return makeDialledCall({
        version: 2,
        state: "connected",
        answered_at: moment(-30),
        started_at: moment(-40),
        ...values,
    });
}

/** Why a number is not dialled, as `noojee.call._check_payload` tells it. */
export function makeCheck(values = {}) {
    return {
        number: "0412 555 019",
        name: "Li Wei",
        findings: [
            {
                rule: "hours",
                policy: "override",
                title: "It is 7:12 in Perth",
                message: "Your team calls Monday to Friday from 9 to 20.",
                opens_at: "2026-01-14T01:00:00Z",
                can_override: false,
            },
        ],
        can_override: false,
        can_remind: true,
        supervisor: "Chloe Duval",
        res_model: "res.partner",
        res_id: 17,
        partner_id: 17,
        activity_id: 5,
        ...values,
    };
}

/** Tones that are begun are steps. */
export function listenToAlarm() {
    class AudioContext {
        currentTime = 0;
        createGain() {
            return { gain: {}, connect() {} };
        }
        createOscillator() {
            return { frequency: {}, connect() {}, start: () => expect.step("beep"), stop() {} };
        }
        close() {}
    }
    patchWithCleanup(browser, { AudioContext });
}

export const RESULTS = [
    { id: 1, name: "Reached", action: "none" },
    { id: 2, name: "No answer", action: "none" },
    { id: 6, name: "Do not call", action: "blacklist" },
];

/**
 * Mount the web client for a user with a line.
 *
 * @param {Object} [state] parts of what `get_phone_state` answers, or `fails`; may be
 *  changed later
 * @param {Object} [options]
 * @param {string[] | false} [options.models] models whose records are called; false for
 *  who is no user of the phone
 * @param {string[]} [options.canCreate] models of which he may make new records
 * @param {() => void | Promise} [options.onRead] called whenever the state is read; it is
 *  answered afterwards
 */
export async function mountPhone(
    state = {},
    { models = ["res.partner"], canCreate = ["res.partner", "crm.lead"], onRead = () => {} } = {}
) {
    const answer = {
        line: { number: "101", pbx: "Head office", is_fixed: true, answers_by_itself: true },
        calls: [],
        recent: [],
        missed: [],
        missed_count: 0,
        results: [],
        to_call: [],
        to_call_count: 0,
        away: false,
    };
    Object.assign(answer, state);
    patchWithCleanup(session, { noojee_models: models, noojee_can_create: canCreate });
    let isRead = false;
    onRpc("noojee.call", "get_phone_state", async () => {
        isRead = true;
        await onRead();
        if (answer.fails) {
            throw makeServerError({ message: "It broke." });
        }
        return answer;
    });
    // whatever stands beside the page's body is not looked at
    patchWithCleanup(IncomingCards, { home: "hoot-fixture" });
    await mountWithCleanup(WebClient);
    if (models) {
        const bus = getService("bus_service");
        await waitUntil(() => isRead && bus.workerState === WORKER_STATE.CONNECTED);
        await animationFrame();
    }
    return answer;
}

/** What the server tells this user's tabs. */
export function sendBus(type, payload) {
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, type, payload);
}

export function sendCall(call) {
    sendBus("noojee.call/updated", call);
}

/** As in a further tab: what all share is there, nothing of this one's memory. */
export function tellFromOtherTab(name, { channel_id: channelId }) {
    const { key } = new SharedCalls(name);
    browser.localStorage.setItem(key, JSON.stringify([channelId]));
}

/** The websocket is gone, as the worker tells it to each tab. */
export function loseConnection() {
    getService("bus_service").workerState = WORKER_STATE.DISCONNECTED;
}

export function getPhone() {
    return getService("noojee.phone");
}

class HalfWritten extends Component {
    static components = { Dialog };
    static template = xml`
        <Dialog title="'New'">
            <input class="o_half_written"/>
            <t t-set-slot="footer"><button class="btn o_last">Save</button></t>
        </Dialog>`;
    static props = ["*"];
}

/** Have a dialogue open in which something is half written. */
export async function writeInDialogue() {
    getService("dialog").add(HalfWritten);
    await contains(".o_half_written").edit("Nora", { confirm: false });
}

/** Press keys, and let the page follow. */
export async function pressAll(...all) {
    for (const keys of all) {
        await press(keys);
        await animationFrame();
    }
}
