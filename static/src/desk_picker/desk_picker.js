import { Component, onWillStart, status, useEffect, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

/**
 * The shared desks that are open to the user: he signs on to one, or off again.
 *
 * @typedef {{id: number, number: string, pbx: string, occupant: string | false,
 *     is_mine: boolean}} Desk see `noojee.extension.get_desks`
 */
export class DeskPicker extends Component {
    static template = "noojee.DeskPicker";
    static props = { onDone: { type: Function, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.phone = useState(useService("noojee.phone"));
        this.root = useRef("root");
        this.state = useState({
            isLoading: true,
            isBusy: false,
            /** @type {Desk[]} */
            desks: [],
            /** Id of the desk that is taken over once the user confirms. */
            confirming: false,
            error: "",
        });
        // the list comes when it is there: the panel opens at once
        onWillStart(() => void this.load());
        // signed on or off elsewhere: in another tab, or by somebody who took over
        let isFirst = true;
        useEffect(
            () => {
                if (!isFirst && !this.state.isBusy) {
                    this.load();
                }
                isFirst = false;
            },
            () => [this.phone.line && this.phone.line.number]
        );
        useEffect(
            (confirming) => {
                if (confirming) {
                    this.root.el.querySelector(".o_noojee_confirm_take_over")?.focus();
                }
            },
            () => [this.state.confirming]
        );
    }

    /** Whether the desks' PBX must be named to tell them apart. */
    get hasSeveralPbxs() {
        return new Set(this.state.desks.map((desk) => desk.pbx)).size > 1;
    }

    deskWords(desk) {
        const words = _t("Desk %s", desk.number);
        return this.hasSeveralPbxs ? `${words} · ${desk.pbx}` : words;
    }

    occupantWords(desk) {
        if (desk.is_mine) {
            return _t("You sit here");
        }
        return desk.occupant || _t("Free");
    }

    label(action, desk) {
        return `${action}: ${this.deskWords(desk)}`;
    }

    signOnLabel(desk) {
        return this.label(_t("Sign on"), desk);
    }

    signOffLabel(desk) {
        return this.label(_t("Sign off"), desk);
    }

    takeOverLabel(desk) {
        return this.label(_t("Take over"), desk);
    }

    confirmWords(desk) {
        return _t("%(name)s will be signed off from desk %(number)s.", {
            name: desk.occupant,
            number: desk.number,
        });
    }

    async load() {
        this.state.isLoading = true;
        this.state.confirming = false;
        try {
            const desks = await this.orm.silent.call("noojee.extension", "get_desks", []);
            this.update({ desks, error: "" });
        } catch (error) {
            this.fail(error);
        } finally {
            this.update({ isLoading: false });
        }
    }

    /** @param {Desk} desk */
    signOn(desk, takeOver = false) {
        return this.move("sign_on", [[desk.id], takeOver]);
    }

    signOff() {
        return this.move("sign_off", []);
    }

    async move(method, args) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            await this.phone.moveDesk(method, args);
            if (status(this) !== "destroyed") {
                await this.load();
                this.props.onDone?.();
            }
        } catch (error) {
            // who sits where may have changed meanwhile
            await this.load();
            this.fail(error);
        } finally {
            this.update({ isBusy: false });
        }
    }

    /** @param {KeyboardEvent} ev */
    onKeydown(ev) {
        if (ev.key === "Escape" && this.state.confirming) {
            // takes the question back and leaves the panel open
            ev.stopPropagation();
            this.state.confirming = false;
        }
    }

    fail(error) {
        if (error instanceof ConnectionLostError) {
            this.update({ error: _t("Odoo cannot be reached. Try again in a moment.") });
        } else if (error instanceof RPCError) {
            this.update({ error: error.data?.message || error.message });
        } else {
            throw error;
        }
    }

    update(values) {
        if (status(this) !== "destroyed") {
            Object.assign(this.state, values);
        }
    }
}
