from odoo import api, fields, models
from odoo.exceptions import UserError

LEAD = "crm.lead"


class NoojeeCampaignPush(models.TransientModel):
    """Sends the chosen leads to a campaign, and tells before what will become of
    them."""

    _name = "noojee.campaign.push"
    _description = "Send leads to a campaign"

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
    call_back_at = fields.Datetime(
        string="Call back at",
        help="Empty: new leads, first come, first served.",
    )
    priority = fields.Integer(default=10, help="0 to 100: lower is called sooner.")
    contact_hours = fields.Char(help="Name of the contact hours at the PBX.")
    allow_duplicates = fields.Boolean(
        string="Allow equal numbers",
        help="Send also leads whose number is in the campaign already.",
    )

    lead_count = fields.Integer(string="Chosen", compute="_compute_counts")
    there_count = fields.Integer(
        string="In the campaign already", compute="_compute_counts"
    )
    unnumbered_count = fields.Integer(
        string="Without a number", compute="_compute_counts"
    )
    blocked_count = fields.Integer(string="Not to be called", compute="_compute_counts")
    closed_count = fields.Integer(string="Won or lost", compute="_compute_counts")
    other_company_count = fields.Integer(
        string="Of another company", compute="_compute_counts"
    )
    sendable_count = fields.Integer(string="To be sent", compute="_compute_counts")
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

    @api.depends("template_id", "campaign_id", "call_back_at")
    @api.depends_context("active_ids", "active_model")
    def _compute_counts(self):
        for wizard in self:
            parts = wizard._parts()
            wizard.lead_count = len(wizard._leads())
            wizard.there_count = len(parts["there"])
            wizard.other_company_count = len(parts["other_company"])
            wizard.closed_count = len(parts["closed"])
            wizard.unnumbered_count = len(parts["unnumbered"])
            wizard.blocked_count = len(parts["blocked"])
            wizard.sendable_count = len(parts["sendable"])

    @api.depends("template_id", "campaign_id", "allocation_id")
    def _compute_problem(self):
        pushes = self.env["noojee.lead.push"]
        for wizard in self:
            template = wizard.template_id
            if wizard.campaign_id and wizard.allocation_id:
                fault = pushes._place_fault(wizard.campaign_id, wizard.allocation_id)
            else:
                is_mapped = not template or template._phone_fields()
                fault = not is_mapped and template._mapping_problems()[0]
            wizard.problem = fault

    def _leads(self):
        """The leads that were chosen in the list or form."""
        leads = self.env[LEAD]
        if self.env.context.get("active_model") != LEAD:
            return leads
        return leads.browse(self.env.context.get("active_ids") or []).exists()

    def _parts(self):
        """The chosen leads by what will become of them.

        :return: dict of ``there``, ``other_company``, ``closed``, ``unnumbered``,
            ``blocked`` and ``sendable`` to leads
        """
        left = self._leads()
        pushes = self.env["noojee.lead.push"].sudo()
        parts = {"there": left.browse()}
        if self.campaign_id:
            here = pushes._here(left, self.campaign_id)
            parts["there"] = here.filtered(lambda p: p.state != "refused").lead_id
        parts["there"] = left & parts["there"].with_env(self.env)
        left -= parts["there"]
        company = self.template_id.company_id
        parts["other_company"] = left.filtered(
            lambda lead: company and not pushes._is_of_company(lead, company)
        )
        left -= parts["other_company"]
        parts["closed"] = left.filtered(
            lambda lead: not lead.active or lead.won_status != "pending"
        )
        left -= parts["closed"]
        numbers = {lead.id: self._numbers_of(lead) for lead in left}
        parts["unnumbered"] = left.filtered(lambda lead: not numbers[lead.id])
        left -= parts["unnumbered"]
        blacklisted = pushes._blacklisted([n for ns in numbers.values() for n in ns])
        parts["blocked"] = left.filtered(
            lambda lead: (
                blacklisted & set(numbers[lead.id])
                or self._is_closed_then(lead, numbers[lead.id])
            )
        )
        parts["sendable"] = left - parts["blocked"]
        return parts

    def _numbers_of(self, lead):
        """What the lead can be called at, in E.164."""
        found = []
        for field in self.template_id._phone_fields():
            if field.lead_path == "phone" and lead.phone_sanitized:
                # it is kept in this form: thousands are not to be read one by one
                found.append(lead.phone_sanitized)
            else:
                found.append(field._value_of(lead)[2])
        return [number for number in found if number]

    def _is_closed_then(self, lead, numbers):
        """Whether a call at the chosen moment is out of the calling hours."""
        if not self.call_back_at:
            return False
        calls = self.env["noojee.call"]
        return any(
            calls._may_call(number, lead, at=self.call_back_at) for number in numbers
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
