from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import format_time

from .noojee_call_remind import CALL_ACTIVITY

# who is told that a list of missed calls has changed, and how
CHANNEL = "noojee.missed"
CHANGED = "noojee.missed/changed"


class NoojeeMissedCall(models.Model):
    """Missed numbers follow the calls, and whoever is to call back is told."""

    _inherit = "noojee.missed.call"

    @api.model
    def _put(self, calls):
        """Count missed calls at their numbers' entries, or open some."""
        calls = calls._not_reached_since()
        if not calls:
            return
        keys = {call: self._key_of(call) for call in calls}
        entries = self._entries_of(keys)
        for call, key in keys.items():
            entries[key]._count(call)
        self.union(*entries.values())._tell_lists()

    @api.model
    def _key_of(self, call):
        """:return: values of :meth:`_key` of the entry that a call belongs to"""
        number = call._missed_number()
        if number:
            return call.company_id.id, number
        user, team = call._missed_for()
        return call.company_id.id, number, user.id, team.id

    @api.model
    def _entries_of(self, keys):
        """:param dict keys: by the calls
        :return: for each key its entry that is not done
        """
        first = {}
        for call, key in keys.items():
            first.setdefault(key, call)
        companies, numbers = zip(*(key[:2] for key in first), strict=True)
        listed = self.search(
            Domain("state", "!=", "done")
            & Domain("company_id", "in", set(companies))
            & Domain("number", "in", set(numbers))
        )
        known = {entry._key(): entry for entry in listed}
        quiet = self.with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )
        missing = [call for key, call in first.items() if key not in known]
        created = quiet.create([self._values_for(call) for call in missing])
        return known | {entry._key(): entry for entry in created}

    @api.model
    def _values_for(self, call):
        user, team = call._missed_for()
        return {
            "company_id": call.company_id.id,
            "number": call._missed_number(),
            "user_id": user.id,
            "team_id": team.id,
            "pbx_id": call.pbx_id.id,
        }

    def _key(self):
        """What only one entry that is not done may have."""
        if self.number:
            return self.company_id.id, self.number
        return self.company_id.id, self.number, self.user_id.id, self.team_id.id

    def _count(self, call):
        call.missed_call_id = self
        values = {
            "count": self.count + 1,
            "first_at": min(self.first_at or call.started_at, call.started_at),
            "last_at": max(self.last_at or call.started_at, call.started_at),
        }
        # one that is told late may be an earlier one
        if values["last_at"] == call.started_at:
            values["last_call_id"] = call.id
        self.write(values)
        self._follow_last_call()
        if not self.user_id and not self.team_id:
            rung = call.channel_ids.user_id - self.rung_user_ids
            if rung:
                self.rung_user_ids = [Command.link(user.id) for user in rung]
        self._schedule_call_back()

    def _last_call(self):
        # it may have been deleted
        return self.last_call_id or self.call_ids.sorted("started_at")[-1:]

    def _last_for(self):
        """For whom the last call is, see noojee.call; nobody where all were deleted."""
        if call := self._last_call():
            return call._missed_for()
        return self.env["res.users"], self.env["crm.team"]

    def _follow_last_call(self):
        """Have it be for whom the last call is for; whoever claimed it keeps it."""
        user, team = self._last_for()
        # at a desk of nobody's: that takes it from nobody
        if self.number and (user or team):
            self._give_to(user, team)

    def _give_to(self, user, team):
        if (self.user_id, self.team_id) == (user, team) or self.claimed_by_id:
            return
        # whose it was sees it go
        self._tell_lists()
        self.write({"user_id": user.id, "team_id": team.id})

    @api.model
    def _take_back(self, calls):
        """Count these calls no more: somebody answered them after all."""
        for entry, counted in calls.grouped("missed_call_id").items():
            counted.missed_call_id = False
            entry._uncount(len(counted))

    def _uncount(self, count):
        """Count some calls less, which are not this entry's any more; an entry that
        none is left of goes."""
        count = self.count - count
        is_open = self.state != "done"
        if not count and is_open:
            self._tell_lists()
            self._drop_call_back()
            self.unlink()
            return
        values = {"count": count}
        if calls := self.call_ids.sorted(lambda call: (call.started_at, call.id)):
            values["first_at"] = calls[0].started_at
            values["last_at"] = calls[-1].started_at
            values["last_call_id"] = calls[-1].id
        self.write(values)
        if is_open:
            self._follow_last_call()
            self._schedule_call_back()
            self._tell_lists()

    @api.model
    def _close_reached(self, calls):
        """Close the entries of the numbers that these calls reached."""
        if not calls:
            return
        entries = self.search(
            Domain("state", "!=", "done")
            & Domain("company_id", "in", calls.company_id.ids)
            & Domain("number", "in", [call._missed_number() for call in calls])
        )
        for entry in entries:
            call = calls.filtered(
                lambda call, entry=entry: (
                    call._missed_number() == entry.number
                    and call.company_id == entry.company_id
                    # who called again later still waits
                    and call.answered_at >= entry.last_at
                )
            )[:1]
            if call:
                entry._close(call.user_id, call._reached_words(), call)

    def _close(self, user, words, call=None):
        """:param str words: for whoever was to call back"""
        self.write(
            {
                "state": "done",
                "done_at": fields.Datetime.now(),
                "done_by_id": user.id,
                "closed_call_id": call and call.id,
            }
        )
        # whoever finished it by hand wrote his own words
        self.activity_id.filtered("active").action_feedback(feedback=words)
        self._clear_badges()
        self._tell_lists()

    def _clear_badges(self):
        """None of these calls is new any more to those who missed them."""
        channels = self.env["noojee.call.channel"].search(
            [
                ("call_id.missed_call_id", "in", self.ids),
                ("is_missed_unseen", "=", True),
            ]
        )
        channels.is_missed_unseen = False
        for user in channels.user_id:
            count = self.env["noojee.call"].with_user(user)._missed_count()
            user._bus_send("noojee.phone/missed_seen", {"count": count})

    # === WHO IS TO SEE IT === #

    def _schedule_call_back(self):
        """Have whoever is to call back find it in his list of whom to call."""
        user = self.claimed_by_id or self.user_id
        target = self._call_back_target(user)
        activity = self.activity_id
        place = target and (target._name, target.id)
        if activity.active and (activity.res_model, activity.res_id) != place:
            # another customer, or nobody's number, than was thought before
            self._drop_call_back()
        if not target:
            return
        values = {
            "user_id": user.id,
            "summary": self.with_context(lang=user.lang)._summary(user),
            "date_deadline": self.pbx_id._today_of(user),
        }
        # no mail for each call that was missed
        quiet = {"mail_activity_quick_update": True}
        if self.activity_id.active:
            self.activity_id.with_context(**quiet).write(values)
        else:
            target = target.with_context(**quiet)
            self.activity_id = target.activity_schedule(CALL_ACTIVITY, **values)

    def _drop_call_back(self):
        """Have nobody find it in his list any more."""
        activity = self.activity_id
        # first: an activity that goes by itself is followed
        self.activity_id = False
        activity.unlink()

    def _call_back_is_gone(self, is_cancelled):
        """The activity was deleted: by whoever was to call back, or with its customer.

        What a person cancels on purpose is given back, or done where it is his alone.
        """
        if not is_cancelled:
            self._schedule_call_back()
        elif self.state == "claimed":
            self._give_back()
        else:
            self._close(self.env.user, self.env._("Done without a call."))

    def _call_back_target(self, user):
        """Where the user's activity stands: at the customer whom he may read, else at
        this entry; None where there is nobody to call."""
        if record := self._last_call()._call_back_record(user):
            return record
        may_read = user and user.has_group("noojee.group_user")
        return self if may_read and self.number else None

    def _summary(self, user):
        time = format_time(self.env, self.last_at, tz=user.tz, time_format="H:mm")
        if self.count > 1:
            return self.env._(
                "Call back: missed %(count)s times, last %(time)s",
                count=self.count,
                time=time,
            )
        return self.env._("Call back: missed %(time)s", time=time)

    def _tell_lists(self):
        """Lists that are open show it by themselves."""
        team = self.team_id
        users = team.crm_team_member_ids.user_id | team.user_id | self.rung_user_ids
        (users | self.user_id | self.claimed_by_id)._bus_send(CHANGED, {})
        for company in self.company_id:
            # a channel that only supervisors are let into, see ir.websocket
            self.env["bus.bus"]._sendone((company, CHANNEL), CHANGED, {})
