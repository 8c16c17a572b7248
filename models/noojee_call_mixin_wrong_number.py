from lxml import etree

from odoo import api, fields, models


class NoojeeCallMixin(models.AbstractModel):
    """Numbers of which somebody found out that they are wrong. The number stays, with
    a warning; another one in its place carries none."""

    _inherit = "noojee.call.mixin"

    noojee_wrong_number = fields.Char(
        string="Wrong number",
        copy=False,
        readonly=True,
        groups="noojee.group_see_numbers",
        help="International form of the number that reaches somebody else.",
    )
    noojee_is_wrong_number = fields.Boolean(
        string="Has a wrong number",
        compute="_compute_noojee_is_wrong_number",
        compute_sudo=True,
        groups="noojee.group_user",
    )

    @api.depends(
        lambda self: ("noojee_wrong_number", *self._noojee_own_number_fields())
    )
    def _compute_noojee_is_wrong_number(self):
        for record in self:
            number = record.noojee_wrong_number
            record.noojee_is_wrong_number = bool(number) and record._noojee_has_number(
                number
            )

    @api.model
    def _noojee_own_number_fields(self):
        return [f for f in self._phone_get_number_fields() if f in self._fields]

    def _noojee_has_number(self, e164):
        """Whether a number in its international form is this record's own."""
        self.ensure_one()
        return any(
            self._phone_format(fname=fname) == e164
            for fname in self._noojee_own_number_fields()
            if self[fname]
        )

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and (sheet := arch.find("./sheet")) is not None:
            sheet.addprevious(self._noojee_wrong_number_alert())
        return arch, view

    @api.model
    def _noojee_wrong_number_alert(self):
        alert = etree.Element(
            "div",
            {
                "class": "alert alert-warning mb-0",
                "role": "alert",
                "groups": "noojee.group_user",
                "invisible": "not noojee_is_wrong_number",
            },
        )
        alert.text = self.env._(
            "The phone number is wrong: a call there reached somebody else."
        )
        return alert
