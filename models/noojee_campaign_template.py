from odoo import api, fields, models

from . import campaign_lists


class NoojeeCampaignTemplate(models.Model):
    """A campaign template of a PBX: its campaigns have fields and dispositions in
    common."""

    _name = "noojee.campaign.template"
    _description = "Noojee campaign template"
    _inherit = ["noojee.campaign.mirrored"]
    _above = "pbx_id"

    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="pbx_id.company_id", store=True, index=True)
    faults = fields.Text(
        readonly=True, help="Lists that could not be read at the last refresh."
    )
    campaign_ids = fields.One2many("noojee.campaign", "template_id")
    disposition_ids = fields.One2many("noojee.campaign.disposition", "template_id")
    field_ids = fields.One2many("noojee.campaign.field", "template_id")
    campaign_count = fields.Integer(compute="_compute_campaign_count")
    rule_ids = fields.One2many(
        "noojee.campaign.rule", "template_id", groups="noojee.group_supervisor"
    )
    rule_count = fields.Integer(
        compute="_compute_rule_count", groups="noojee.group_supervisor"
    )

    _wire_id_unique = models.Constraint(
        "unique(pbx_id, wire_id)", "A PBX lists each template once."
    )

    def _compute_campaign_count(self):
        counts = dict(
            self.env["noojee.campaign"]._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.campaign_count = counts.get(template, 0)

    @api.depends("rule_ids")
    def _compute_rule_count(self):
        for template in self:
            template.rule_count = len(template.rule_ids)

    def action_refresh(self):
        """Have all lists read anew: of these templates' PBXs, or of every PBX."""
        self.check_access("write")
        pbxs = self.pbx_id or self.env["noojee.pbx"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        usable = pbxs.filtered("has_api_key")
        return (usable or pbxs).action_refresh_campaigns()

    def action_open_campaigns(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_campaign_action"
        )
        action["domain"] = [("template_id", "=", self.id)]
        return action

    def action_open_rules(self):
        """Open what follows from each disposition."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_campaign_rule_action"
        )
        action["domain"] = [("template_id", "=", self.id)]
        action["context"] = {"default_template_id": self.id}
        return action

    def _take_in(self, lists):
        """Mirror what is below this template.

        :param lists: :class:`TemplateLists`
        """
        self.ensure_one()
        campaigns = self.env["noojee.campaign"]._mirror(self, lists.campaigns)
        for wire_id, campaign in campaigns.items():
            rows = lists.allocations.get(wire_id)
            self.env["noojee.campaign.allocation"]._mirror(campaign, rows)
        self.env["noojee.campaign.disposition"]._mirror(self, lists.dispositions)
        self.env["noojee.campaign.field"]._mirror(self, lists.fields)
        self._follow({"faults": self._fault_words(lists.faults)})

    def _fault_words(self, faults):
        names = {
            campaign_lists.CAMPAIGNS: self.env._("campaigns"),
            campaign_lists.ALLOCATIONS: self.env._("allocations"),
            campaign_lists.DISPOSITIONS: self.env._("dispositions"),
            campaign_lists.FIELDS: self.env._("fields"),
        }
        words = [
            self.env._(
                "The %(list)s of %(template)s could not be read, and are as they were: "
                "%(reason)s",
                list=names[part],
                template=self.name,
                reason=self.pbx_id._explain_campaign_list(error),
            )
            for part, error in faults.items()
        ]
        return "\n".join(words) or False
