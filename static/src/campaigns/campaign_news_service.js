import { registry } from "@web/core/registry";

const REFRESHED = "noojee.campaigns/refreshed";

/** Tells whoever had the campaigns refreshed what came of it, and shows it in the list. */
export const campaignNewsService = {
    dependencies: ["action", "bus_service", "notification"],
    start(env, { action, bus_service: bus, notification }) {
        bus.subscribe(REFRESHED, ({ type, title, message }) => {
            notification.add(message, { type, title, sticky: type !== "success" });
            const { props, view } = action.currentController ?? {};
            // a form may hold what is not saved yet
            if (props?.resModel?.startsWith("noojee.campaign") && view?.type === "list") {
                action.doAction("soft_reload");
            }
        });
        bus.start();
    },
};

registry.category("services").add("noojee.campaign_news", campaignNewsService);
