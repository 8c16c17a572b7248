import { Component, useEffect, useRef, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

/** How the user wants to be told that his phone rings. */
export class PopSettings extends Component {
    static template = "noojee.PopSettings";
    static props = {};

    setup() {
        this.pop = useState(useService("noojee.pop"));
        this.state = useState({ isOpen: false, isRefused: false });
        const root = useRef("root");
        useEffect(
            (isOpen) => {
                if (isOpen) {
                    // they open below what is seen of a long panel
                    root.el.scrollIntoView({ block: "nearest" });
                }
            },
            () => [this.state.isOpen]
        );
        this.choices = [
            ["card", _t("Show the card only")],
            ["idle", _t("Open the customer here, unless I am at work")],
            ["tab", _t("Open the customer in a new tab")],
        ];
    }

    get settings() {
        return this.pop.settings;
    }

    /** The choice is the user's, the permission this browser's. */
    get hasNotification() {
        return this.settings.noojee_system_notification && this.permission === "granted";
    }

    get permission() {
        return browser.Notification?.permission;
    }

    get problem() {
        const isWanted = this.settings.noojee_system_notification || this.state.isRefused;
        if (!isWanted || this.permission === "granted") {
            return "";
        }
        return this.permission === "default" && !this.state.isRefused
            ? _t(
                  "This browser has not been asked for notifications yet. Switch this on to be asked."
              )
            : _t(
                  "Your browser does not allow notifications of this site. Allow them in its settings, then switch this on again."
              );
    }

    toggle() {
        this.state.isOpen = !this.state.isOpen;
        this.state.isRefused = false;
    }

    async setNotification(isWanted) {
        const isGranted =
            !isWanted || (await browser.Notification?.requestPermission()) === "granted";
        this.state.isRefused = !isGranted;
        if (isGranted) {
            await this.pop.choose("noojee_system_notification", isWanted);
        }
        // the browser tells nobody what it allows, and the switch has moved
        this.render();
    }
}
