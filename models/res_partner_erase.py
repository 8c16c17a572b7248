from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    """Erasing a person, as he may ask."""

    _inherit = "res.partner"

    def action_noojee_erase(self):
        """Erase what telephony knows of these people: numbers, names and notes in
        calls, what was remembered, and recorded audio. Figures stay.

        :raise UserError: by who is no administrator, or while a recording is on hold.
        """
        if not self.env.user.has_group("noojee.group_admin"):
            raise UserError(
                self.env._("Only Noojee administrators erase what is known of people.")
            )
        self.check_access("write")
        # sudo: nobody writes calls; every company's are meant
        people_sudo = self.sudo()
        numbers = {*people_sudo.mapped("phone_sanitized")} - {False}
        remembered_sudo = people_sudo.env["noojee.number"].search(
            [("partner_id", "in", self.ids)]
        )
        numbers |= {*remembered_sudo.mapped("number")}
        # whoever else has such a number is another person
        calls_sudo = people_sudo.env["noojee.call"].search(
            Domain("partner_id", "in", self.ids)
            | Domain("partner_id", "=", False)
            & Domain("number_e164", "in", list(numbers))
        )
        calls_sudo._erase()
        # whoever was on the line signed for them
        people_sudo.env["noojee.voice.signature"]._erase_of(self)
        recordings_sudo = people_sudo.env["noojee.recording"]
        recordings_sudo._without_call_of(self, numbers)._erase()
        people_sudo.env["noojee.command"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        ).unlink()
        remembered_sudo.unlink()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s calls tell nothing of them any more.",
                    count=len(calls_sudo),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
