from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class CrmLead(models.Model):
    """Leads that are in campaigns."""

    _inherit = "crm.lead"

    noojee_push_ids = fields.One2many(
        "noojee.lead.push", "lead_id", groups="noojee.group_user"
    )
    noojee_push_count = fields.Integer(
        string="Campaigns",
        compute="_compute_noojee_push_count",
        # a form of a lead asks for nothing more
        store=True,
        groups="noojee.group_user",
    )

    def _auto_init(self):
        # no lead is in a campaign yet: nothing is to be computed of each
        if not column_exists(self.env.cr, self._table, "noojee_push_count"):
            create_column(self.env.cr, self._table, "noojee_push_count", "int4")
        return super()._auto_init()

    @api.depends("noojee_push_ids")
    def _compute_noojee_push_count(self):
        counts = dict(
            self.env["noojee.lead.push"]._read_group(
                [("lead_id", "in", self.ids)], ["lead_id"], ["__count"]
            )
        )
        for lead in self:
            lead.noojee_push_count = counts.get(lead._origin, 0)

    def action_noojee_push(self):
        """Open the wizard that sends these leads to a campaign."""
        self.env["noojee.lead.push"]._check_may_push()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_campaign_push_action"
        )
        action["context"] = {"active_model": self._name, "active_ids": self.ids}
        return action

    def action_noojee_pushes(self):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_lead_push_action"
        )
        action["domain"] = [("lead_id", "in", self.ids)]
        action["context"] = {}
        return action

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        result_id = self.env.context.get("noojee_campaign_result_id")
        result = self.env["noojee.campaign.result"].browse(result_id or []).exists()
        if result and leads and not result.lead_id:
            result._link_to(leads[0])
        return leads

    def write(self, vals):
        result = super().write(vals)
        # sudo: nobody writes the outbox; campaigns follow what users change
        self.env["noojee.lead.push"].sudo()._note_changed([("lead_id", "in", self.ids)])
        return result

    def unlink(self):
        # sudo: nobody writes the outbox; campaigns are told of what has gone
        pushes_sudo = self.env["noojee.lead.push"].sudo()
        pushes_sudo.search([("lead_id", "in", self.ids)])._leave(
            self.env._("The lead has been deleted.")
        )
        return super().unlink()
