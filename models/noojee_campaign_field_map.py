import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..client import FieldKind

LEAD = "crm.lead"
RELATIONS = ("many2one", "one2many", "many2many")
TEXTS = ("char", "text", "html")
NUMBERS = ("integer", "float", "monetary")
SENDABLE = (*TEXTS, *NUMBERS, *RELATIONS, "boolean", "date", "datetime", "selection")
# what each kind of campaign field can be filled from; text takes all
FITTING = {
    FieldKind.PHONE: ("char",),
    FieldKind.DATE: ("date", "datetime"),
    FieldKind.DATETIME: ("date", "datetime"),
    FieldKind.NUMBER: NUMBERS,
    FieldKind.TEXT: SENDABLE,
}
# names that campaigns use, in small letters without signs → a lead's field
PROPOSALS = {
    **dict.fromkeys(
        ("name", "fullname", "contact", "contactname", "customer"), "contact_name"
    ),
    **dict.fromkeys(
        ("phone", "telephone", "phonenumber", "homephone", "workphone"), "phone"
    ),
    **dict.fromkeys(("mobile", "mobilephone", "cell"), "mobile"),
    **dict.fromkeys(("email", "emailaddress"), "email_from"),
    **dict.fromkeys(
        ("company", "companyname", "business", "organisation"), "partner_name"
    ),
    **dict.fromkeys(("address", "address1", "streetaddress"), "street"),
    "address2": "street2",
    **dict.fromkeys(("suburb", "town"), "city"),
    **dict.fromkeys(("state", "region"), "state_id"),
    **dict.fromkeys(("postcode", "postalcode"), "zip"),
    **dict.fromkeys(("note", "notes", "comment", "comments"), "description"),
    **dict.fromkeys(("title", "subject"), "name"),
}


class NoojeeCampaignField(models.Model):
    """What a field is filled from: a field of the lead, or what can be reached from
    there, or a fixed text."""

    _inherit = "noojee.campaign.field"

    # the field selector asks a record for the model that its path begins at
    lead_model = fields.Char(compute="_compute_lead_model")
    lead_path = fields.Char(
        string="Lead's field",
        help="A field of the lead, or one that can be reached from there, for example "
        "the city of its contact.",
    )
    lead_label = fields.Char(string="Called in Odoo", compute="_compute_lead_label")
    fixed_text = fields.Char(
        string="Text", help="Sent where the lead's field is empty, or none is chosen."
    )

    def _compute_lead_model(self):
        self.lead_model = LEAD

    @api.depends("lead_path")
    def _compute_lead_label(self):
        for field in self:
            field.lead_label = " → ".join(field._path_labels()) or False

    @api.constrains("lead_path")
    def _check_lead_path(self):
        for field in self.filtered("lead_path"):
            if fault := field._path_fault():
                raise ValidationError(fault)

    def _complete(self):
        result = super()._complete()
        self._propose()
        return result

    def _propose(self):
        """Fill what is not filled yet from the lead's field of that name."""
        for field in self:
            if field.lead_path or field.fixed_text:
                continue
            path = field._proposed_path()
            if path and not field._path_fault(path):
                field.lead_path = path

    def _proposed_path(self):
        name = plain(self.name)
        lead_fields = self.env[LEAD]._fields
        if name in PROPOSALS:
            return PROPOSALS[name] in lead_fields and PROPOSALS[name]
        if name in lead_fields:
            return name
        labels = (
            fname for fname, f in lead_fields.items() if plain(f.string or "") == name
        )
        return next(labels, False)

    def _kind(self):
        kind = FieldKind.of(self.wire_type)
        return FieldKind.PHONE if self.is_phone else kind

    def _is_filled(self):
        return bool(self.lead_path or self.fixed_text)

    def _path_labels(self):
        """The path in the words of Odoo's screens."""
        model = self.env[LEAD]
        for name in (self.lead_path or "").split("."):
            if not (found := model._fields.get(name)):
                return
            yield found._description_string(self.env)
            model = self.env[found.comodel_name] if found.relational else model

    def _path_fault(self, path=None):
        """Why this cannot be filled by that path, or False."""
        model, field = self.env[LEAD], None
        for name in (path or self.lead_path).split("."):
            if field and field.type not in RELATIONS:
                field = None
                break
            model = self.env[field.comodel_name] if field else model
            field = model._fields.get(name)
            if not field:
                break
        if not field:
            return self.env._(
                "%(field)s: no field of a lead is reached by %(path)s. Choose another.",
                field=self.name,
                path=path or self.lead_path,
            )
        if field.type not in SENDABLE or field.type not in FITTING[self._kind()]:
            return self.env._(
                "%(field)s cannot be filled from “%(label)s”: what it holds is of "
                "another type. Choose another field.",
                field=self.name,
                label=field._description_string(self.env),
            )
        return False


def plain(name):
    """A name in small letters without signs: so two spellings can be compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
