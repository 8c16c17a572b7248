from odoo import fields, models


class NoojeeCall(models.Model):
    """Erasing a person: what he was in calls goes, that there were calls stays."""

    _inherit = "noojee.call"

    erased_at = fields.Datetime(
        string="Erased", help="Whatever is found of it later does not come back."
    )

    def _erase(self):
        self.recording_ids._erase()
        # before the calls: afterwards nobody finds them
        self.message_id.unlink()
        missed = self.missed_call_id
        self.channel_ids.write({"caller_id": False, "other_number": False})
        self.write(
            {
                "number": False,
                "number_e164": False,
                "caller_id_shown": False,
                "partner_id": False,
                "record_ref": False,
                "note": False,
                "overridden_rules": False,
                "override_reason": False,
                "failure_reason": False,
                "request_token": False,
                "dialled_ref": False,
                "dialled_partner_id": False,
                "erased_at": fields.Datetime.now(),
            }
        )
        missed.unlink()
        commands = self.env["noojee.command"].search([("call_id", "in", self.ids)])
        commands.unlink()
