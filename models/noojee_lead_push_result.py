from odoo import fields, models


class NoojeeLeadPush(models.Model):
    """What agents said of a lead in a campaign."""

    _inherit = "noojee.lead.push"

    entered_at = fields.Datetime(
        help="When the PBX took it in: what is told later does not change that."
    )
    wire_lead_id = fields.Char(
        string="PBX's number of the lead", index="btree_not_null"
    )
    told_disposition = fields.Char(
        help="The last one that Odoo itself gave the lead at the PBX."
    )
    campaign_result_ids = fields.One2many(
        "noojee.campaign.result", "push_id", string="Results"
    )
    last_disposition = fields.Char(
        string="Last disposition", help="As the agent gave it."
    )
    last_disposition_id = fields.Many2one(
        "noojee.campaign.disposition",
        string="Last disposition listed",
        ondelete="set null",
        index="btree_not_null",
    )
    last_dialled_at = fields.Datetime(string="Last call")
    last_agent_id = fields.Many2one(
        "res.users", string="Last agent", index="btree_not_null"
    )

    def _note_result(self, result):
        """Note what was said at the last call."""
        if (
            not self
            or self.last_dialled_at
            and (self.last_dialled_at > result.started_at)
        ):
            return
        self.write(
            {
                "last_disposition": result.disposition,
                "last_disposition_id": result.disposition_id.id,
                "last_dialled_at": result.started_at,
                "last_agent_id": result.user_id.id,
            }
        )

    def _note_done(self, values):
        task, told = self.task, False
        template = self.campaign_id.template_id
        if task == "withdraw":
            told = self._closing_disposition().name
        elif task == "update" and not self.last_disposition:
            # it is sent where nobody has called the lead yet
            told = template.update_disposition_id.name
        result = super()._note_done(values)
        if not self.entered_at:
            self.entered_at = self.sent_at
        if told:
            self.told_disposition = told
        return result
