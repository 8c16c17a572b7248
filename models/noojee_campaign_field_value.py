from zoneinfo import ZoneInfo

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import float_repr, html2plaintext

from ..client import FieldKind, lead_date, lead_moment


class NoojeeCampaignField(models.Model):
    """The text that a lead's value becomes at the PBX."""

    _inherit = "noojee.campaign.field"

    preview_value = fields.Char(
        string="Preview", compute="_compute_preview", help="As it would be sent."
    )
    preview_problem = fields.Char(string="Problem", compute="_compute_preview")

    @api.depends(
        "template_id.preview_lead_id",
        "lead_path",
        "fixed_text",
        "is_required",
        "is_phone",
    )
    def _compute_preview(self):
        for field in self:
            field.preview_value = field.preview_problem = False
            lead = field.template_id.preview_lead_id
            if not lead:
                continue
            try:
                value, problem, e164 = field._value_of(lead._origin)
                value = self.env.user._noojee_shown(value) if e164 else value
            except AccessError:
                value, problem = False, self.env._("You may not read this field.")
            field.preview_value, field.preview_problem = value or False, problem

    def _value_of(self, lead):
        """What is sent of a lead.

        :return: ``(text, what is wrong or False, E.164 of a phone field or False)``
        """
        text = ""
        if self.lead_path:
            if fault := self._path_fault():
                return "", fault, False
            text = self._read(lead)
        text = text or self.fixed_text or ""
        e164, problem = False, False
        if text and self._kind() is FieldKind.PHONE:
            text, e164, problem = self._dialled(text, lead)
        if not text and not problem and self.is_required:
            problem = self.env._(
                "%(field)s is required by the campaign, and empty.", field=self.name
            )
        return text, problem, e164

    def _read(self, lead):
        *way, name = self.lead_path.split(".")
        record = lead
        for relation in way:
            record = record[relation][:1]
        return self._written(record, name) if record else ""

    def _written(self, record, name):
        field, value = record._fields[name], record[name]
        match field.type:
            case "boolean":
                return self.env._("Yes") if value else self.env._("No")
            case "integer":
                return str(value)
            case "float" | "monetary":
                digits = field.get_digits(self.env) if field.type == "float" else None
                return float_repr(value, digits[1] if digits else 2)
            case "many2one" | "one2many" | "many2many":
                return ", ".join(r.display_name for r in value)
        if not value:
            return ""
        match field.type:
            case "date":
                return lead_date(value)
            case "datetime":
                return self._written_moment(value)
            case "selection":
                return dict(field._description_selection(self.env)).get(value, value)
            case "html":
                return html2plaintext(value).strip()
        return str(value).strip()

    def _written_moment(self, value):
        local = pytz.utc.localize(value).astimezone(ZoneInfo(self.pbx_id.tz))
        is_day = self._kind() is FieldKind.DATE
        return lead_date(local) if is_day else lead_moment(local)

    def _dialled(self, number, lead):
        """:return: ``(number as the PBX dials it, its E.164, what is wrong)``"""
        calls = self.env["noojee.call"]
        country = calls._country_of(lead, calls._partner_of(lead))
        try:
            dialled, e164 = self.pbx_id._dial_form(number, country)
        except UserError as error:
            # it is kept with the receipt, for all to read
            users = self.env["res.users"]
            return "", False, users._noojee_words_to_all(str(error), number)
        if not e164:
            shown = self.env["res.users"]._noojee_shown_to_all(number)
            return "", False, self.env._("%(number)s is an extension.", number=shown)
        return dialled, e164, False
