from odoo import api, fields, models


class NoojeeSignOn(models.Model):
    """Who sat at which desk from when until when.

    Nobody writes it: it follows the extensions' users, whoever changes those.
    """

    _name = "noojee.sign.on"
    _description = "Who sat where"
    _order = "since desc, id desc"
    _rec_name = "number"

    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True)
    extension_id = fields.Many2one("noojee.extension", ondelete="set null", index=True)
    number = fields.Char(
        string="Desk", required=True, help="Kept when the extension is deleted."
    )
    user_id = fields.Many2one(
        "res.users", required=True, ondelete="restrict", index=True
    )
    since = fields.Datetime(required=True)
    until = fields.Datetime(help="Empty while the user sits there.")

    _open_extension_unique = models.UniqueIndex(
        "(extension_id) WHERE until IS NULL",
        "Somebody sits at this desk already.",
    )
    _open_user_unique = models.UniqueIndex(
        "(user_id) WHERE until IS NULL", "This user sits at a desk already."
    )

    @api.depends("number", "user_id.name")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.number} · {row.user_id.name}"

    @api.model
    def _follow(self, extensions):
        """Bring the history up to who sits at these extensions now."""
        now = fields.Datetime.now()
        open_rows = self._open_rows(extensions)
        stale = open_rows.filtered(
            lambda row: row.user_id != row.extension_id._occupant()
        )
        stale.until = now
        # in the database first: the user's next row may be opened below
        stale.flush_recordset()
        self.create(
            [
                {
                    "pbx_id": extension.pbx_id.id,
                    "company_id": extension.company_id.id,
                    "extension_id": extension.id,
                    "number": extension.number,
                    "user_id": extension._occupant().id,
                    "since": now,
                }
                for extension in extensions - (open_rows - stale).extension_id
                if extension._occupant()
            ]
        )

    @api.model
    def _close(self, extensions):
        """Nobody sits at these extensions any more."""
        self._open_rows(extensions).until = fields.Datetime.now()

    @api.model
    def _open_rows(self, extensions):
        return self.search(
            [("extension_id", "in", extensions.ids), ("until", "=", False)]
        )
