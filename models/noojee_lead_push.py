from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

TASKS = [("insert", "Send"), ("update", "Update"), ("withdraw", "Withdraw")]
STATES = [
    ("queued", "Queued"),
    ("sending", "Sending"),
    ("waiting", "Tried again"),
    ("sent", "In the campaign"),
    ("refused", "Not sent"),
    ("withdrawn", "Withdrawn"),
]


class NoojeeLeadPush(models.Model):
    """A lead in a campaign: an outbox of what is to be told to the PBX, and the receipt
    of what was."""

    _name = "noojee.lead.push"
    _description = "Lead in a campaign"
    _order = "id desc"
    _rec_name = "lead_name"

    job_id = fields.Many2one(
        "noojee.lead.push.job",
        string="Push",
        required=True,
        ondelete="cascade",
        index=True,
    )
    lead_id = fields.Many2one("crm.lead", ondelete="set null", index="btree_not_null")
    lead_name = fields.Char(
        string="Lead's name", help="As it was called when it was queued."
    )
    lead_key = fields.Char(
        string="Key at the PBX",
        required=True,
        readonly=True,
        help="By which the PBX finds this lead again, whatever becomes of it here.",
    )
    campaign_id = fields.Many2one("noojee.campaign", required=True, ondelete="cascade")
    allocation_id = fields.Many2one(
        "noojee.campaign.allocation", required=True, ondelete="cascade"
    )
    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    task = fields.Selection(
        TASKS, required=True, default="insert", help="What is told to the PBX next."
    )
    state = fields.Selection(STATES, required=True, default="queued", index=True)
    code = fields.Integer(string="PBX's code")
    reason = fields.Char()
    attempts = fields.Integer()
    is_maybe_done = fields.Boolean(
        string="Perhaps sent", help="The PBX's answer was lost."
    )
    is_stale = fields.Boolean(help="The lead has changed since.")
    is_update_wanted = fields.Boolean(
        help="Whether or not the template updates by itself."
    )
    due_at = fields.Datetime(string="Due", default=fields.Datetime.now)
    sent_at = fields.Datetime(string="Sent at")
    sent_values = fields.Json(
        groups=fields.NO_ACCESS,
        help="Campaign field's name → text that the PBX has, or may have.",
    )

    _key_unique = models.Constraint(
        "unique(pbx_id, lead_key)", "A key means one lead of a PBX."
    )
    _lead_unique = models.UniqueIndex(
        "(campaign_id, lead_id) WHERE lead_id IS NOT NULL AND state != 'withdrawn'",
        "A lead is in a campaign once.",
    )
    # asked whenever the job looks for work
    _due_idx = models.Index(
        "(pbx_id, due_at) WHERE state IN ('queued', 'sending', 'waiting') OR is_stale"
    )

    def action_retry(self):
        """Send again what was refused, and at once what waits for its next attempt.

        :raise UserError: where nothing of it was.
        """
        self._check_may_push()
        # sudo: nobody writes the outbox; these are among those that may be seen
        unsent_sudo = self.sudo().filtered(
            lambda push: push.state in ("refused", "waiting")
        )
        if not unsent_sudo:
            raise UserError(self.env._("Only what was not sent can be sent again."))
        unsent_sudo._requeue()

    def _requeue(self):
        self.write(
            {
                "state": "queued",
                "due_at": fields.Datetime.now(),
                "attempts": 0,
                "reason": False,
                "code": 0,
            }
        )
        self._wake()

    def action_stop(self):
        """Do not send what has not been sent yet."""
        self._check_may_push()
        # sudo: nobody writes the outbox; these are among those that may be seen
        open_sudo = self.sudo().filtered(
            lambda push: (
                push.task == "insert"
                and push.state in ("queued", "waiting")
                and not push.is_maybe_done
            )
        )
        reason = self.env._("%(user)s stopped it.", user=self.env.user.name)
        open_sudo.write({"state": "withdrawn", "reason": reason})
        open_sudo.job_id._tell_progress()

    def action_open_lead(self):
        self.ensure_one()
        self.check_access("read")
        if not self.lead_id:
            raise UserError(self.env._("The lead has been deleted."))
        return self.lead_id.get_formview_action()

    @api.model
    def _check_may_push(self):
        """:raise AccessError: for whoever only sees what was sent."""
        self.check_access("read")
        if not self.env.user.has_group("noojee.group_supervisor"):
            raise AccessError(
                self.env._(
                    "Leads are sent to campaigns by supervisors. Ask one of them."
                )
            )

    @api.model
    def _wake(self, at=None):
        """Wake the job at commit, or at a moment."""
        # sudo: whoever sends need not see jobs
        self.env.ref("noojee.ir_cron_push_leads").sudo()._trigger(at)
