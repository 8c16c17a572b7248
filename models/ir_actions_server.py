from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .transaction import spoils_transaction

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

    @api.depends("state")
    def _compute_available_model_ids(self):
        recording = self.filtered(lambda action: action.state == START_RECORDING)
        recorded = self.env["noojee.call"]._record_models()
        models_ = self.env["ir.model"].sudo().search([("model", "in", recorded)])
        recording.available_model_ids = models_.ids
        return super(IrActionsServer, self - recording)._compute_available_model_ids()

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
        for record in records:
            tag, failure = self._noojee_render_tag(record)
            command = commands._wish_recording(record, tag, failure)
            if command.state != "queued":
                command._log_outcome()
        return False

    def _noojee_render_tag(self, record):
        """The tag for a record's recording.

        :return: tag and, where its expression does not fit the record, the reason:
            the record's own work must not be held up by it
        """
        try:
            with self.env.cr.savepoint():
                tags = self.env["mail.render.mixin"]._render_template(
                    self.noojee_tag or "", record._name, record.ids
                )
        except Exception as error:
            if spoils_transaction(error):
                raise
            return False, self.env._(
                "The tag %(tag)s does not fit %(record)s. An administrator should "
                "correct it in the action %(action)s.",
                tag=self.noojee_tag,
                record=record.display_name,
                action=self.name,
            )
        return tags[record.id].strip(), False

    @api.constrains("noojee_tag", "state", "model_id")
    def _check_noojee_tag(self):
        """Try each tag once, on any record there is."""
        recorded = self.env["noojee.call"]._record_models()
        for action in self:
            if action.state != START_RECORDING or action.model_name not in recorded:
                continue
            # sudo: whoever may write actions may try them
            record = self.env[action.model_name].sudo().search([], limit=1)
            failure = record and action._noojee_render_tag(record)[1]
            if failure:
                raise ValidationError(failure)
