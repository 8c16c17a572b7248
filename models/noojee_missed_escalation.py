import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .transaction import try_part

_logger = logging.getLogger(__name__)


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
        if self.state == "open" and not self.escalate_at:
            self._plan_escalation(self.first_at)
        return result

    def _give_to(self, user, team):
        before = self.user_id, self.team_id
        result = super()._give_to(user, team)
        if before != (self.user_id, self.team_id):
            self._drop_escalation()
            self.write({"escalate_at": False, "escalated_at": False})
            self._plan_escalation(fields.Datetime.now())
        return result

    def _drop_escalation(self):
        """Somebody sees to it: the leader need not."""
        told = self.activity_ids - self.activity_id
        told.filtered("automated").unlink()

    def write(self, vals):
        state = vals.get("state", "open")
        if state != "open":
            vals = {**vals, "escalate_at": False}
            self._drop_escalation()
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
        self._rehome()
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
            own = self.with_context(lang=user.lang)
            own.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.pbx_id._today_of(user),
                user_id=user.id,
                summary=own._escalation_words(),
            )
        self._tell_lists()

    def _escalation_users(self):
        leader = self.team_id.user_id
        is_of_use = leader.active and leader.has_group("noojee.group_supervisor")
        if is_of_use:
            own = self.with_user(leader).with_context(
                allowed_company_ids=leader.company_ids.ids
            )
            is_of_use = own.has_access("read")
        return leader if is_of_use else self.pbx_id._administrators()

    # === WHOSE WHO CALLS BACK IS NOT THERE ANY MORE === #

    @api.model
    def _rehome(self):
        """Have others call back for users who have left, or lost the phone, their
        company or their team."""
        for name in ("user_id", "claimed_by_id"):
            whose = self._read_group(
                Domain("state", "!=", "done") & Domain(name, "!=", False),
                [name, "company_id", "team_id"],
                ["id:recordset"],
            )
            for user, company, team, entries in whose:
                if not self._may_have(user, company, name == "claimed_by_id" and team):
                    for entry in entries:
                        entry._try_to_leave()

    def _try_to_leave(self):
        """As :meth:`_leave`; what goes wrong with one entry holds up no other."""
        if error := try_part(self.env, self._leave):
            _logger.error("Nobody else can call back: %s", self.ids, exc_info=error)

    @api.model
    def _may_have(self, user, company, team):
        """Whether a user may go on calling back.

        :param team: whose entry he has claimed, if any
        """
        if not user._noojee_may_call_back(company):
            return False
        is_supervisor = user.has_group("noojee.group_supervisor")
        return not team or is_supervisor or user in team.crm_team_member_ids.user_id

    def _leave(self):
        """Whoever has it cannot call back."""
        if self.state == "claimed":
            self._give_back()
            return
        user, team = self._last_for()
        # the owner of a customer may be without a phone
        if user and user == self.user_id:
            return
        if twin := self._twin(user, team):
            self._join(twin)
            return
        self._give_to(user, team)
        self._plan_escalation(fields.Datetime.now())
        self._schedule_call_back()
        self._tell_lists()

    def _twin(self, user, team):
        """The hidden callers of a user or team, which are one entry."""
        return not self.number and self.search(
            Domain("state", "!=", "done")
            & Domain("company_id", "=", self.company_id.id)
            & Domain("number", "=", False)
            & Domain("user_id", "=", user.id)
            & Domain("team_id", "=", team.id)
            & Domain("id", "!=", self.id)
        )

    def _join(self, twin):
        """Have another entry count these calls."""
        count = self.count
        self.call_ids.missed_call_id = twin
        # with the last of its calls an entry goes
        self._uncount(count)
        twin._uncount(-count)

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
