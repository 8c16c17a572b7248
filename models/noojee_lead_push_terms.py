from odoo import fields, models


class NoojeeLeadPushTerms(models.AbstractModel):
    """How leads are sent: what the PBX is told beside the lead's own fields."""

    _name = "noojee.lead.push.terms"
    _description = "How leads are sent to a campaign"

    call_back_at = fields.Datetime(
        string="Call back at", help="Empty: new leads, first come, first served."
    )
    priority = fields.Integer(default=10, help="0 to 100: lower is called sooner.")
    contact_hours = fields.Char(
        string="Contact hours", help="Name of the contact hours at the PBX."
    )
    allow_duplicates = fields.Boolean(
        string="Allow equal numbers",
        help="Send also leads whose number is in the campaign already.",
    )
