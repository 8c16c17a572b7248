from odoo import api, fields, models

from . import transaction

# so many at once come where a PBX tells faster than events are taken in
FLOOD = 20
# in a step of some hundredths of a second: a card may wait for it
AT_ONCE = 10


class NoojeeCall(models.Model):
    """In a flood of events what people wait for goes first: the lines in the chatter
    are written when nothing else is to be taken in."""

    _inherit = "noojee.call"

    is_line_due = fields.Boolean(
        copy=False, help="Its line in the chatter is to be written, or written anew."
    )
    _line_due_idx = models.Index("(id) WHERE is_line_due IS TRUE")

    def _follow_chatter(self, events):
        """Have these calls' lines written, now or soon.

        :param events: with which they changed
        """
        if len(events) < FLOOD:
            self._update_chatter()
            return
        # sudo: events come from the PBX, not from a user
        with_line_sudo = self.sudo().filtered(lambda call: call._has_line())
        with_line_sudo.is_line_due = True

    def _update_chatter(self):
        result = super()._update_chatter()
        # sudo: as there; one whose line cannot be written has been logged
        self.sudo().filtered("is_line_due").is_line_due = False
        return result

    @api.model
    def _write_due_lines(self):
        """Write some lines that were put off, in a transaction of its own.

        :return: whether there were any
        """
        return transaction.store(self.env.cr, self._write_some_lines)

    @api.model
    def _write_some_lines(self):
        # sudo: as above
        due_sudo = self.sudo().search([("is_line_due", "=", True)], limit=AT_ONCE)
        # those that are left another process is at work on
        calls_sudo = due_sudo.try_lock_for_update()
        with self._knowing() as known:
            calls_sudo._know_records(known)
            calls_sudo._know_asked(calls_sudo.partner_id)
            calls_sudo._update_chatter()
            calls_sudo._tell_lines()
        return bool(calls_sudo)

    def _tell_lines(self):
        """Have chatters that are open show what was written just now."""
        for call in self:
            if (thread := call._chatter_record()) is not None:
                record = {"model": thread._name, "id": thread.id}
                for user in call._users_concerned():
                    user._bus_send("noojee.call/line_written", {"record": record})
