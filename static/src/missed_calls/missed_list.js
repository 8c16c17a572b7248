import { onWillDestroy, onWillStart } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** A list of missed calls that keeps up with the phone and the colleagues. */
export class MissedListController extends ListController {
    setup() {
        super.setup();
        const bus = useService("bus_service");
        const reload = () => this.reload();
        onWillStart(() => bus.subscribe("noojee.missed/changed", reload));
        onWillDestroy(() => bus.unsubscribe("noojee.missed/changed", reload));
    }

    async reload() {
        // whoever has chosen rows is about to do something with them
        if (this.model.root?.selection?.length === 0) {
            await this.model.root.load();
        }
    }
}

registry.category("views").add("noojee_missed_list", {
    ...listView,
    Controller: MissedListController,
});
