from odoo import api, fields, models

START_RECORDING = "noojee_start_recording"
DEFAULT_TAG = "{{ object.display_name }}"


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[(START_RECORDING, "Noojee: start recording"), ("followers",)],
        ondelete={START_RECORDING: "cascade"},
    )
    noojee_tag = fields.Char(
        string="Tag",
        compute="_compute_noojee_tag",
        store=True,
        readonly=False,
        help="What the PBX keeps with the recording, for example "
        "{{ object.name }} for the order's number.",
    )

    @api.depends("state")
    def _compute_noojee_tag(self):
        for action in self:
            if action.state != START_RECORDING:
                action.noojee_tag = False
            elif not action.noojee_tag:
                action.noojee_tag = DEFAULT_TAG

    def _name_depends(self):
        return [*super()._name_depends(), "noojee_tag"]

    def _generate_action_name(self):
        if self.state == START_RECORDING:
            return self.env._("Start recording the call")
        return super()._generate_action_name()

    def _run_action_noojee_start_recording_multi(self, eval_context=None):
        """Wish a recording for each record; the PBX is asked after commit."""
        eval_context = eval_context or {}
        records = eval_context.get("records") or eval_context.get("record")
        if not records or self._is_recompute():
            return False
        commands = self.env["noojee.command"]
        tags = self.env["mail.render.mixin"]._render_template(
            self.noojee_tag or "", records._name, records.ids
        )
        for record in records:
            command = commands._wish_recording(record, tags[record.id].strip())
            if command.state == "skipped":
                command._log_outcome()
        return False
