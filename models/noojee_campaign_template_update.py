from odoo import fields, models

DISPOSITION = "[('template_id', '=', id)]"


class NoojeeCampaignTemplate(models.Model):
    """What the PBX is told when a lead that is in a campaign changes or closes."""

    _inherit = "noojee.campaign.template"

    auto_update = fields.Boolean(
        string="Update changed leads",
        default=True,
        help="Values that change in Odoo are sent to the campaign as well.",
    )
    update_disposition_id = fields.Many2one(
        "noojee.campaign.disposition",
        string="For leads that nobody has called yet",
        domain=DISPOSITION,
        help="The PBX takes changes of such a lead only with a disposition, whose "
        "actions it carries out. Empty: they are not updated.",
    )
    won_disposition_id = fields.Many2one(
        "noojee.campaign.disposition", string="Won leads", domain=DISPOSITION
    )
    lost_disposition_id = fields.Many2one(
        "noojee.campaign.disposition",
        string="Lost and deleted leads",
        domain=DISPOSITION,
    )
    blacklist_disposition_id = fields.Many2one(
        "noojee.campaign.disposition", string="Blacklisted numbers", domain=DISPOSITION
    )
