import { Component } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { RecordingPlayer } from "./recording_player";

/** The player over whatever is open, which stays as it is. */
export class PlayerDialog extends Component {
    static template = "noojee.PlayerDialog";
    static components = { Dialog, RecordingPlayer };
    static props = { title: String, recordingId: Number, close: Function };
}

/** The player in a form: of a recording itself, or of those that a field names. */
export class PlayerField extends Component {
    static template = "noojee.PlayerField";
    static components = { RecordingPlayer };
    static props = { ...standardFieldProps };

    get recordingIds() {
        const { name, record } = this.props;
        const { type } = record.fields[name];
        if (type === "integer") {
            return record.resId ? [record.resId] : [];
        }
        if (type === "many2one") {
            return record.data[name] ? [record.data[name].id] : [];
        }
        return record.data[name].currentIds;
    }
}

registry.category("fields").add("noojee_player", {
    component: PlayerField,
    supportedTypes: ["integer", "many2one", "one2many"],
});

/** What the buttons *Play* return. */
registry.category("actions").add("noojee.play_recording", (env, action) => {
    const { id, name } = action.params;
    env.services.dialog.add(PlayerDialog, { recordingId: id, title: name });
});
