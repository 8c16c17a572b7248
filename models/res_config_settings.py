from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_noojee_see_numbers = fields.Boolean(
        string="Everybody sees full numbers",
        implied_group="noojee.group_see_numbers",
        group="noojee.group_user",
    )
    noojee_pbx_count = fields.Integer(compute="_compute_noojee_pbx_count")

    @api.depends("company_id")
    def _compute_noojee_pbx_count(self):
        for settings in self:
            settings.noojee_pbx_count = self.env["noojee.pbx"].search_count(
                [("company_id", "=", settings.company_id.id)]
            )

    def action_noojee_open_pbx(self):
        """Open the company's PBX; with none yet, the form to set it up."""
        pbx = self.env["noojee.pbx"].search([("company_id", "=", self.company_id.id)])
        if len(pbx) > 1:
            return self.env["ir.actions.actions"]._for_xml_id(
                "noojee.noojee_pbx_action"
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "noojee.pbx",
            "res_id": pbx.id,
            "view_mode": "form",
        }
