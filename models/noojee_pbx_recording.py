from http import HTTPStatus

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..client import (
    AnswerTooLarge,
    AudioCut,
    CannotConnect,
    CannotConnectReason,
    CannotKeep,
    HttpError,
    KeyRefused,
    NotAudio,
    TimedOut,
)

MB = 1024 * 1024
# the database counts a leg's bytes in four of its own
MOST_MB = 2000
EXCERPT_CHARS = 60


class NoojeePbx(models.Model):
    """Asking the PBX for recordings: beside the calls, which must not suffer by it."""

    _inherit = "noojee.pbx"

    max_audio_mb = fields.Integer(
        string="Largest audio, MB",
        default=256,
        required=True,
        help="Of one leg: larger ones are not fetched. 256 MB are more than two hours. "
        "Twice as much memory must be free where scheduled jobs run.",
    )
    recordings_since = fields.Datetime(
        string="Bring recordings since",
        default=fields.Datetime.now,
        help="Each hour the PBX's list of recordings is compared with those that are "
        "here, from this moment on, at most a week back.",
    )

    missing_legs = fields.Integer(
        compute="_compute_missing_legs",
        help="Legs on the PBX's lists whose audio is not here.",
    )

    _max_audio_fits = models.Constraint(
        f"CHECK (max_audio_mb BETWEEN 1 AND {MOST_MB})",
        f"The largest audio is between 1 and {MOST_MB} MB.",
    )

    def _compute_missing_legs(self):
        # sudo: a figure; the hours themselves are administrators'
        groups = (
            self.env["noojee.recording.hour"]
            .sudo()
            ._read_group([("pbx_id", "in", self.ids)], ["pbx_id"], ["missing:sum"])
        )
        missing = {pbx.id: count for pbx, count in groups}
        for pbx in self:
            pbx.missing_legs = missing.get(pbx.id, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        # sudo: whoever deletes a PBX need not see each of its recordings
        recordings_sudo = self.env["noojee.recording"].sudo()
        for pbx in self:
            if recordings_sudo.search_count([("pbx_id", "=", pbx.id)], limit=1):
                raise UserError(
                    self.env._(
                        "%(pbx)s has recordings, which would go with it. Archive it "
                        "instead.",
                        pbx=pbx.name,
                    )
                )

    def action_open_recording_hours(self):
        """Show this PBX's hourly comparisons."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noojee.noojee_recording_hour_action"
        )
        return {**action, "domain": [("pbx_id", "in", self.ids)]}

    def _ask_recordings(self, question, before_wait=None):
        """Put questions about recordings to the PBX.

        Its failures open no circuit: audio that breaks off, or a recording server that
        is away, keeps nobody from calling.

        :param question: function of a :class:`NoojeeClient`
        :param before_wait: as of :meth:`_ask`
        :return: what ``question`` returned
        :raise NoojeeError: what went wrong on the wire
        :raise PbxAway: without a request, while the PBX is known to be away
        """
        self.ensure_one()
        self._circuit_to_ask()
        with self._client() as client:
            if before_wait:
                before_wait()
            return question(client)

    @api.model
    def _may_come_back(self, error):
        """Whether this failure says nothing of what was asked for, and all of the PBX:
        it may answer the same question later."""
        if isinstance(error, CannotConnect):
            return error.reason is not CannotConnectReason.BROKEN
        if isinstance(error, TimedOut):
            return error.while_connecting
        return isinstance(error, KeyRefused)

    def _explain_list(self, error):
        """What went wrong with a list of legs, in plain words with what to do."""
        if is_missing(error):
            return self.env._(
                "%(pbx)s has no recordings where they are looked for. An administrator "
                "should press Test connection under Noojee → Configuration → PBX.",
                pbx=self.name,
            )
        return self._explain(error)

    def _explain_audio(self, error):
        """What went wrong with a leg's audio, in plain words with what to do."""
        if is_missing(error):
            return self.env._("%(pbx)s has no audio of it yet.", pbx=self.name)
        if isinstance(error, NotAudio):
            if not error.excerpt:
                return self.env._("%(pbx)s sent an empty file.", pbx=self.name)
            return self.env._(
                "What %(pbx)s sent is no audio: “%(excerpt)s”",
                pbx=self.name,
                excerpt=error.excerpt[:EXCERPT_CHARS],
            )
        if isinstance(error, AnswerTooLarge):
            return self.env._(
                "The audio is larger than %(most)s MB. An administrator can allow more "
                "under Noojee → Configuration → PBX.",
                most=error.limit // MB,
            )
        is_broken = isinstance(error, CannotConnect) and not self._may_come_back(error)
        if is_broken or isinstance(error, AudioCut):
            return self.env._("The audio broke off in the middle.")
        if isinstance(error, CannotKeep):
            return self.env._(
                "The audio could not be written on Odoo's server: %(reason)s. Its "
                "administrator should make room.",
                reason=error.reason,
            )
        return self._explain(error)


def is_missing(error):
    """Whether an error says that what was asked for is not there."""
    return isinstance(error, HttpError) and error.status == HTTPStatus.NOT_FOUND
