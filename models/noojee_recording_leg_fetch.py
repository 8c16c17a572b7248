import logging
from tempfile import TemporaryFile

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..client import (
    AnswerTooLarge,
    ApiError,
    HttpError,
    KeyRefused,
    NoojeeError,
    NotAudio,
    audio_seconds,
)
from .noojee_pbx_recording import MB, is_missing
from .transaction import claim, is_database_away, store

_logger = logging.getLogger(__name__)

# audio that is wrong so often stays wrong, until a person tries again
TRIES = 5
# even what ends this process each time comes to an end
MOST_TRIES = 10
ENDINGS = {"audio/wav": "wav", "audio/mpeg": "mp3"}


class NoojeeRecordingLeg(models.Model):
    """Fetching a leg's audio. It is kept whole or not at all."""

    _inherit = "noojee.recording.leg"

    attempts = fields.Integer(help="How often its audio was fetched in vain.")
    is_forbidden = fields.Boolean(
        string="Must not be kept", help="The call must not be recorded."
    )

    # === ONE ATTEMPT === #

    def _fetch_apart(self):
        """Fetch the audio into a file, then keep it, with no transaction open while
        the PBX is waited for.

        :return: the reason, where the PBX is away for other legs as well
        """
        if not claim(self.env.cr, self._take):
            return False
        try:
            return self._fetch()
        except Exception as error:
            if is_database_away(error):
                raise
            # those behind it are not to suffer by it
            _logger.exception("Leg %s cannot be fetched.", self.id)
            self._note_fault(error)
            return False

    def _fetch(self):
        with TemporaryFile() as file:
            try:
                audio = self._fetch_into(file)
            except NoojeeError as error:
                return self._note_failure(error)
            except UserError as error:
                store(self.env.cr, self._take_back)
                return str(error)
            store(self.env.cr, lambda: self._keep(audio, file))
        return False

    def _take(self):
        """:return: whether this may be fetched now"""
        may_be = self._may_be_fetched()
        if may_be:
            self.attempts += 1
            self.recording_id._lease(self._fetch_seconds())
        return may_be

    def _may_be_fetched(self):
        # it may have been purged or moved meanwhile
        self.lock_for_update()
        if self.state != "listed":
            return False
        reason = self.recording_id._must_not_be_kept(self.started_at, self.duration)
        self.is_forbidden = bool(reason)
        if not reason and self.attempts >= MOST_TRIES:
            reason = self.env._(
                "Fetching it was broken off again and again. Odoo's log tells more."
            )
        if reason:
            self.write({"state": "failed", "reason": reason})
        return not reason

    def _fetch_seconds(self):
        """The longest that fetching may take: two requests of the largest audio."""
        return 2 * audio_seconds(self._max_bytes())

    def _max_bytes(self):
        return self.pbx_id.max_audio_mb * MB

    def _fetch_into(self, file):
        """:raise NoojeeError: what went wrong on the wire
        :raise UserError: without a request, while the PBX cannot be asked
        """
        record, unique = self.call_record_id, self.unique_id
        options = {
            "leg": str(self.number),
            "max_bytes": self._max_bytes(),
            "into": file,
        }
        return self.pbx_id._ask_recordings(
            lambda client: self._retrieve(client, record, unique, options),
            before_wait=self.env.cr.commit,
        )

    @api.model
    def _retrieve(self, client, call_record_id, unique_id, options):
        """By its call record, and where that does not lead to it by its unique id."""
        failure = None
        if call_record_id:
            try:
                return client.retrieve_by_call_record_id(call_record_id, **options)
            except KeyRefused:
                raise
            except (ApiError, HttpError, NotAudio) as error:
                failure = error
        try:
            return client.retrieve(unique_id=unique_id, **options)
        except NoojeeError as error:
            # that it is not there says less than what came in its place
            if failure and is_missing(error):
                raise failure from None
            raise

    # === WHAT CAME OF IT === #

    def _note_failure(self, error):
        """:return: the reason, where the PBX is away for other legs as well"""
        reason = self.pbx_id._explain_audio(error)
        if self.pbx_id._may_come_back(error):
            store(self.env.cr, self._take_back)
            return reason
        _logger.info("Leg %s cannot be fetched: %s", self.id, error)
        store(self.env.cr, lambda: self._note_attempt(error, reason))
        return False

    def _note_fault(self, error):
        """What went wrong here, and not at the PBX."""
        words = self.env._("Fetching it failed. Odoo's log tells more.")
        store(self.env.cr, lambda: self._note_attempt(error, words))

    def _take_back(self):
        """The attempt was none."""
        self.attempts -= 1

    def _note_attempt(self, error, reason):
        if self.state != "listed":
            return
        is_for_good = isinstance(error, AnswerTooLarge)
        if is_missing(error):
            # it is being written: that takes as long as it takes
            self._take_back()
        elif self.attempts >= TRIES:
            is_for_good = True
        self.write({"state": "failed" if is_for_good else "listed", "reason": reason})

    def _give_up(self):
        """Nobody asks for these any more."""
        for leg in self.filtered(lambda leg: leg.state == "listed"):
            never = leg.env._("%(pbx)s has never sent its audio.", pbx=leg.pbx_id.name)
            leg.write({"state": "failed", "reason": leg.reason or never})

    def _told_reason(self):
        """The first reason of these, with the leg that it is of."""
        leg = self.filtered("reason")[:1]
        if not leg:
            return False
        return f"{leg.display_name}: {leg.reason}"

    # === KEEPING === #

    def _keep(self, audio, file):
        """Store the audio: bytes as they are, once in memory, never as base64.

        :param audio: :class:`RecordingAudio` of the client
        :param file: that holds its bytes
        """
        if self.state != "listed":
            # purged while it was on its way
            return
        file.seek(0)
        self._attachment_sudo().unlink()
        # sudo: nobody writes audio; as the field itself would keep it
        self.env["ir.attachment"].sudo().create(
            {
                "name": f"leg-{self.number}.{ENDINGS[audio.media_type]}",
                "res_model": self._name,
                "res_field": "audio",
                "res_id": self.id,
                "mimetype": audio.media_type,
                "raw": file.read(),
            }
        )
        self.write(
            {
                "state": "stored",
                "reason": False,
                "media_type": audio.media_type,
                "size": audio.size,
                "sha256": audio.sha256,
            }
        )
        self.invalidate_recordset(["audio"])

    def _attachment_sudo(self):
        """Where the audio is kept, if it is."""
        self.ensure_one()
        # sudo: the field is nobody's; whoever calls this has asked for rights
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "audio"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
        )
