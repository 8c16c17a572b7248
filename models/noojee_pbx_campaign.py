from odoo import api, fields, models
from odoo.exceptions import UserError

from ..client import HttpError


class NoojeePbx(models.Model):
    """The campaigns of a PBX."""

    _inherit = "noojee.pbx"

    template_ids = fields.One2many("noojee.campaign.template", "pbx_id")
    template_count = fields.Integer(compute="_compute_template_count")
    campaigns_refreshed_at = fields.Datetime(
        string="Campaigns read at", compute="_compute_campaign_mirror"
    )
    campaigns_reason = fields.Text(compute="_compute_campaign_mirror")
    results_read_at = fields.Datetime(
        string="Results read at", compute="_compute_campaign_mirror"
    )
    results_reason = fields.Text(compute="_compute_campaign_mirror")

    def _compute_template_count(self):
        counts = dict(
            self.env["noojee.campaign.template"]._read_group(
                [("pbx_id", "in", self.ids)], ["pbx_id"], ["__count"]
            )
        )
        for pbx in self:
            pbx.template_count = counts.get(pbx, 0)

    def _compute_campaign_mirror(self):
        # sudo: when the lists were read is no secret
        mirrors_sudo = self.env["noojee.campaign.mirror"].sudo()
        rows = mirrors_sudo.search([("pbx_id", "in", self.ids)])
        by_pbx = {row.pbx_id.id: row for row in rows}
        for pbx in self:
            row = by_pbx.get(pbx.id, mirrors_sudo)
            pbx.campaigns_refreshed_at = row.refreshed_at
            pbx.campaigns_reason = row.reason
            pbx.results_read_at = row.results_read_at
            pbx.results_reason = row.results_reason

    def action_refresh_campaigns(self):
        """Have templates, campaigns and what is below them read anew, after commit.

        :return: a notification; another one tells what came of it
        :raise UserError: while this PBX is not set up, or switched off.
        """
        self.check_access("write")
        if not self:
            raise UserError(self.env._("There is no PBX yet to read campaigns from."))
        for pbx in self:
            pbx._check_usable()
            # sudo: nobody writes these rows, they note what happened
            self.env["noojee.campaign.mirror"].sudo()._of(pbx)._want(self.env.user)
        return self._tell_begun(
            self.env._(
                "The campaigns of %(pbxs)s are being read.",
                pbxs=", ".join(self.mapped("name")),
            )
        )

    @api.model
    def _tell_begun(self, message):
        """:return: a notification that a job has begun; another one tells what came of
        it"""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message},
        }

    def action_open_templates(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_campaign_template_action"
        )
        action["domain"] = [("pbx_id", "=", self.id)]
        return action

    def _explain_campaign_list(self, error):
        """What it means that one of the lists could not be read."""
        if isinstance(error, HttpError) and error.status == 404:
            return self.env._("%(pbx)s does not know this list.", pbx=self.name)
        return self._explain(error)
