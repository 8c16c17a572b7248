import { registry } from "@web/core/registry";

/** What the button *Call* of a form returns: the call that was dialled. */
function showCall(env, action) {
    env.services["noojee.phone"].show(action.params.call);
}

registry.category("actions").add("noojee.show_call", showCall);
