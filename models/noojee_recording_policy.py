from odoo import fields, models

POLICIES = [
    ("never", "Never"),
    ("demand", "On demand"),
    ("always", "Always"),
]
NOTICES = [
    ("none", "Not needed"),
    ("announced", "Announced by the PBX"),
    ("agent", "Told by the agent"),
]


class NoojeeRecordingPolicy(models.AbstractModel):
    """Whose calls are recorded, and who tells the other side: a sales team's own, and
    the PBX's for calls of no team."""

    _name = "noojee.recording.policy"
    _description = "Recording policy"

    noojee_record_inbound = fields.Selection(
        POLICIES, string="Record inbound calls", required=True, default="demand"
    )
    noojee_record_outbound = fields.Selection(
        POLICIES, string="Record outbound calls", required=True, default="demand"
    )
    noojee_recording_notice = fields.Selection(
        NOTICES,
        string="Notice of recording",
        required=True,
        default="none",
        help="How the other side learns that the call is recorded. Told by the agent: "
        "nothing is recorded until he has confirmed by a click that he said so.",
    )

    def _recording_policy(self, direction):
        """:return: ``never``, ``demand`` or ``always`` for calls of a direction"""
        self.ensure_one()
        if direction == "inbound":
            return self.noojee_record_inbound
        if direction == "outbound" or self.noojee_record_outbound == "never":
            return self.noojee_record_outbound
        # what colleagues say to each other is recorded where one of them wants it
        return "demand"
