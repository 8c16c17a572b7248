from odoo import api, fields, models


class NoojeeTagRecording(models.TransientModel):
    """Asks for another tag of a call's recording, and shows those that it has."""

    _name = "noojee.tag.recording"
    _description = "Tag a recording"

    call_id = fields.Many2one("noojee.call", required=True, ondelete="cascade")
    tag = fields.Char(required=True, compute="_compute_tag", store=True, readonly=False)
    record_ref = fields.Reference(
        selection=lambda self: self.env["noojee.call"]._selection_record_models(),
        string="File on",
        help="The recording is found there from now on. Empty: where it was.",
    )
    tag_ids = fields.One2many(related="call_id.recording_ids.tag_ids")

    @api.depends("call_id", "record_ref")
    def _compute_tag(self):
        for wizard in self:
            about = wizard.record_ref.display_name if wizard.record_ref else False
            about = about or wizard.call_id._default_tag()
            wizard.tag = wizard.tag or about or wizard.call_id.tag

    def action_tag(self):
        """Send the tag, and say what became of it."""
        self.ensure_one()
        record = self.record_ref
        filed_on = (record._name, record.id) if record else ()
        outcome = self.call_id.action_tag_recording(self.tag, *filed_on)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if outcome["is_on_pbx"] else "warning",
                "message": outcome["message"],
                "sticky": not outcome["is_on_pbx"],
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
