from odoo import models

from .noojee_command import KINDS


class NoojeeCommand(models.Model):
    """What became of a wish, in one line on its record."""

    _inherit = "noojee.command"

    def _log_outcomes(self):
        """Leave a trace of the outcome on each record that has a chatter."""
        by_chatter = self.grouped(lambda command: command._chatter_key())
        for (model, lang), commands in by_chatter.items():
            if model not in self.env or "message_ids" not in self.env[model]:
                continue
            records = self.env[model].browse(commands.mapped("res_id")).exists()
            bodies = {
                command.res_id: command.with_context(lang=lang)._outcome_words()
                for command in commands
                if command.res_id in records._ids
            }
            records._message_log_batch(bodies)

    def _chatter_key(self):
        lang = self.user_id.lang or self.company_id.partner_id.lang
        return self.res_model, lang

    def _in_words_of_user(self):
        """This command, speaking the language of whoever's line it is."""
        return self.with_context(lang=self._chatter_key()[1])

    def _kind_words(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return labels.get(self.kind, dict(KINDS)[self.kind])

    def _outcome_words(self):
        match self.state:
            case "done":
                return self._done_words()
            case "armed":
                return self._armed_words()
            case "queued":
                return self.env._(
                    "%(why_not)s It is tried again.", why_not=self._why_not_words()
                )
        return self._why_not_words()

    def _done_words(self):
        user, tag = self.user_id.name, self.tag
        match self.kind:
            case "call":
                number = self.call_id._number_to_all()
                return self.env._(
                    "%(user)s's desk was rung to call %(number)s.",
                    user=user,
                    number=number,
                )
            case "hang_up":
                return self.env._("%(user)s's call was hung up.", user=user)
            case "start_recording" if tag:
                return self.env._("Recording started, tagged %(tag)s.", tag=tag)
            case "start_recording":
                return self.env._("Recording started.")
            case "stop_recording":
                return self.env._("Recording stopped.")
        return self.env._("Recording tagged %(tag)s.", tag=tag)

    def _why_not_words(self):
        words = {"reason": self.reason or ""}
        match self.kind:
            case "call":
                return self.env._("Not called: %(reason)s", **words)
            case "hang_up":
                return self.env._("The call was not hung up: %(reason)s", **words)
            case "start_recording":
                return self.env._("The call was not recorded: %(reason)s", **words)
            case "stop_recording":
                return self.env._("Recording was not stopped: %(reason)s", **words)
        return self.env._("The recording was not tagged: %(reason)s", **words)

    def _armed_words(self):
        words = {
            "user": self.user_id.name,
            "customer": self.commercial_partner_id.name or self.record_name,
        }
        if self.kind == "tag_recording":
            return self.env._(
                "The recording of the next call of %(user)s with %(customer)s will be "
                "tagged.",
                **words,
            )
        return self.env._(
            "The next call of %(user)s with %(customer)s will be recorded.", **words
        )

    def _ended_words(self):
        if self.call_id.state == "ended":
            return self.env._("The call had ended.")
        return self.env._("The call had left %(user)s's desk.", user=self.user_id.name)

    def _deleted_words(self):
        return self.env._("The record has been deleted.")

    def _maybe_dialled_words(self):
        return self.env._(
            "Whether the desk rang is not known, and nobody is rung twice. Call from "
            "the record where it did not."
        )
