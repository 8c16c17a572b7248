import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .transaction import try_part

_logger = logging.getLogger(__name__)

PUSH = "noojee_push_lead"
UPDATE = "noojee_update_lead"
LEAD = "crm.lead"
CAMPAIGN_STATES = [
    (PUSH, "Noojee: send to campaign"),
    (UPDATE, "Noojee: update in campaign"),
]


class IrActionsServer(models.Model):
    """Server actions that put leads into campaigns, and keep them up to date there."""

    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[*CAMPAIGN_STATES, ("followers",)],
        ondelete={state: "cascade" for state, _label in CAMPAIGN_STATES},
    )
    noojee_campaign_id = fields.Many2one("noojee.campaign", string="Campaign")
    noojee_allocation_id = fields.Many2one(
        "noojee.campaign.allocation",
        string="Allocation",
        domain="[('campaign_id', '=', noojee_campaign_id)]",
    )
    noojee_priority = fields.Integer(
        string="Lead's priority", default=10, help="0 to 100: lower is called sooner."
    )
    noojee_allow_duplicates = fields.Boolean(
        string="Allow equal numbers",
        help="Send also leads whose number is in the campaign already.",
    )

    def _compute_available_model_ids(self):
        ours = self.filtered(lambda action: action.state in dict(CAMPAIGN_STATES))
        ours.available_model_ids = self.env["ir.model"]._get(LEAD).ids
        return super(IrActionsServer, self - ours)._compute_available_model_ids()

    @api.constrains("state", "model_id", "noojee_campaign_id", "noojee_allocation_id")
    def _check_noojee_campaign(self):
        for action in self.filtered(lambda a: a.state in dict(CAMPAIGN_STATES)):
            if action.model_name != LEAD:
                raise ValidationError(
                    self.env._("Only leads are sent to campaigns. Choose their model.")
                )
            if action.state == UPDATE:
                continue
            allocation = action.noojee_allocation_id
            if not allocation or allocation.campaign_id != action.noojee_campaign_id:
                raise ValidationError(
                    self.env._("Choose a campaign, and one of its allocations.")
                )

    def _generate_action_name(self):
        match self.state:
            case "noojee_push_lead":
                return self.env._("Send to a campaign")
            case "noojee_update_lead":
                return self.env._("Update in campaigns")
        return super()._generate_action_name()

    def _run_action_noojee_push_lead_multi(self, eval_context=None):
        return self._noojee_try_leads(eval_context, self._noojee_push)

    def _run_action_noojee_update_lead_multi(self, eval_context=None):
        return self._noojee_try_leads(eval_context, self._noojee_update)

    def _noojee_try_leads(self, eval_context, step):
        context = eval_context or {}
        leads = context.get("records") or context.get("record")
        if not leads or self._is_recompute():
            return False
        # whatever goes wrong here must not hold up the record's own work
        if error := try_part(self.env, lambda: step(leads)):
            _logger.error("%s sends nothing to campaigns: %s", self.name, error)
            # sudo: whoever runs the action is told on the record
            for lead in leads.sudo():
                lead._message_log(body=str(error))
        return False

    def _noojee_push(self, leads):
        # sudo: the action decides what is sent, not what its user may
        pushes_sudo = self.env["noojee.lead.push"].sudo()
        leads_sudo = leads.sudo()
        leads_sudo -= pushes_sudo._here(leads_sudo, self.noojee_campaign_id).lead_id
        if not leads_sudo:
            return
        place = {
            "campaign_id": self.noojee_campaign_id.id,
            "allocation_id": self.noojee_allocation_id.id,
            "priority": self.noojee_priority,
            "allow_duplicates": self.noojee_allow_duplicates,
        }
        pushes_sudo._start_job(leads_sudo, place, self.env.user)

    def _noojee_update(self, leads):
        # sudo: the action decides what is sent, not what its user may
        pushes_sudo = self.env["noojee.lead.push"].sudo()
        there = [("lead_id", "in", leads.ids), ("state", "=", "sent")]
        pushes_sudo.search(there)._want_update()
