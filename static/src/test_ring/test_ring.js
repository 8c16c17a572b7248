import { Component, onMounted, onWillDestroy, status, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const INTERVAL = 1000;
const PATIENCE = 25000;

/**
 * Rings a desk with its auto-answer string and tells, step by step, what happens.
 */
export class TestRing extends Component {
    static template = "noojee.TestRing";
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.state = useState({ step: "starting", error: "" });
        /** Counts the attempts: what an earlier one still hears is ignored. */
        this.attempt = 0;
        onMounted(() => this.start());
        onWillDestroy(() => this.leave());
    }

    get params() {
        return this.props.action.params;
    }

    get isRunning() {
        return ["starting", "waiting", "ringing"].includes(this.state.step);
    }

    get words() {
        const number = this.params.number;
        switch (this.state.step) {
            case "starting":
            case "waiting":
                return _t("Ringing desk %s…", number);
            case "ringing":
                return _t("Desk %s rings. Do not lift the handset: it should answer by itself.", number);
            case "answered":
                return _t("It answered by itself: the string fits.");
            case "not_answered":
                return this.params.profile
                    ? _t(
                          "It rings, but did not answer by itself. Try the other string of the profile %s, or switch on auto-answer in the handset.",
                          this.params.profile
                      )
                    : _t(
                          "It rings, but did not answer by itself. Choose the handset profile of this extension, then try again."
                      );
            case "silent":
                return _t(
                    "Desk %s did not ring. Check its number, its technology and that the handset is registered.",
                    number
                );
            case "stopped":
                return _t("Stopped.");
        }
        return this.state.error;
    }

    get color() {
        return (
            { answered: "success", not_answered: "warning", silent: "warning", failed: "danger" }[
                this.state.step
            ] || "info"
        );
    }

    async start() {
        const attempt = ++this.attempt;
        this.state.step = "starting";
        try {
            await this.call("start_test_ring");
            if (!this.isCurrent(attempt)) {
                // stopped or closed before the desk was asked to ring
                await this.call("stop_test_ring");
                return;
            }
            await this.watch(attempt);
        } catch (error) {
            this.fail(attempt, error);
        }
    }

    /** Look once a second until the handset answers or patience ends. */
    async watch(attempt) {
        const end = Date.now() + PATIENCE;
        let hasRung = false;
        while (this.isCurrent(attempt) && Date.now() < end) {
            const step = await this.call("read_test_ring");
            if (!this.isCurrent(attempt)) {
                return;
            }
            if (step === "answered") {
                return this.finish("answered");
            }
            if (step === "waiting" && hasRung) {
                // it stopped ringing and nobody answered
                break;
            }
            hasRung = hasRung || step === "ringing";
            this.state.step = step;
            await new Promise((resolve) => browser.setTimeout(resolve, INTERVAL));
        }
        if (this.isCurrent(attempt)) {
            await this.finish(hasRung ? "not_answered" : "silent");
        }
    }

    async finish(step) {
        this.state.step = step;
        await this.call("stop_test_ring");
    }

    async stop() {
        const attempt = ++this.attempt;
        this.state.step = "stopped";
        try {
            await this.call("stop_test_ring");
        } catch (error) {
            this.fail(attempt, error);
        }
    }

    /** The dialogue is closed: the desk must not go on ringing. */
    leave() {
        this.attempt++;
        if (this.isRunning) {
            this.call("stop_test_ring").catch(() => {
                // nobody is left to be told
            });
        }
    }

    close() {
        return this.action.doAction({ type: "ir.actions.act_window_close" });
    }

    call(method) {
        // not through the hook: the ring is stopped after this component is gone, too
        return this.env.services.orm.silent.call("noojee.extension", method, [[this.params.extension_id]]);
    }

    fail(attempt, error) {
        if (!this.isCurrent(attempt)) {
            return;
        }
        if (error instanceof ConnectionLostError) {
            this.state.error = _t("Odoo cannot be reached. Check your connection, then try again.");
        } else if (error instanceof RPCError) {
            this.state.error = error.data?.message || error.message;
        } else {
            throw error;
        }
        this.state.step = "failed";
    }

    isCurrent(attempt) {
        return attempt === this.attempt && status(this) !== "destroyed";
    }
}

registry.category("actions").add("noojee.test_ring", TestRing);
