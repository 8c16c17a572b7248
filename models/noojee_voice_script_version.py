from odoo import api, fields, models
from odoo.exceptions import UserError


class NoojeeVoiceScriptVersion(models.Model):
    """A script as it was read: never edited, never deleted."""

    _name = "noojee.voice.script.version"
    _inherit = ["noojee.voice.text"]
    _description = "Version of a voice signature script"
    _order = "script_id, number desc"

    script_id = fields.Many2one(
        "noojee.voice.script", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="script_id.company_id", store=True)
    number = fields.Integer(string="Version", required=True, aggregator=None)
    digest = fields.Char(
        string="SHA-256", required=True, help="Of the wording in all languages."
    )
    is_frozen = fields.Boolean(help="It has been made: nothing of it changes.")
    notice = fields.Text(string="Notice of recording", translate=True)
    passage_ids = fields.One2many(
        "noojee.voice.script.passage", "version_id", string="Passages"
    )
    signature_ids = fields.One2many(
        "noojee.voice.signature", "version_id", string="Signatures"
    )
    signature_count = fields.Integer(
        string="Times read", compute="_compute_signature_count"
    )

    _number_unique = models.Constraint(
        "unique(script_id, number)", "A script has each version once."
    )

    @api.depends("script_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(script)s, version %(number)s",
                script=version.script_id.name,
                number=version.number,
            )

    def _compute_signature_count(self):
        # sudo: a figure alone, whoever may see the takes
        counts = dict(
            self.env["noojee.voice.signature"]
            .sudo()
            ._read_group([("version_id", "in", self.ids)], ["version_id"], ["__count"])
        )
        for version in self:
            version.signature_count = counts.get(version.sudo(), 0)

    def write(self, vals):
        self._check_not_frozen()
        return super().write(vals)

    def _update_field_translations(self, field_name, *args, **kwargs):
        self._check_not_frozen()
        return super()._update_field_translations(field_name, *args, **kwargs)

    def _check_not_frozen(self):
        """:raise UserError: for what has been made already."""
        if self.filtered("is_frozen"):
            raise UserError(
                self.env._("A version stays as it was read. Edit the script instead.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Versions of a script are kept."))

    def _read_to(self, order):
        """What is read for an order.

        :return: list of ``{"title", "text", "is_notice"}``, the notice first
        :raise UserError: where a text does not fit the order.
        """
        notice = {
            "title": self.env._("Notice of recording"),
            "text": self._spoken("notice", order),
            "is_notice": True,
        }
        passages = [
            {
                "title": passage._title_for(order),
                "text": passage._spoken("body", order),
                "is_notice": False,
            }
            for passage in self.passage_ids
        ]
        return [notice, *passages]
