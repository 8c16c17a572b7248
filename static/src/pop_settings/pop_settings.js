import { Component, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";

/** How the user wants to be told that his phone rings. */
export class PopSettings extends Component {
    static template = "noojee.PopSettings";
    static props = {};

    setup() {
        const { noojee_pop: pop, noojee_sound: hasSound } = user.settings;
        this.state = useState({
            isOpen: false,
            pop,
            hasSound,
            hasNotification: user.settings.noojee_system_notification,
            problem: "",
        });
        this.pops = [
            ["card", _t("Show the card only")],
            ["idle", _t("Open the customer here, unless I am at work")],
            ["tab", _t("Open the customer in a new tab")],
        ];
    }

    setPop(pop) {
        this.state.pop = pop;
        return user.setUserSettings("noojee_pop", pop);
    }

    setSound(hasSound) {
        this.state.hasSound = hasSound;
        return user.setUserSettings("noojee_sound", hasSound);
    }

    async setNotification(isWanted) {
        this.state.problem = "";
        if (isWanted && (await browser.Notification?.requestPermission()) !== "granted") {
            this.state.problem = _t(
                "Your browser does not allow notifications of this site. Allow them in its settings, then switch this on again."
            );
            isWanted = false;
        }
        this.state.hasNotification = isWanted;
        await user.setUserSettings("noojee_system_notification", isWanted);
    }
}
