import { Component, useState } from "@odoo/owl";

import { useCommand } from "@web/core/commands/command_hook";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { PhonePanel } from "./phone_panel";

/** A panel with fields and lists of its own: Tab goes on as everywhere else. */
const NAVIGATION = { hotkeys: { tab: { callback: null }, "shift+tab": { callback: null } } };

/** The phone in the top bar: whether the line works, and how many calls run. */
export class PhoneMenu extends Component {
    static template = "noojee.PhoneMenu";
    static components = { Dropdown, PhonePanel };
    static props = {};

    setup() {
        this.phone = useState(useService("noojee.phone"));
        this.dropdown = useDropdownState();
        this.navigation = NAVIGATION;
        useCommand(_t("Phone"), () => this.dropdown.open(), {
            hotkey: "alt+shift+p",
            // in the midst of writing, and over any dialogue
            global: true,
            hotkeyOptions: { bypassEditableProtection: true },
            isAvailable: () => this.phone.isEnabled,
        });
    }

    get dotClass() {
        if (this.phone.away) {
            return "bg-danger";
        }
        return this.phone.line ? "bg-success" : "bg-secondary";
    }

    get running() {
        return this.phone.calls.length;
    }

    /** Of interest while nothing runs. */
    get missed() {
        return this.running ? 0 : this.phone.missedCount;
    }

    get title() {
        if (this.phone.away) {
            return _t("Phone: the phone system does not answer");
        }
        if (!this.phone.line) {
            return _t("Phone: no line");
        }
        const missed = this.phone.missedCount;
        return missed
            ? _t("Phone: desk %(desk)s, missed calls: %(missed)s", {
                  desk: this.phone.line.number,
                  missed,
              })
            : _t("Phone: desk %s", this.phone.line.number);
    }

    onBeforeOpen() {
        // not awaited: the panel opens at once with what is known
        this.phone.load();
    }
}

registry
    .category("systray")
    .add("noojee.PhoneMenu", { Component: PhoneMenu }, { sequence: 25 });
