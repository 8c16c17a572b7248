from odoo import api, fields, models

# those of which something is still to come
OPEN = ("queued", "sending", "waiting")


class NoojeeLeadPushJob(models.Model):
    """Leads that were sent to a campaign together: where to, how, and how far it is.

    Nobody creates or writes jobs over RPC: the wizard and server actions do.
    """

    _name = "noojee.lead.push.job"
    _description = "Noojee push"
    _order = "id desc"

    name = fields.Char(required=True)
    user_id = fields.Many2one("res.users", string="Sent by", required=True)
    template_id = fields.Many2one(related="campaign_id.template_id", store=True)
    campaign_id = fields.Many2one("noojee.campaign", required=True, ondelete="cascade")
    allocation_id = fields.Many2one(
        "noojee.campaign.allocation", required=True, ondelete="cascade"
    )
    pbx_id = fields.Many2one(related="campaign_id.pbx_id", store=True, index=True)
    company_id = fields.Many2one(related="pbx_id.company_id", store=True, index=True)
    call_back_at = fields.Datetime(string="Call back at")
    priority = fields.Integer(default=10)
    contact_hours = fields.Char()
    allow_duplicates = fields.Boolean()
    push_ids = fields.One2many("noojee.lead.push", "job_id")

    total = fields.Integer(string="Leads", compute="_compute_counts")
    sent_count = fields.Integer(string="Sent", compute="_compute_counts")
    refused_count = fields.Integer(string="Not sent", compute="_compute_counts")
    open_count = fields.Integer(string="Still to be sent", compute="_compute_counts")
    waiting_count = fields.Integer(string="Tried again", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts", help="In percent.")

    _priority_range = models.Constraint(
        "CHECK (priority BETWEEN 0 AND 100)", "A priority is between 0 and 100."
    )

    @api.depends("push_ids.state")
    def _compute_counts(self):
        groups = self.env["noojee.lead.push"]._read_group(
            [("job_id", "in", self.ids)], ["job_id", "state"], ["__count"]
        )
        counts = {}
        for job, state, count in groups:
            counts.setdefault(job.id, {})[state] = count
        for job in self:
            by_state = counts.get(job.id, {})
            job.total = sum(by_state.values())
            job.sent_count = by_state.get("sent", 0)
            job.refused_count = by_state.get("refused", 0) + by_state.get(
                "withdrawn", 0
            )
            job.waiting_count = by_state.get("waiting", 0)
            job.open_count = sum(by_state.get(state, 0) for state in OPEN)
            done = job.total - job.open_count
            job.progress = 100 * done / job.total if job.total else 100

    def get_progress(self):
        """How far it is, for the bar.

        :return: ``{"id", "total", "sent", "refused", "waiting", "open", "reason"}``,
            the last one why it does not go on, or False
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: why the PBX is waited for is no secret
        mirror_sudo = self.env["noojee.campaign.mirror"].sudo()._of(self.pbx_id)
        return {
            "id": self.id,
            "total": self.total,
            "sent": self.sent_count,
            "refused": self.refused_count,
            "waiting": self.waiting_count,
            "open": self.open_count,
            "reason": bool(self.open_count) and mirror_sudo._pause_words(),
        }

    def _tell_progress(self):
        """Show those who sent these how far they are."""
        for job in self:
            progress = job.get_progress()
            job.user_id._bus_send("noojee.lead.push/progress", progress)

    def action_open_pushes(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_lead_push_action"
        )
        action["domain"] = [("job_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_stop(self):
        """Do not send what has not been sent yet."""
        self.push_ids.action_stop()

    def action_retry(self):
        """Send again what was refused."""
        self.push_ids.filtered(lambda push: push.state == "refused").action_retry()
