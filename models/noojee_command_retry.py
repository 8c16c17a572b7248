from odoo import api, fields, models
from odoo.exceptions import UserError

from .noojee_command import TAGGED


class NoojeeCommand(models.Model):
    """Trying again what has failed, by a person's click."""

    _inherit = "noojee.command"

    def action_retry(self):
        """Put failed commands into the queue again.

        :return: a notification that tells which could not be, or None
        :raise UserError: in plain words, where none of them can be.
        """
        self.check_access("read")
        # sudo: users do not write commands; these are among those they may see
        failed_sudo = self.sudo().filtered(lambda command: command.state == "failed")
        if not failed_sudo:
            raise UserError(self.env._("Only what has failed can be tried again."))
        refusals = {}
        for command_sudo in failed_sudo:
            try:
                command_sudo.write(command_sudo._prepare_retry())
            except UserError as refusal:
                refusals[command_sudo] = str(refusal)
        if len(refusals) == len(failed_sudo):
            raise UserError(self._refusal_words(refusals))
        self._wake()
        return self._tell_refusals(refusals) if refusals else None

    @api.model
    def _refusal_words(self, refusals):
        return "\n".join(
            self.env._(
                "%(kind)s, %(record)s: %(reason)s",
                kind=command._kind_words(),
                record=command.record_name or "–",
                reason=reason,
            )
            for command, reason in refusals.items()
        )

    @api.model
    def _tell_refusals(self, refusals):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Not all of them can be tried again"),
                "message": self._refusal_words(refusals),
                "sticky": True,
                # the list is read again
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _prepare_retry(self):
        """:raise UserError: in plain words, where it is not to be tried again."""
        if self._is_orphan():
            raise UserError(self._deleted_words())
        values = {"state": "queued", "due_at": fields.Datetime.now(), "attempts": 0}
        if self.kind == "call":
            return values | self._prepare_dial_retry()
        if not self.call_id:
            values |= self._prepare_late_bound()
        elif self._is_over():
            raise UserError(self._ended_words())
        return values | self._prepare_tag_anew()

    def _prepare_dial_retry(self):
        if self.is_maybe_done:
            raise UserError(self._maybe_dialled_words())
        if not self.expires_at or self.expires_at <= fields.Datetime.now():
            raise UserError(
                self.env._(
                    "A call is placed within a minute of the wish, or not at all. Call "
                    "from the record instead."
                )
            )
        return {}

    def _prepare_late_bound(self):
        """Where no call ran: one with that customer may run by now."""
        user, reason, record = self.user_id, self.reason, self._record()
        if not user and self.action_id and record:
            # somebody may have been named meanwhile
            user, reason = self.action_id._noojee_lines_by_record(record)[record.id]
        if not user:
            raise UserError(reason)
        if words := self._no_line_words(user):
            raise UserError(words)
        channel = self._running_at(user).get(user.id)
        is_known = self._is_about_somebody(self)
        if not channel or (is_known and not self._is_meant(channel.call_id)):
            raise UserError(
                self.env._("%(user)s is in no call with this customer.", user=user.name)
            )
        return {"user_id": user.id, **self._prepare_bound(channel)}

    def _prepare_tag_anew(self):
        """The tag by the action as it is now: an administrator may have mended it."""
        action, record = self.action_id, self._record()
        is_as_it_was = action._noojee_kind() == self.kind if action else False
        if self.kind not in TAGGED or not is_as_it_was or not record:
            return {}
        tag, failure = action._noojee_render_tags(record)[record.id]
        tag, failure = self._check_tag(self.kind, tag, failure)
        if failure:
            raise UserError(failure)
        return {"tag": tag}
