import logging
from datetime import timedelta

from odoo import api, fields, models

from ..client import NoojeeError
from .noojee_call_sweep import UNHEARD

_logger = logging.getLogger(__name__)

# a process that gave a sign within this time listens: its polls last 20 s, and after a
# failure it waits no longer than 40 s
LISTENING = timedelta(seconds=90)
# an incident that nobody dismissed is told for so long
INCIDENT = timedelta(days=1)
ALARM = "noojee.mail_activity_type_not_listening"


class NoojeeListener(models.Model):
    """How the listening goes, written with what is written anyhow."""

    _inherit = "noojee.listener"

    last_poll_at = fields.Datetime(string="Last poll")
    last_event_at = fields.Datetime(string="Last event")
    lag = fields.Float(
        string="Lag, s",
        digits=(6, 3),
        help="From the PBX's answer until the last events stood in Odoo. The PBX does "
        "not tell when they happened.",
    )
    seen_at = fields.Datetime(
        string="Process seen", help="When a listener process last gave a sign."
    )
    last_error = fields.Char(help="Why the last poll failed.")
    incident = fields.Char(
        help="What could not be taken in: the listening goes on without it. It stands "
        "here until somebody dismisses it, or for a day."
    )
    incident_at = fields.Datetime(string="Incident at")

    def action_dismiss(self):
        """The administrator has seen what could not be taken in."""
        self.check_access("read")
        # sudo: nobody writes subscriptions, and administrators alone read them
        self.sudo().pbx_id.listener_ids.write({"incident": False, "incident_at": False})

    def _is_listening(self):
        """Whether a process listens, not only the scheduled job for moments."""
        now = fields.Datetime.now()
        return bool(self) and all(
            listener.seen_at and now - listener.seen_at < LISTENING for listener in self
        )

    def _was_heard(self):
        """Whether the PBX has answered lately."""
        earliest = fields.Datetime.now() - UNHEARD
        return any(row.last_poll_at and row.last_poll_at > earliest for row in self)

    def _prepare_health(self, news, is_process):
        now = fields.Datetime.now()
        values = {"sequence_number": str(news.sequence_number), "last_poll_at": now}
        if is_process:
            values["seen_at"] = now
        if self.last_error and (news.poll.reads_state or news.events):
            values["last_error"] = False
        if self.incident and now - self.incident_at >= INCIDENT:
            values |= {"incident": False, "incident_at": False}
        if news.events or news.running:
            values["last_event_at"] = now
        return values

    # === WHAT WENT WRONG === #

    @api.model
    def _note_error(self, pbx, error, is_process=True):
        """Show on the PBX's subscriptions what went wrong, and to its users where it
        is away."""
        words = str(error)
        if isinstance(error, NoojeeError):
            words = pbx._explain(error)
        self._note_words(pbx, words, is_process)
        if isinstance(error, NoojeeError) and pbx._is_away(error):
            self.env["noojee.circuit"]._of(pbx)._open(words)

    def _note_refusal(self, error, is_process):
        """Show on this subscription why the PBX refuses it; others are followed on."""
        desks = self.extensions.split(",")
        words = self.env._(
            "Calls at desks %(first)s to %(last)s are not followed: %(error)s",
            first=desks[0],
            last=desks[-1],
            error=self.pbx_id._explain(error),
        )
        self._write_words(words, is_process)
        _logger.warning("%s: %s", self.pbx_id.name, words)

    @api.model
    def _note_words(self, pbx, words, is_process, is_incident=False):
        of_pbx = self.search([("pbx_id", "=", pbx.id)])
        of_pbx._write_words(words, is_process, is_incident)
        _logger.warning("%s: %s", pbx.name, words)

    def _write_words(self, words, is_process, is_incident=False):
        values = self._prepare_incident(words) if is_incident else {"last_error": words}
        if is_process:
            values["seen_at"] = fields.Datetime.now()
        self.write(values)

    def _note_left_out(self, error):
        words = self.env._(
            "An event could not be taken in, the log tells which: %(error)s",
            error=error,
        )
        self.write(self._prepare_incident(words))

    @api.model
    def _prepare_incident(self, words):
        """What went wrong once and for good, while all else goes on."""
        return {"incident": words, "incident_at": fields.Datetime.now()}

    def _error_words(self):
        """What an administrator should know of: why there is no poll, else what was
        left out of one."""
        errors = filter(None, self.mapped("last_error") + self.mapped("incident"))
        return next(errors, "")

    def _describe(self):
        """Since when no process listens and what to do; or how well it does."""
        if not self._is_listening():
            return self._describe_silence()
        if not any(self.mapped("last_event_at")):
            return self.env._("No call since it listens.")
        return self.env._(
            "Last event at %(moment)s, taken in within %(seconds)s s.",
            moment=self._clock(max(filter(None, self.mapped("last_event_at")))),
            seconds=f"{max(self.mapped('lag')):.2f}",
        )

    def _describe_silence(self):
        command = f"odoo noojee_listen -d {self.env.cr.dbname}"
        if seen := [moment for moment in self.mapped("seen_at") if moment]:
            return self.env._(
                "No process listens since %(since)s: start “%(command)s”. Until then "
                "calls are followed once a minute and cards come late.",
                since=self._clock(min(seen)),
                command=command,
            )
        return self.env._(
            "No process listens: start “%(command)s”. Until then calls are followed "
            "once a minute and cards come late.",
            command=command,
        )

    @api.model
    def _clock(self, moment):
        local = fields.Datetime.context_timestamp(self, moment)
        is_today = local.date() == fields.Date.context_today(self)
        return local.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")

    # === WHO IS TOLD === #

    @api.model
    def _tell_administrators(self, pbxs):
        """Have an activity stand with each administrator while no process listens."""
        # nobody need listen to one that was switched off meanwhile
        others = (
            self.env["noojee.pbx"]
            .with_context(active_test=False)
            .search([("id", "not in", pbxs.ids)])
        )
        others.activity_search([ALARM]).unlink()
        for pbx in pbxs:
            present = pbx.activity_search([ALARM])
            if pbx.listener_ids._is_listening():
                present.unlink()
            else:
                for user in pbx._administrators() - present.user_id:
                    # once in the top bar: a mail could not be taken back
                    own = pbx.with_context(
                        lang=user.lang, tz=user.tz, mail_activity_quick_update=True
                    )
                    own.activity_schedule(
                        ALARM, note=own.listener_ids._describe(), user_id=user.id
                    )
        self._commit()
