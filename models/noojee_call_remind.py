from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_time, plaintext2html

CALL_ACTIVITY = "mail.mail_activity_data_call"


class NoojeeCall(models.Model):
    """What a person does with a number that must not be called now."""

    _inherit = "noojee.call"

    @api.model
    def remind(self, res_model, res_id, number):
        """Schedule a call for the day when the number may be called.

        :param str res_model: name and
        :param int res_id: id of the record to call
        :param str number: as given to :meth:`dial`
        :return: words that say when
        """
        user = self.env.user
        record, findings = self._look_again(res_model, res_id, number)
        moments = [finding["opens_at"] for finding in findings]
        if not all(moments):
            raise UserError(
                self.env._("There is no time at which this number may be called.")
            )
        now = fields.Datetime.now()
        opens_at = max([now, *moments])
        zone = self._clock_of(user)
        day = self._day_of(opens_at, zone)
        if listed := self._to_call_of(record):
            # whoever stands on the list stands there once
            listed.write({"date_deadline": day, "noojee_put_off_at": now})
        else:
            time = format_time(self.env, opens_at, tz=zone, time_format="H:mm")
            words = self.env._("May be called from %(time)s", time=time)
            self._schedule_call(record, user, day, words)
        return self.env._(
            "You will find %(name)s in your calls to make: from %(when)s.",
            name=record.display_name,
            when=self._when_words(opens_at, user, now),
        )

    @api.model
    def ask_supervisor(self, res_model, res_id, number):
        """Ask the leader of the sales team to call, or to have it called.

        :return: words that say who was asked
        :raise UserError: where nobody can be asked.
        """
        user = self.env.user
        record, findings = self._look_again(res_model, res_id, number)
        supervisor = self._supervisor_of(record, user, findings)
        if not supervisor:
            raise UserError(
                self.env._("Your sales team has no leader who could allow this call.")
            )
        words = "\n".join(f"{f['title']}. {f['message']}" for f in findings)
        self._schedule_call(
            record,
            supervisor,
            self._today_of(supervisor),
            self.env._("%(user)s asks: may this call be made now?", user=user.name),
            note=plaintext2html(f"{self._written_to_all(number)}\n{words}"),
        )
        return self.env._("%(supervisor)s has been asked.", supervisor=supervisor.name)

    @api.model
    def _look_again(self, res_model, res_id, number):
        """The record, and what speaks against calling it now: a browser may be old."""
        record = self._record_to_read(res_model, res_id)
        if not record:
            raise UserError(self.env._("This record has been deleted."))
        partner = self._partner_of(record)
        number = self._number_meant(number)
        # whoever has no line, and calls with a program, is put off too
        e164 = self._number_to_check(number, record, partner)
        return record, self._may_call(e164, record, partner)

    @api.model
    def _written_to_all(self, number):
        return self.env["res.users"]._noojee_shown_to_all(self._number_meant(number))

    @api.model
    def _schedule_call(self, record, user, day, summary, note=""):
        """Schedule a call activity, once however often it is asked for."""
        known = record.activity_ids.filtered(
            lambda activity: (
                activity.user_id == user
                and activity.date_deadline == day
                and activity.summary == summary
            )
        )
        if not known:
            record.activity_schedule(
                CALL_ACTIVITY,
                date_deadline=day,
                summary=summary,
                note=note,
                user_id=user.id,
                automated=False,
            )
            user._bus_send("noojee.phone/to_call", {})

    @api.model
    def _supervisor_of(self, record, user, findings):
        """Who may override what the user may not: the team's leader, or nobody."""
        leader = self._team_of(record, user).sudo().user_id
        is_of_use = not all(f["can_override"] for f in findings) and not any(
            f["policy"] == "block" for f in findings
        )
        if (
            is_of_use
            and leader != user
            and leader
            and leader.has_group("noojee.group_supervisor")
        ):
            return leader
        return leader.browse()

    @api.model
    def _activity_record(self, record, partner):
        """On which of both an activity can be scheduled, if any."""
        return next(
            (found for found in (record, partner) if found and "activity_ids" in found),
            None,
        )
