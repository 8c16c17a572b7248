from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MAX_NOTE = 4000
# a call that ended longer ago is not asked about any more
WRAP_UP = timedelta(minutes=10)


class NoojeeCall(models.Model):
    """What a person says about a call: its record, its note and its result."""

    _inherit = "noojee.call"

    result_id = fields.Many2one("noojee.call.result", index="btree_not_null")
    note = fields.Text()
    activity_id = fields.Many2one(
        "mail.activity",
        string="Made for",
        ondelete="set null",
        index="btree_not_null",
        help="The activity that is done with this call's result.",
    )
    is_wrap_up_skipped = fields.Boolean(string="Result not asked for any more")

    def wrap_up(self, result_id, note=None):
        """Say what came of the call, and do what follows from that.

        What cannot be done is told to the user; the result and the note stay.

        :param int result_id: of a ``noojee.call.result``
        :param str note: in plain words; None keeps the one there is
        :raise UserError: when nothing was stored, saying why.
        """
        call_sudo = self._own_call(is_part_needed=True)
        result = self._offered_result(result_id)
        # a second click must not schedule or mark twice
        is_new = call_sudo.result_id != result
        values = {"result_id": result.id, "is_wrap_up_skipped": False}
        if note is not None:
            values["note"] = self._checked_note(note)
        call_sudo.write(values)
        call = self._in_all_companies()
        if is_new:
            self._try(lambda: result._carry_out(call))
        self._try(call._finish_activity)
        call_sudo._update_chatter()
        call_sudo._notify()

    def _offered_result(self, result_id):
        # whichever company the user works in now, the call has its own
        results = self._in_all_companies().env["noojee.call.result"]
        result = results.browse(result_id).exists()
        if not result.active:
            raise UserError(
                self.env._("This result is not offered any more. Choose another one.")
            )
        result.check_access("read")
        # sudo: the call is the user's own
        if result.company_id and result.company_id != self.sudo().company_id:
            raise UserError(
                self.env._(
                    "This result is another company's than the call. Choose another "
                    "one."
                )
            )
        return result

    def skip_wrap_up(self):
        """Ask no more what came of the call."""
        call_sudo = self._own_call(is_part_needed=True)
        call_sudo.is_wrap_up_skipped = True
        call_sudo._notify()

    def set_note(self, note):
        """Note something about the call, in plain words.

        :raise UserError: when it is too long.
        """
        call_sudo = self._own_call()
        call_sudo.note = self._checked_note(note)
        call_sudo._update_chatter()
        call_sudo._notify()

    # === WHOSE IT IS === #

    def _own_call(self, is_part_needed=False):
        """This call with sudo, when it is the user's to write about.

        :param bool is_part_needed: a call that rang at his desk is not enough
        :raise AccessError: when it is a colleague's.
        """
        self.ensure_one()
        self._in_all_companies().check_access("read")
        # sudo: users only read calls; whose this one is is looked at here
        call_sudo = self.sudo()
        is_own = call_sudo._took_part(self.env.user)
        if not is_part_needed:
            is_own = is_own or call_sudo._is_missed_by(self.env.user)
        if not is_own:
            raise AccessError(
                self.env._("Only who dialled or answered a call can write about it.")
            )
        return call_sudo

    def _took_part(self, user):
        """Whether the user dialled or answered this call."""
        channels = [c for c in self.channel_ids if c.user_id == user]
        if not channels:
            # dialled, and not reported yet
            return self.user_id == user and self.direction != "inbound"
        return any(c.answered_at or not c.is_called for c in channels)

    def _is_missed_by(self, user):
        """Whether it rang, or rings, at the user's desk and nobody has answered."""
        return user in self.channel_ids.user_id and not self.answered_at

    def _needs_wrap_up(self, user, ended_at):
        """Whether to ask the user what came of the call that ended for him then."""
        return bool(
            ended_at
            and fields.Datetime.now() - ended_at < WRAP_UP
            and self.has_rung
            and self.direction != "internal"
            and not self.result_id
            and not self.is_wrap_up_skipped
            and self._took_part(user)
        )

    # === STEPS === #

    @api.model
    def _checked_note(self, note):
        # PostgreSQL knows no NUL
        note = str(note or "").replace("\x00", "").strip()
        if len(note) > MAX_NOTE:
            raise UserError(
                self.env._(
                    "The note is too long: %(length)s characters, and %(most)s fit. "
                    "Shorten it, or write the rest on the record.",
                    length=len(note),
                    most=MAX_NOTE,
                )
            )
        return note

    def _try(self, step):
        """Do what follows from a result; a failure is told and undoes nothing else."""
        try:
            with self.env.cr.savepoint():
                step()
        except UserError as error:
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "title": self.env._("The result was stored, but"),
                    "message": str(error),
                    "sticky": True,
                },
            )

    def _finish_activity(self):
        """The activity that the call was made for is done with its result, unless that
        says to try again."""
        if self.activity_id.active and self.result_id.action != "retry":
            feedback = "\n".join(filter(None, [self.result_id.name, self.note]))
            self.activity_id.action_feedback(feedback=feedback)
