import { onWillDestroy, onWillStart } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** The server lets only supervisors into it: they see what is others' to call back. */
const CHANNEL = "noojee.missed";
const CHANGED = "noojee.missed/changed";

/** Missed calls that are on the screen keep up with the phone and the colleagues. */
function useFreshMissedCalls(controller) {
    const bus = useService("bus_service");
    const reload = async () => {
        const { root } = controller.model;
        // whoever has chosen rows is about to do something with them
        if (root && !root.selection?.length) {
            await root.load();
        }
    };
    onWillStart(() => {
        bus.subscribe(CHANGED, reload);
        bus.addChannel(CHANNEL);
    });
    onWillDestroy(() => {
        bus.unsubscribe(CHANGED, reload);
        bus.deleteChannel(CHANNEL);
    });
}

export class MissedListController extends ListController {
    setup() {
        super.setup();
        useFreshMissedCalls(this);
    }
}

export class MissedKanbanController extends KanbanController {
    setup() {
        super.setup();
        useFreshMissedCalls(this);
    }
}

const views = registry.category("views");
views.add("noojee_missed_list", { ...listView, Controller: MissedListController });
views.add("noojee_missed_kanban", { ...kanbanView, Controller: MissedKanbanController });
