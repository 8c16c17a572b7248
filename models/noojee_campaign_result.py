from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STATES = [
    ("new", "To be worked off"),
    ("unmatched", "No lead"),
    ("failed", "Not all done"),
    ("done", "Done"),
]
# how a record's lead was found
WAYS = [
    ("key", "Our key"),
    ("number", "The PBX's number of the lead"),
    ("phone", "Phone number"),
    ("person", "By hand"),
]


class NoojeeCampaignResult(models.Model):
    """What an agent said came of a call of a campaign: a call record of the PBX, with
    what became of it here.

    Nobody creates or writes these over RPC: the PBX's lists bring them, and people say
    which lead one belongs to.
    """

    _name = "noojee.campaign.result"
    _description = "Result of a campaign's call"
    _order = "started_at desc, id desc"

    # As the PBX lists it
    wire_id = fields.Char(string="Number at the PBX", required=True)
    row = fields.Json(groups="noojee.group_admin", help="As it came.")
    name = fields.Char(string="Called", help="As the PBX names whom it called.")
    disposition = fields.Char(string="Disposition at the PBX")
    agent_login = fields.Char(string="Agent's login")
    unique_id = fields.Char(string="Unique call id")
    lead_key = fields.Char(string="Key of the lead")
    wire_lead_id = fields.Char(string="PBX's number of the lead")
    started_at = fields.Datetime(string="Start")
    duration = fields.Integer(string="Seconds")
    has_duration = fields.Boolean()
    phone_number = fields.Char(groups="noojee.group_see_numbers")
    number_e164 = fields.Char(groups="noojee.group_see_numbers")
    local_number = fields.Char(
        string="Number",
        compute="_compute_local_number",
        compute_sudo=True,
        help="As the user may see it.",
    )
    tag = fields.Char()

    # Where it belongs
    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    template_id = fields.Many2one(
        related="campaign_id.template_id", store=True, index=True
    )
    campaign_id = fields.Many2one(
        "noojee.campaign", required=True, ondelete="cascade", index=True
    )
    allocation_id = fields.Many2one("noojee.campaign.allocation", ondelete="set null")
    disposition_id = fields.Many2one(
        "noojee.campaign.disposition",
        ondelete="set null",
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users", string="Agent", index=True, help="Who sat at the agent's desk."
    )
    push_id = fields.Many2one(
        "noojee.lead.push", ondelete="set null", index="btree_not_null"
    )
    lead_id = fields.Many2one("crm.lead", ondelete="set null", index="btree_not_null")
    found_by = fields.Selection(WAYS, string="Lead found by")
    call_id = fields.Many2one(
        "noojee.call", ondelete="set null", index="btree_not_null"
    )

    # What became of it
    state = fields.Selection(STATES, required=True, default="new", index=True)
    reason = fields.Char()
    turn = fields.Integer(
        default=1, help="Counts the dispositions: the rules of each are applied once."
    )
    done_turn = fields.Integer(help="Of the last disposition that all was done for.")
    step_ids = fields.One2many("noojee.campaign.result.step", "campaign_result_id")
    rule_result_id = fields.Many2one(
        "noojee.call.result",
        ondelete="set null",
        help="The call's result that a rule gave it.",
    )
    is_refresh_tried = fields.Boolean(
        help="The PBX's dispositions were read anew for it."
    )
    erased_at = fields.Datetime(help="What is listed of it later does not come back.")

    _wire_id_unique = models.Constraint(
        "unique(campaign_id, wire_id)", "A campaign has each call record once."
    )
    _unique_id_idx = models.Index(
        "(pbx_id, unique_id) WHERE unique_id IS NOT NULL AND call_id IS NOT NULL"
    )
    _new_idx = models.Index("(pbx_id, id) WHERE state = 'new'")

    @api.depends("phone_number", "number_e164", "pbx_id")
    @api.depends_context("uid")
    def _compute_local_number(self):
        for result in self:
            number = result.phone_number
            if result.number_e164:
                number = result.pbx_id._local_format(result.number_e164)
            result.local_number = self.env.user._noojee_shown(number or False)

    @api.depends("name", "lead_id", "disposition")
    @api.depends_context("uid")
    def _compute_display_name(self):
        for result in self:
            # sudo: a lead's name is told to who may see its result
            who = result.sudo().lead_id.name or result.name or result.local_number
            names = [who or self.env._("Unknown"), result.disposition]
            result.display_name = " · ".join(filter(None, names))

    # === BUTTONS === #

    def action_fetch_now(self):
        """Have the call records of these PBXs read, or of all."""
        return self.campaign_id.action_fetch_results()

    def action_retry(self):
        """Do again what could not be done, or look for the lead again."""
        self._check_may_work()
        # sudo: nobody writes results; these are among those that may be seen
        open_sudo = self.sudo().filtered(
            lambda result: result.state in ("failed", "unmatched")
        )
        if not open_sudo:
            raise UserError(self.env._("There is nothing left to be done of these."))
        open_sudo._want_refresh()
        open_sudo._want_work()

    def action_create_lead(self):
        """Open a new lead that is filled by what the PBX told; saved, it is linked."""
        self._check_may_work()
        self.ensure_one()
        self._check_without_lead()
        # sudo: supervisors see numbers
        number = self.sudo().phone_number
        if e164 := self.sudo().number_e164:
            number = self.pbx_id._formatted(e164, "INTERNATIONAL") or e164
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New lead"),
            "res_model": "crm.lead",
            "views": [(False, "form")],
            "target": "current",
            "context": {
                "default_type": "lead",
                "default_name": self._lead_title(),
                "default_contact_name": self.name,
                "default_phone": number,
                "default_company_id": self.company_id.id,
                "default_user_id": self.user_id.id,
                "noojee_campaign_result_id": self.id,
            },
        }

    def _lead_title(self):
        who = self.name or self.local_number or self.env._("Unknown")
        return f"{self.campaign_id.name}: {who}"

    def action_open_lead(self):
        self.ensure_one()
        self.check_access("read")
        if not self.lead_id:
            raise UserError(self.env._("This result belongs to no lead yet."))
        return self.lead_id.get_formview_action()

    def action_open_call(self):
        self.ensure_one()
        self.check_access("read")
        return self.call_id.get_formview_action()

    def _link_to(self, lead):
        """Say which lead these belong to: all that follows is done after commit.

        :raise UserError: where a lead cannot have them.
        """
        self._check_may_work()
        self._check_without_lead()
        lead.check_access("write")
        for result in self:
            if reason := result._company_fault(lead):
                raise UserError(reason)
        # sudo: nobody writes results; these are among those that may be seen
        self.sudo().write({"lead_id": lead.id, "found_by": "person"})
        self.sudo()._want_work()

    def _check_without_lead(self):
        if self.lead_id:
            raise UserError(self.env._("This result belongs to a lead already."))

    def _company_fault(self, lead):
        """Why a lead cannot be this PBX's, or False."""
        if not lead.company_id or lead.company_id == self.company_id:
            return False
        return self.env._(
            "%(lead)s is another company's than %(pbx)s.",
            lead=lead.name,
            pbx=self.pbx_id.name,
        )

    def _want_work(self):
        self.write({"state": "new", "reason": False})
        # sudo: whoever asks need not see jobs
        self.env.ref("noojee.ir_cron_fetch_results").sudo()._trigger()

    @api.model
    def _check_may_work(self):
        """:raise AccessError: for whoever only sees results"""
        self.check_access("read")
        if not self.env.user.has_group("noojee.group_supervisor"):
            raise AccessError(
                self.env._("Supervisors work on results. Ask one of them.")
            )
