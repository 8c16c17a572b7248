from odoo import api, fields, models
from odoo.exceptions import UserError


class NoojeeCampaignPush(models.TransientModel):
    """Sends the chosen leads to a campaign, and tells before what will become of
    them."""

    _name = "noojee.campaign.push"
    _description = "Send leads to a campaign"
    _inherit = ["noojee.lead.push.terms"]

    template_id = fields.Many2one(
        "noojee.campaign.template",
        required=True,
        default=lambda self: self._only("noojee.campaign.template"),
        domain="[('company_id', 'in', allowed_company_ids)]",
    )
    campaign_id = fields.Many2one(
        "noojee.campaign",
        required=True,
        compute="_compute_campaign_id",
        store=True,
        readonly=False,
        domain="[('template_id', '=', template_id)]",
    )
    allocation_id = fields.Many2one(
        "noojee.campaign.allocation",
        required=True,
        compute="_compute_allocation_id",
        store=True,
        readonly=False,
        domain="[('campaign_id', '=', campaign_id)]",
    )
    problem = fields.Text(compute="_compute_problem")

    @api.model
    def _only(self, model):
        """The one that there is to choose, if it is one."""
        found = self.env[model].search(
            [("company_id", "in", self.env.companies.ids)], limit=2
        )
        return found if len(found) == 1 else False

    @api.depends("template_id")
    def _compute_campaign_id(self):
        for wizard in self:
            campaigns = wizard.template_id.campaign_ids
            if wizard.campaign_id not in campaigns:
                wizard.campaign_id = campaigns if len(campaigns) == 1 else False

    @api.depends("campaign_id")
    def _compute_allocation_id(self):
        for wizard in self:
            allocations = wizard.campaign_id.allocation_ids
            if wizard.allocation_id not in allocations:
                wizard.allocation_id = allocations if len(allocations) == 1 else False

    @api.depends("template_id", "campaign_id", "allocation_id")
    def _compute_problem(self):
        pushes = self.env["noojee.lead.push"]
        for wizard in self:
            template = wizard.template_id
            if wizard.campaign_id and wizard.allocation_id:
                fault = pushes._place_fault(wizard.campaign_id, wizard.allocation_id)
            elif template:
                is_mapped = template._phone_fields()
                fault = not is_mapped and template._mapping_problems()[0]
            else:
                fault = wizard._no_template_fault()
            wizard.problem = fault

    def _no_template_fault(self):
        """Why there is nothing to choose, or False."""
        known = self.env["noojee.campaign.template"].search_count(
            [("company_id", "in", self.env.companies.ids)], limit=1
        )
        return not known and self.env._(
            "No campaigns are known yet. An administrator can have them read from the "
            "PBX under Noojee → Campaigns → Templates and mapping."
        )

    def action_push(self):
        """Queue the leads.

        :return: action that shows how far they are
        :raise UserError: where nothing can be sent.
        """
        self.ensure_one()
        pushes = self.env["noojee.lead.push"]
        pushes._check_may_push()
        parts = self._parts()
        # those without a number get a receipt that says so
        leads = self._leads() - parts["there"] - parts["other_company"]
        leads.check_access("read")
        if not leads:
            raise UserError(
                self.env._("None of these leads is left to be sent to the campaign.")
            )
        place = {
            "campaign_id": self.campaign_id.id,
            "allocation_id": self.allocation_id.id,
            "call_back_at": self.call_back_at,
            "priority": self.priority,
            "contact_hours": self.contact_hours,
            "allow_duplicates": self.allow_duplicates,
        }
        for record in (self.campaign_id, self.allocation_id):
            record.check_access("read")
        # sudo: nobody writes the outbox; whoever is here may send
        job_sudo = pushes.sudo()._start_job(leads, place, self.env.user)
        return {
            "type": "ir.actions.act_window",
            "name": job_sudo.name,
            "res_model": "noojee.lead.push.job",
            "res_id": job_sudo.id,
            "views": [
                (self.env.ref("noojee.noojee_lead_push_job_view_dialog").id, "form")
            ],
            "target": "new",
        }
