from odoo import api, fields, models


class NoojeeVoiceSignature(models.Model):
    """The audio of a take: it comes home later, and its digest stays when it goes."""

    _inherit = "noojee.voice.signature"

    audio_sha256 = fields.Char(
        string="SHA-256 of the audio",
        help="Of all its parts, one after the other. It stays when the audio is "
        "deleted.",
    )
    audio_size = fields.Integer(string="Bytes")
    audio_parts = fields.Json(
        help="Of each part: leg, unique_id, call_record_id, started_at, seconds, "
        "size and sha256."
    )
    is_audio_missing = fields.Boolean()
    has_audio = fields.Boolean(related="recording_id.has_audio")
    audio_state = fields.Selection(
        [
            ("none", "Nothing was recorded"),
            ("pending", "Audio still being fetched"),
            ("stored", "Audio kept"),
            ("deleted", "Audio deleted"),
            ("missing", "Audio missing"),
        ],
        string="Audio",
        compute="_compute_audio_state",
        compute_sudo=True,
    )

    @api.depends(
        "recording_id.state",
        "recording_id.has_audio",
        "audio_sha256",
        "is_audio_missing",
    )
    def _compute_audio_state(self):
        for signature in self:
            if not signature.recording_id:
                signature.audio_state = "none"
            elif signature.is_audio_missing:
                signature.audio_state = "missing"
            elif not signature.audio_sha256:
                signature.audio_state = "pending"
            else:
                has_audio = signature.recording_id.has_audio
                signature.audio_state = "stored" if has_audio else "deleted"

    def _recording_changed(self):
        """The recording of these has come home, or will not."""
        for signature in self:
            recording = signature.recording_id
            own = signature._in_words_of_agent()
            if recording.state == "stored":
                own._take_audio(recording.leg_ids)
            elif signature.audio_sha256 or signature.is_audio_missing:
                continue
            elif recording.state == "purged":
                own._miss_audio(own.env._("The audio was deleted before it was here."))
            elif recording.state == "failed" and not recording.fetch_due_at:
                own._miss_audio(
                    own.env._(
                        "The audio never came: %(reason)s", reason=recording.reason
                    )
                )

    def _take_audio(self, legs):
        """Note the digest of the audio; again where more of it has come."""
        legs = legs.sorted(lambda leg: (leg.started_at or leg.create_date, leg.number))
        stored = legs.filtered(lambda leg: leg.state == "stored")
        known = {part["sha256"] for part in self.audio_parts or ()}
        # a part that was deleted meanwhile leaves the digest of all of them
        is_less = known - set(stored.mapped("sha256"))
        if is_less or len(known) == len(stored):
            return
        before = self.audio_sha256
        self.write(
            {
                "audio_sha256": stored._combined_digest(),
                "audio_size": sum(stored.mapped("size")),
                "audio_parts": [self._part(leg) for leg in stored],
            }
        )
        if before:
            self._log_more_audio(before)
        if self.is_audio_missing:
            self._find_audio()
        self._tell()

    def _audio_length(self):
        """How long it lasts, for people."""
        minutes, seconds = divmod(
            sum(part["seconds"] or 0 for part in self.audio_parts or ()), 60
        )
        return self.env._(
            "%(minutes)s:%(seconds)s minutes",
            minutes=minutes,
            seconds=f"{seconds:02}",
        )

    def _log_more_audio(self, before):
        """A sheet that was sent tells the digest of what was here then."""
        body = self.env._(
            "Voice signature, %(take)s: more of its audio has come. The SHA-256 of the "
            "audio was %(before)s, and is %(now)s now.",
            take=self.display_name,
            before=before,
            now=self.audio_sha256,
        )
        self.order_id._message_log(body=body)

    @api.model
    def _part(self, leg):
        return {
            "leg": leg.number,
            "unique_id": leg.unique_id,
            "call_record_id": leg.call_record_id,
            "started_at": leg.started_at and f"{leg.started_at}Z",
            "seconds": leg.duration,
            "size": leg.size,
            "sha256": leg.sha256,
        }

    def _miss_audio(self, words):
        """Without audio there is nothing that proves it."""
        self.is_audio_missing = True
        if self.state == "signed":
            self._end("incomplete", words)
            self.order_id._noojee_ask_for_signature(words, self.user_id)

    def _find_audio(self):
        """It has come after all."""
        self.is_audio_missing = False
        if self.state != "incomplete" or not self.signed_at:
            return
        self.write({"state": "signed", "reason": False})
        self._log()
        self._void_changed()
