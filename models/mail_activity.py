from odoo import api, fields, models

# what of an activity the list of whom to call depends on
LISTED_BY = {
    "active",
    "activity_type_id",
    "date_deadline",
    "noojee_put_off_at",
    "res_id",
    "summary",
    "user_id",
}


class MailActivity(models.Model):
    """Whoever's list of whom to call changes is told."""

    _inherit = "mail.activity"

    noojee_put_off_at = fields.Datetime(
        string="Dialled or put off",
        copy=False,
        help="Since then it stands behind the others among the calls to make.",
    )

    def _compute_res_name(self):
        result = super()._compute_res_name()
        # it is stored: whoever reads it is not asked then
        for activity in self:
            if activity.res_model == "noojee.missed.call" and activity.res_id:
                entry = self.env[activity.res_model].browse(activity.res_id)
                activity.res_name = entry._name_to_all()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._noojee_listed_users()._noojee_notify_to_call()
        return activities

    def write(self, vals):
        if LISTED_BY.isdisjoint(vals):
            return super().write(vals)
        if "date_deadline" in vals:
            # on its new day it is as good as any other
            vals = {"noojee_put_off_at": False, **vals}
        users = self._noojee_listed_users()
        result = super().write(vals)
        (users | self._noojee_listed_users())._noojee_notify_to_call()
        return result

    def unlink(self):
        users = self._noojee_listed_users()
        entries_sudo = self._noojee_entries()
        result = super().unlink()
        users._noojee_notify_to_call()
        for entry_sudo in entries_sudo:
            # with its customer it goes by sudo, who is nobody in particular
            entry_sudo._call_back_is_gone(is_cancelled=not self.env.su)
        return result

    def _noojee_entries(self):
        """The missed numbers that these are to call back."""
        # sudo: users only read missed numbers; what is done here is done there
        entries_sudo = self.env["noojee.missed.call"].sudo()
        return entries_sudo.search(
            [("activity_id", "in", self.ids), ("state", "!=", "done")]
        )

    def _noojee_listed_users(self):
        """Whose list of whom to call these are on."""
        # a day more: it is tomorrow already where some users are
        latest = fields.Date.add(fields.Date.today(), days=1)
        # sudo: only who is to be told is looked at
        return (
            self.sudo()
            .filtered(
                lambda activity: (
                    activity.activity_category == "phonecall"
                    and activity.active
                    and activity.date_deadline <= latest
                )
            )
            .user_id
        )

    def _action_done(self, feedback=False, attachment_ids=None):
        entries_sudo = self._noojee_entries()
        result = super()._action_done(feedback, attachment_ids)
        if entries_sudo:
            entries_sudo._close(self.env.user, feedback)
        return result
