from odoo import api, fields, models

# those of which something is still to come
OPEN = ("queued", "sending", "waiting")


class NoojeeLeadPushJob(models.Model):
    """Leads that were sent to a campaign together: where to, how, and how far it is.

    Nobody creates or writes jobs over RPC: the wizard and server actions do.
    """

    _name = "noojee.lead.push.job"
    _description = "Noojee push"
    _inherit = ["noojee.lead.push.terms"]
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
    push_ids = fields.One2many("noojee.lead.push", "job_id")

    total = fields.Integer(string="Leads", compute="_compute_counts")
    sent_count = fields.Integer(string="Sent", compute="_compute_counts")
    refused_count = fields.Integer(string="Not sent", compute="_compute_counts")
    withdrawn_count = fields.Integer(
        string="Withdrawn",
        compute="_compute_counts",
        help="They were in the campaign.",
    )
    open_count = fields.Integer(string="Still to be sent", compute="_compute_counts")
    waiting_count = fields.Integer(string="Tried again", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts", help="In percent.")

    _priority_range = models.Constraint(
        "CHECK (priority BETWEEN 0 AND 100)", "A priority is between 0 and 100."
    )

    @api.depends("push_ids.state", "push_ids.sent_at")
    def _compute_counts(self):
        pushes = self.env["noojee.lead.push"]
        ours = [("job_id", "in", self.ids)]
        groups = pushes._read_group(ours, ["job_id", "state"], ["__count"])
        were_there = [("state", "=", "withdrawn"), ("sent_at", "!=", False)]
        withdrawn = dict(
            pushes._read_group([*ours, *were_there], ["job_id"], ["__count"])
        )
        counts = {}
        for job, state, count in groups:
            counts.setdefault(job.id, {})[state] = count
        for job in self:
            by_state = counts.get(job.id, {})
            job.total = sum(by_state.values())
            job.sent_count = by_state.get("sent", 0)
            never_sent = by_state.get("refused", 0) + by_state.get("withdrawn", 0)
            job.withdrawn_count = withdrawn.get(job, 0)
            job.refused_count = never_sent - job.withdrawn_count
            job.waiting_count = by_state.get("waiting", 0)
            job.open_count = sum(by_state.get(state, 0) for state in OPEN)
            done = job.total - job.open_count
            job.progress = 100 * done / job.total if job.total else 100

    def get_progress(self):
        """How far it is, for the bar.

        :return: ``{"id", "total", "sent", "refused", "withdrawn", "waiting", "open",
            "reason"}``, the last one why it does not go on, or False
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "id": self.id,
            "total": self.total,
            "sent": self.sent_count,
            "refused": self.refused_count,
            "withdrawn": self.withdrawn_count,
            "waiting": self.waiting_count,
            "open": self.open_count,
            "reason": bool(self.open_count) and self._pause_words(),
        }

    def _pause_words(self):
        """Why nothing is sent at this moment, or False."""
        # sudo: why the PBX is waited for is no secret
        mirrors_sudo = self.env["noojee.campaign.mirror"].sudo()
        mirror_sudo = mirrors_sudo.search([("pbx_id", "=", self.pbx_id.id)])
        return self.pbx_id._unusable_words() or mirror_sudo._pause_words()

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
        """Send again what was refused, and at once what waits for its next attempt."""
        self.push_ids.action_retry()
