from odoo import fields, models
from odoo.fields import Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    noojee_extension_ids = fields.One2many(
        "noojee.extension",
        "user_id",
        string="Noojee extension",
        readonly=True,
        help="The line of this user's calls. Noojee administrators set it.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "noojee_extension_ids"]

    def write(self, vals):
        result = super().write(vals)
        if not {"active", "company_ids"}.isdisjoint(vals):
            self._noojee_leave_desks()
        return result

    def unlink(self):
        # sudo: whoever deletes users need not have the phone
        entries_sudo = self.env["noojee.missed.call"].sudo()
        entries_sudo = entries_sudo.search(
            Domain("state", "!=", "done")
            & (
                Domain("user_id", "in", self.ids)
                | Domain("claimed_by_id", "in", self.ids)
            )
        )
        # their activities go with them: an entry that still names one while PostgreSQL
        # takes its user away may be refused, which the age of its triggers decides
        entries_sudo.activity_id = False
        result = super().unlink()
        for entry_sudo in entries_sudo:
            entry_sudo._leave()
        return result

    def _noojee_leave_desks(self):
        """Take these users from the desks where they may not sit any more."""
        # sudo: whoever edits users need not be one of Noojee's administrators
        lines_sudo = self.sudo().noojee_extension_ids
        lines_sudo.filtered(
            lambda line: (
                not line.user_id.active
                or line.company_id not in line.user_id.company_ids
            )
        ).user_id = False

    def _noojee_may_call_back(self, company):
        """Whether a company's missed calls may be this user's to call back."""
        # sudo: whether somebody has the phone at all
        user_sudo = self.sudo()
        return (
            user_sudo.active
            and company in user_sudo.company_ids
            and user_sudo.has_group("noojee.group_user")
        )

    def _noojee_notify_to_call(self):
        """Tell these users' browsers that their list of whom to call has changed."""
        for user in self:
            # sudo: whether somebody has the phone at all
            if user.sudo().has_group("noojee.group_user"):
                user._bus_send("noojee.phone/to_call", {})
