from odoo import fields, models

POLICIES = [
    ("warn", "Warn"),
    ("override", "A supervisor may override"),
    ("block", "Block"),
]


class CrmTeam(models.Model):
    _name = "crm.team"
    _inherit = ["crm.team", "noojee.recording.policy"]

    # tracked: who loosened a rule can be told
    noojee_calling_hours_id = fields.Many2one(
        "noojee.calling.hours",
        string="Calling hours",
        tracking=True,
        help="When this team may call, by the customer's clock. Empty: at any time.",
    )
    noojee_hours_policy = fields.Selection(
        POLICIES,
        string="Outside these hours",
        required=True,
        default="block",
        tracking=True,
    )
    noojee_blacklist_policy = fields.Selection(
        POLICIES,
        string="Blacklisted numbers",
        required=True,
        default="override",
        tracking=True,
        help="What happens when somebody of this team calls a number on the phone "
        "blacklist.",
    )
    noojee_missed_minutes = fields.Integer(
        string="Tell the leader after, minutes",
        default=15,
        help="How long a call to this team that nobody answered may wait until "
        "somebody takes it. Then the team's leader gets an activity. 0: never.",
    )

    noojee_record_inbound = fields.Selection(tracking=True)
    noojee_record_outbound = fields.Selection(tracking=True)
    noojee_recording_notice = fields.Selection(tracking=True)
    noojee_needs_voice_signature = fields.Boolean(
        string="Confirm by voice signature",
        tracking=True,
        help="Orders of this team are confirmed only once their customer has signed by "
        "voice what they say.",
    )
