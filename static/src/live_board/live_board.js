import { Component, onMounted, onWillDestroy, onWillStart, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { DeskTile } from "@noojee/live_board/desk_tile";
import { countWords } from "@noojee/live_board/live_board_words";
import { formatDuration, formatMoment } from "@noojee/phone/call_words";

/** The server lets only supervisors into it. */
const CHANNEL = "noojee.live_board";
const CHANGED = "noojee.live_board/changed";
/** However much happens, the board is read no more often. */
const PAUSE = 300;
/** A new day begins, or nobody listens any more, without a message. */
const REFRESH = 60000;

/**
 * What happens at the desks of the supervisor's teams this moment.
 *
 * The bus tells only that something changed; the board then reads what its user may see.
 */
export class LiveBoard extends Component {
    static template = "noojee.LiveBoard";
    static components = { Layout, DeskTile };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.countWords = countWords;
        this.state = useState({ board: null, hasFailed: false, now: Date.now() });
        this.timers = { pause: null, clock: null, refresh: null };
        this.isReading = false;
        this.isStale = false;
        const onChanged = (change) => this.onChanged(change);
        useBus(this.bus, "BUS:RECONNECT", () => this.readSoon());
        onWillStart(() => {
            // what changes after the reading must be heard
            this.bus.subscribe(CHANGED, onChanged);
            this.bus.addChannel(CHANNEL);
            return this.read();
        });
        onMounted(() => {
            this.timers.clock = browser.setInterval(() => this.tick(), 1000);
            this.timers.refresh = browser.setInterval(() => this.readSoon(), REFRESH);
        });
        onWillDestroy(() => {
            this.bus.unsubscribe(CHANGED, onChanged);
            this.bus.deleteChannel(CHANNEL);
            browser.clearTimeout(this.timers.pause);
            browser.clearInterval(this.timers.clock);
            browser.clearInterval(this.timers.refresh);
            this.isDestroyed = true;
        });
    }

    get display() {
        return { controlPanel: {} };
    }

    get desks() {
        return this.state.board?.desks ?? [];
    }

    get totals() {
        const { answered, missed, outbound, talk_seconds: seconds } = this.state.board.totals;
        return [
            { key: "answered", name: _t("Answered"), value: answered },
            { key: "missed", name: _t("Missed"), value: missed },
            { key: "outbound", name: _t("Outbound"), value: outbound },
            { key: "talk", name: _t("Talk time"), value: formatDuration(seconds) },
        ];
    }

    /** What stands between the board and the phone system. */
    get troubles() {
        return this.state.board.pbxs
            .filter((pbx) => pbx.away || !pbx.is_listening)
            .map((pbx) => ({ id: pbx.id, words: this.troubleWords(pbx), isAway: pbx.away }));
    }

    troubleWords({ name, away }) {
        return away
            ? _t("%(pbx)s has not answered since %(time)s. %(reason)s", {
                  pbx: name,
                  time: formatMoment(away.since),
                  reason: away.reason || "",
              })
            : _t(
                  "Nobody follows the calls of %(pbx)s: what is shown may be old. An administrator starts the listener.",
                  { pbx: name }
              );
    }

    /** @param {{desks: number[] | false}} change */
    onChanged({ desks }) {
        // false: anything may have changed, also who sits where; whose desks these are is
        // not known before the first answer
        if (!desks || !this.state.board || this.desks.some(({ id }) => desks.includes(id))) {
            this.readSoon();
        }
    }

    /** Read at once, or after the pause that follows each reading. */
    readSoon() {
        if (this.isReading || this.timers.pause) {
            this.isStale = true;
            return;
        }
        this.read();
    }

    async read() {
        this.isReading = true;
        this.isStale = false;
        try {
            const board = await this.orm.silent.call("noojee.live.board", "get_board", []);
            this.skew = Date.parse(board.now) - Date.now();
            this.tick();
            Object.assign(this.state, { board, hasFailed: false });
        } catch (error) {
            // the bus tells when a lost connection is back
            this.state.hasFailed = true;
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        } finally {
            this.isReading = false;
            if (!this.isDestroyed) {
                this.timers.pause = browser.setTimeout(() => this.endPause(), PAUSE);
            }
        }
    }

    endPause() {
        this.timers.pause = null;
        if (this.isStale) {
            this.read();
        }
    }

    tick() {
        this.state.now = Date.now() + (this.skew ?? 0);
    }

    /** Open what a call is about, else the call itself. */
    open(call) {
        const { model, id } = call.record || { model: "noojee.call", id: call.id };
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
            target: "current",
        });
    }
}

registry.category("actions").add("noojee.live_board", LiveBoard);
