from odoo import fields, models


class NoojeeCampaign(models.Model):
    """A campaign of a PBX: agents are given its leads, one after the other."""

    _name = "noojee.campaign"
    _description = "Noojee campaign"
    _inherit = ["noojee.campaign.part"]

    allocation_ids = fields.One2many("noojee.campaign.allocation", "campaign_id")
    result_count = fields.Integer(compute="_compute_result_count")
    results_reason = fields.Text(related="pbx_id.results_reason")

    _wire_id_unique = models.Constraint(
        "unique(template_id, wire_id)", "A template has each campaign once."
    )

    def _compute_result_count(self):
        counts = dict(
            self.env["noojee.campaign.result"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
            )
        )
        for campaign in self:
            campaign.result_count = counts.get(campaign, 0)

    def action_fetch_results(self):
        """Have the call records of these campaigns' PBXs read, or of all."""
        pbxs = self.pbx_id or self.env["noojee.pbx"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        usable = pbxs.filtered("has_api_key")
        return (usable or pbxs)._fetch_results_now()

    def action_open_results(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_campaign_result_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        action["context"] = {}
        return action
