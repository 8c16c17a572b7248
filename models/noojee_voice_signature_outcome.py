from odoo import fields, models


class NoojeeVoiceSignature(models.Model):
    """What becomes of a take."""

    _inherit = "noojee.voice.signature"

    def _declined_passages(self):
        return self.passage_ids.filtered(lambda passage: passage.answer == "no")

    def _open_passages(self):
        return self.passage_ids.filtered(lambda passage: not passage.answer)

    def _in_words_of_agent(self):
        return self.with_context(lang=self.user_id.lang)

    def _recording_stopped(self):
        """The recording of these has ended, by whatever."""
        for signature in self.filtered(lambda take: take.state == "recording"):
            own = signature._in_words_of_agent()
            if own.call_id.objection_at:
                words = own.env._("The customer objected to being recorded.")
                own._end("declined", words)
            elif own.finished_at:
                own._conclude()
            elif own.call_id.state == "ended":
                words = own.env._("The call ended before all was read.")
                own._end("incomplete", words)
            else:
                words = own.env._("Recording was stopped before all was read.")
                own._end("incomplete", words)

    def _conclude(self):
        """All that is going to be read was read."""
        own = self._in_words_of_agent()
        declined, still_open = own._declined_passages(), own._open_passages()
        if declined:
            titles = ", ".join(declined.mapped("title"))
            words = own.env._("Answered no: %(titles)s.", titles=titles)
            own._end("declined", words)
            if declined - own.passage_ids.filtered("is_notice"):
                own._void_earlier()
        elif still_open or own.is_given_up:
            words = own.env._("Given up by %(name)s.", name=own.user_id.name)
            own._end("incomplete", words)
        elif words := own._void_words():
            own._end("void", words)
        else:
            own._end("signed", False)

    def _end(self, state, reason):
        values = {"state": state, "reason": reason}
        if state == "signed":
            values["signed_at"] = self.finished_at or fields.Datetime.now()
        self.write(values)
        if state == "signed":
            self._supersede()
        self._log()
        self._tell()

    def _earlier_signed(self):
        return self.search(
            [
                ("order_id", "=", self.order_id.id),
                ("state", "=", "signed"),
                ("id", "!=", self.id),
            ]
        )

    def _supersede(self):
        """Earlier signatures of the order stay, and say which one counts now."""
        earlier = self._earlier_signed()
        earlier.filtered(lambda take: not take.superseded_by_id).superseded_by_id = self

    def _void_earlier(self):
        """Who says no to the order now agrees to it no more."""
        for earlier in self._earlier_signed():
            own = earlier._in_words_of_agent()
            words = own.env._(
                "The customer said no in take %(number)s.", number=self.number
            )
            own._end("void", words)

    def _void_changed(self):
        """Make void which of these were signed for something else than their orders
        say now."""
        for signature in self:
            own = signature._in_words_of_agent()
            if words := own._void_words():
                own._end("void", words)

    def _void_words(self):
        """Why the order is not what was signed; False where it is."""
        if self.order_id.state == "cancel":
            return self.env._("The order was cancelled.")
        if self.order_id._noojee_digest() != self.order_sha256:
            return self._changed_words()
        return False

    def _changed_words(self):
        if not self.order_content:
            return self.env._("The order was changed.")
        return self.env._(
            "The order was changed: %(parts)s.",
            parts=self.order_id._noojee_changes(self.order_content),
        )

    def _log(self):
        """Say on the order what became of this."""
        words = self.env._(
            "Voice signature, %(take)s: %(state)s.",
            take=self.display_name,
            state=dict(self._fields["state"]._description_selection(self.env))[
                self.state
            ],
        )
        body = f"{words} {self.reason}" if self.reason else words
        self.order_id._message_log(body=body)
