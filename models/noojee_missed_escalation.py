from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class NoojeeMissedCall(models.Model):
    """What nobody takes is brought before the leader of the sales team, once; what
    has none before the PBX's administrators."""

    _inherit = "noojee.missed.call"

    escalate_at = fields.Datetime(
        help="When its team's leader is told, unless somebody takes it before."
    )
    escalated_at = fields.Datetime(string="Leader told at")

    _escalate_idx = models.Index("(escalate_at) WHERE escalate_at IS NOT NULL")

    def _count(self, call):
        result = super()._count(call)
        if self.state == "open":
            self._plan_escalation(self.first_at)
        return result

    def write(self, vals):
        state = vals.get("state", "open")
        if state != "open":
            vals = {**vals, "escalate_at": False}
            # somebody sees to it: the leader need not
            told = self.activity_ids - self.activity_id
            told.filtered("automated").unlink()
        result = super().write(vals)
        if "state" in vals and state == "open":
            # whoever had it has used up the others' time
            for entry in self:
                entry._plan_escalation(fields.Datetime.now())
        return result

    def _plan_escalation(self, since):
        team = self.team_id
        minutes = team.noojee_missed_minutes if team else self.pbx_id.missed_minutes
        if minutes and not self.user_id and not self.escalated_at:
            self.escalate_at = since + timedelta(minutes=minutes)

    @api.model
    def _cron_escalate(self):
        """Tell the leaders of what has waited too long."""
        crons = self.env["ir.cron"]
        due = self.search(Domain("escalate_at", "<=", fields.Datetime.now()))
        crons._commit_progress(remaining=len(due))
        for entry in due:
            # what somebody takes at this moment is left to him
            if locked := entry.try_lock_for_update().filtered("escalate_at"):
                locked._escalate()
            if not crons._commit_progress(1):
                return

    def _escalate(self):
        self.write({"escalate_at": False, "escalated_at": fields.Datetime.now()})
        for user in self._escalation_users():
            own = self.with_context(lang=user.lang, tz=user.tz)
            own.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=fields.Date.context_today(own),
                user_id=user.id,
                summary=own._escalation_words(),
            )
        self._tell_lists()

    def _escalation_users(self):
        leader = self.team_id.user_id
        # others could not even read it
        is_of_use = leader.active and leader.has_group("noojee.group_supervisor")
        return leader if is_of_use else self.pbx_id._administrators()

    def _escalation_words(self):
        # of the number alone: the summary is kept
        number = self.env["res.users"]._noojee_shown_to_all(self._written_number())
        number = number or self.env._("a hidden number")
        if not self.team_id:
            return self.env._("Nobody has called back %(number)s", number=number)
        return self.env._(
            "Nobody of %(team)s has called back %(number)s",
            team=self.team_id.name,
            number=number,
        )
