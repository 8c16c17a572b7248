from odoo import api, fields, models

from .noojee_call import DIRECTIONS


class NoojeeRecordingLeg(models.Model):
    """One stretch of a recorded call, with an audio file of its own
    (noojee-api.md section 5).

    Without its audio the row stays: nothing fetches again what was purged.
    """

    _name = "noojee.recording.leg"
    _description = "Leg of a recording"
    _order = "recording_id, started_at, number, id"

    recording_id = fields.Many2one(
        "noojee.recording", required=True, ondelete="cascade", index=True
    )
    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="recording_id.company_id", store=True, precompute=True
    )

    hour_id = fields.Many2one(
        "noojee.recording.hour",
        string="Found by the list of",
        index="btree_not_null",
        ondelete="set null",
    )

    # As the PBX lists it
    unique_id = fields.Char(string="Unique id", required=True)
    call_record_id = fields.Char(string="Call record", required=True)
    number = fields.Integer(string="Leg", required=True)
    source = fields.Char(groups="noojee.group_see_numbers")
    destination = fields.Char(groups="noojee.group_see_numbers")
    did = fields.Char(string="DID", groups="noojee.group_see_numbers")
    username = fields.Char(string="Noojee login")
    tag = fields.Char()
    direction = fields.Selection(DIRECTIONS)
    started_at = fields.Datetime(string="Start")
    duration = fields.Integer(string="Seconds")

    # As the user may see them
    from_number = fields.Char(
        string="From", compute="_compute_from_to", compute_sudo=True
    )
    to_number = fields.Char(string="To", compute="_compute_from_to", compute_sudo=True)

    # Brought home
    state = fields.Selection(
        [
            ("listed", "To be fetched"),
            ("stored", "Stored"),
            ("failed", "Failed"),
            ("purged", "Purged"),
        ],
        required=True,
        default="listed",
        index=True,
    )
    reason = fields.Char(help="Why its audio is not here.")
    audio = fields.Binary(
        attachment=True,
        groups=fields.NO_ACCESS,
        help="Served by the addon's own door alone, which asks for rights and logs.",
    )
    media_type = fields.Char(string="Media type")
    size = fields.Integer(string="Bytes")
    sha256 = fields.Char(string="SHA-256")

    _wire_unique = models.Constraint(
        "unique(pbx_id, unique_id, call_record_id, number)",
        "This leg is known already.",
    )

    @api.depends("source", "destination", "pbx_id")
    @api.depends_context("uid")
    def _compute_from_to(self):
        shown_desk = self.env["noojee.call"]._shown_desk
        for leg in self:
            leg.from_number = shown_desk(leg.source, leg.pbx_id, self.env.user)
            leg.to_number = shown_desk(leg.destination, leg.pbx_id, self.env.user)

    @api.depends("number")
    def _compute_display_name(self):
        for leg in self:
            leg.display_name = self.env._("Leg %(number)s", number=leg.number)
