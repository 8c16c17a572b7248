from odoo import api, fields, models

from ..client import FieldKind


class NoojeeCampaignTemplate(models.Model):
    """Which of a lead's values fill a template's fields, and what is still amiss."""

    _inherit = "noojee.campaign.template"

    preview_lead_id = fields.Many2one(
        "crm.lead",
        string="Preview on",
        compute="_compute_preview_lead_id",
        readonly=False,
        help="The newest lead that you may read, or any other that you choose.",
    )
    mapping_problem = fields.Text(compute="_compute_mapping_problem")

    @api.depends("pbx_id")
    def _compute_preview_lead_id(self):
        leads = self.env["crm.lead"]
        newest = leads.has_access("read") and leads.search(
            [("phone", "!=", False)], order="id desc", limit=1
        )
        self.preview_lead_id = newest or False

    @api.depends(
        "field_ids.lead_path",
        "field_ids.fixed_text",
        "field_ids.is_required",
        "field_ids.is_phone",
    )
    def _compute_mapping_problem(self):
        for template in self:
            template.mapping_problem = "\n".join(template._mapping_problems()) or False

    def _mapping_problems(self):
        problems = []
        if not self._phone_fields():
            problems.append(
                self.env._(
                    "No phone field of %(template)s is filled: no lead can be sent "
                    "there. Choose which field of a lead holds the number.",
                    template=self.name,
                )
            )
        for field in self.field_ids:
            if field.is_required and not field._is_filled():
                problems.append(
                    self.env._(
                        "%(field)s is required by the campaign, and not filled.",
                        field=field.name,
                    )
                )
        gone = self._gone_fields()
        if gone:
            problems.append(
                self.env._(
                    "Gone at the PBX, and not sent any more: %(fields)s.",
                    fields=", ".join(gone.mapped("name")),
                )
            )
        return problems

    def _gone_fields(self):
        everything = self.env["noojee.campaign.field"].with_context(active_test=False)
        gone = everything.search(
            [("template_id", "in", self._origin.ids), ("active", "=", False)]
        )
        return gone.filtered(lambda field: field._is_filled())

    def _sent_fields(self):
        """The fields that are filled, as long as the PBX lists them."""
        return self.field_ids.filtered(lambda f: f.active and f._is_filled())

    def _phone_fields(self):
        is_phone = FieldKind.PHONE
        return self._sent_fields().filtered(lambda field: field._kind() is is_phone)

    def action_propose(self):
        """Fill what is not filled yet by what its name suggests."""
        self.check_access("write")
        self.field_ids._propose()
