from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .transaction import repeat


class NoojeeRecording(models.Model):
    """Hearing a recording: who may, who did, and what is played when."""

    _inherit = "noojee.recording"

    listening_ids = fields.One2many(
        "noojee.recording.listening", "recording_id", string="Listened to by"
    )
    has_audio = fields.Boolean(
        string="Can be heard", compute="_compute_has_audio", store=True
    )
    listened_at = fields.Datetime(string="Listened to last")

    @api.depends("leg_ids.state")
    def _compute_has_audio(self):
        for recording in self:
            recording.has_audio = "stored" in recording.leg_ids.mapped("state")

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            # collides with an event that ends the call at this moment: taken in once
            # more, it sees what can be heard
            self.call_id._count_change()
            # the line about the call offers to play it, or does not any more
            self.call_id.filtered("message_id")._update_chatter()
        return result

    def _absorb(self, others):
        others.listening_ids.recording_id = self
        heard = (self | others).filtered("listened_at").mapped("listened_at")
        self.listened_at = max(heard, default=False)
        return super()._absorb(others)

    def _check_may_hear(self):
        """The audio may be heard by who may read the recording, and the record that it
        is filed on.

        :raise AccessError: by whom it may not.
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: a deleted record takes no rights along
        record_sudo = self.sudo().record_ref
        record = record_sudo and record_sudo.exists().with_env(self.env)
        if record and not record.has_access("read"):
            raise AccessError(
                self.env._("You may not see what this recording is filed on.")
            )

    def _note_listening(self, is_download=False):
        """Keep that the user listens, once for all the parts that his browser asks
        for."""
        listenings_sudo = self.env["noojee.recording.listening"].sudo()
        if listenings_sudo._is_noted(self, self.env.user, is_download):
            return

        def store():
            with self.env.registry.cursor() as cr:
                # sudo: nobody writes what was listened to
                recording_sudo = self.with_env(self.env(cr=cr)).sudo()
                listenings_sudo = recording_sudo.env["noojee.recording.listening"]
                user = recording_sudo.env.user
                if listenings_sudo._is_noted(recording_sudo, user, is_download):
                    return
                listenings_sudo.create(
                    {
                        "recording_id": self.id,
                        "user_id": user.id,
                        "is_download": is_download,
                    }
                )
                # of two requests at the same moment one collides here, and finds the
                # other's when it is repeated
                recording_sudo.listened_at = fields.Datetime.now()

        repeat(store)

    # === WHAT THE PLAYER PLAYS === #

    def action_play(self):
        """Open the player over whatever is open."""
        self._check_may_hear()
        return {
            "type": "ir.actions.client",
            "tag": "noojee.play_recording",
            "params": {"id": self.id, "name": self.name},
        }

    def get_player(self):
        """All that a player has to know before it loads any audio.

        :return: ``{"id", "name", "state", "reason", "can_download", "seconds": from
            the first leg's start to the last one's end, "tracks": list of {"id",
            "number", "url", "start" and "seconds" (in seconds, from the beginning),
            "title", "is_stored", "reason"}, "gaps": list of {"start", "seconds",
            "is_card": whether it was stopped for card data}}``
        :raise AccessError: by whom it may not be heard.
        """
        self._check_may_hear()
        starts = self._leg_starts()
        origin = min(starts.values(), default=None)
        tracks = [
            leg._track(int((start - origin).total_seconds()))
            for leg, start in sorted(
                starts.items(), key=lambda item: (item[1], item[0].number)
            )
        ]
        # seconds of the wire are whole: what overlaps by one follows the other
        for before, track in zip(tracks, tracks[1:], strict=False):
            track["start"] = max(track["start"], before["start"] + before["seconds"])
        end = tracks[-1]["start"] + tracks[-1]["seconds"] if tracks else 0
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "reason": self.reason or "",
            "can_download": self.env.user.has_group("noojee.group_download"),
            "seconds": end,
            "tracks": tracks,
            "gaps": self._gaps(tracks, origin),
        }

    def _leg_starts(self):
        """When each leg began; one of which the PBX tells no time is taken to follow
        the one before it."""
        legs = self.leg_ids.sorted("number")
        moment = min(filter(None, legs.mapped("started_at")), default=False)
        moment = moment or self.started_at or self.create_date
        starts = {}
        for leg in legs:
            starts[leg] = leg.started_at or moment
            moment = starts[leg] + timedelta(seconds=leg.duration)
        return starts

    def _gaps(self, tracks, origin):
        gaps = []
        for before, track in zip(tracks, tracks[1:], strict=False):
            start = before["start"] + before["seconds"]
            if track["start"] > start:
                gaps.append(
                    {
                        "start": start,
                        "seconds": track["start"] - start,
                        "is_card": self._is_for_card(origin, start, track["start"]),
                    }
                )
        return gaps

    def _is_for_card(self, origin, start, end):
        def seconds(moment):
            return (moment - origin).total_seconds()

        return any(
            seconds(pause.started_at) < end
            and (not pause.ended_at or seconds(pause.ended_at) > start)
            for pause in self.pause_ids
        )
