import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const PROGRESS = "noojee.lead.push/progress";
/** The bus tells whoever sent the leads; others look now and then. */
const LOOK = 5000;

/** How far the leads of a push are, while it goes on. */
export class PushProgress extends Component {
    static template = "noojee.PushProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.state = useState({ progress: null });
        const onProgress = (progress) => {
            if (progress.id === this.props.record.resId) {
                this.show(progress);
            }
        };
        onWillStart(() => this.read());
        this.bus.subscribe(PROGRESS, onProgress);
        useBus(this.bus, "BUS:RECONNECT", () => this.read());
        const timer = browser.setInterval(() => this.state.progress.open && this.read(), LOOK);
        onWillDestroy(() => {
            browser.clearInterval(timer);
            this.bus.unsubscribe(PROGRESS, onProgress);
        });
    }

    async read() {
        const ids = [this.props.record.resId];
        this.show(await this.orm.silent.call("noojee.lead.push.job", "get_progress", ids));
    }

    async show(progress) {
        const wasOpen = this.state.progress?.open;
        this.state.progress = progress;
        if (wasOpen && !progress.open) {
            // the buttons of the form follow
            await this.props.record.load();
        }
    }

    share(count) {
        const { total } = this.state.progress;
        return total ? `${(100 * count) / total}%` : "0%";
    }

    get words() {
        const { total, sent, refused, withdrawn, open } = this.state.progress;
        const words = [_t("%(sent)s of %(total)s in the campaign", { sent, total })];
        if (withdrawn) {
            words.push(_t("%(count)s withdrawn", { count: withdrawn }));
        }
        if (refused) {
            words.push(_t("%(count)s not sent", { count: refused }));
        }
        if (open) {
            words.push(_t("%(count)s to go", { count: open }));
        }
        return words.join(" · ");
    }
}

registry.category("view_widgets").add("noojee_push_progress", { component: PushProgress });
