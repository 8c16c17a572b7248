from odoo import api, fields, models


class NoojeeFindRecordingsLine(models.TransientModel):
    """A leg that the PBX lists."""

    _name = "noojee.find.recordings.line"
    _description = "Recording found"
    _order = "started_at, unique_id, number"

    wizard_id = fields.Many2one(
        "noojee.find.recordings", required=True, ondelete="cascade"
    )
    is_chosen = fields.Boolean(string="Bring")
    unique_id = fields.Char(required=True)
    number = fields.Integer(string="Leg")
    source = fields.Char(string="From")
    destination = fields.Char(string="To")
    username = fields.Char(string="Noojee login")
    tag = fields.Char()
    started_at = fields.Datetime(string="Start")
    duration = fields.Integer(string="Seconds")
    leg_state = fields.Selection(
        selection=lambda self: (
            self.env["noojee.recording.leg"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        string="Here",
        help="Empty where it is not known here.",
    )

    @api.model
    def _wire_names(self):
        """What a line shows of a leg, by the names of a leg's fields."""
        return (
            "unique_id",
            "number",
            "source",
            "destination",
            "username",
            "tag",
            "started_at",
            "duration",
        )
