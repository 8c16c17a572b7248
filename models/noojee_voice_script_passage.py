from odoo import api, fields, models


class NoojeeVoiceScriptPassage(models.Model):
    """One thing that is read and answered: of a script as it is edited, or of a
    version as it was read."""

    _name = "noojee.voice.script.passage"
    _inherit = ["noojee.voice.text"]
    _description = "Passage of a voice signature script"
    _order = "sequence, id"
    _rec_name = "title"

    script_id = fields.Many2one(
        "noojee.voice.script", ondelete="cascade", index="btree_not_null"
    )
    version_id = fields.Many2one(
        "noojee.voice.script.version",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    sequence = fields.Integer(default=10)
    title = fields.Char(required=True, translate=True)
    body = fields.Text(
        string="Text",
        required=True,
        translate=True,
        help="With the order's figures, for example {{ object.partner_id.name }} or "
        "{{ format_amount(object.amount_total, object.currency_id) }}.",
    )

    @api.constrains("version_id")
    def _check_version_id(self):
        # nothing is added to it either
        self.version_id._check_not_frozen()

    def write(self, vals):
        self.version_id._check_not_frozen()
        return super().write(vals)

    def _update_field_translations(self, field_name, *args, **kwargs):
        self.version_id._check_not_frozen()
        return super()._update_field_translations(field_name, *args, **kwargs)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_read(self):
        self.version_id._check_not_frozen()

    def _title_for(self, order):
        return self.with_context(lang=self._language_of(order)).title

    def _freeze(self, version):
        """Copy this into a version."""
        frozen = self.create(
            {
                "version_id": version.id,
                "sequence": self.sequence,
                "title": self.title,
                "body": self.body,
            }
        )
        for fname in ("title", "body"):
            frozen._take_translations(fname, self)
