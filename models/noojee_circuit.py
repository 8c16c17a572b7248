import logging
from datetime import timedelta

import psycopg2

from odoo import fields, models
from odoo.exceptions import UserError

from .transaction import is_collision

_logger = logging.getLogger(__name__)

RETRY_AFTER = timedelta(seconds=30)


class PbxAway(UserError):
    """The PBX failed moments ago and is not asked again yet."""


class NoojeeCircuit(models.Model):
    """Whether a PBX answers: after a failure nobody waits for it again for a while.

    A row of its own, written by cursors of its own, so that the request that failed
    cannot roll the failure back, and no user waits for a lock on the PBX's row.
    """

    _name = "noojee.circuit"
    _description = "Noojee PBX circuit"

    pbx_id = fields.Many2one("noojee.pbx", required=True, ondelete="cascade")
    failing_since = fields.Datetime()
    retry_at = fields.Datetime()
    reason = fields.Char()

    _pbx_unique = models.Constraint("unique(pbx_id)", "A PBX has one circuit.")

    def _of(self, pbx):
        return self.search([("pbx_id", "=", pbx.id)], limit=1)

    def _check(self):
        """:raise PbxAway: while the PBX is known not to answer."""
        now = fields.Datetime.now()
        if self.retry_at and self.retry_at > now:
            clock = self.with_context(tz=self.env.user.tz or self.pbx_id.tz)
            since = fields.Datetime.context_timestamp(clock, self.failing_since)
            raise PbxAway(
                self.env._(
                    "%(pbx)s has not answered since %(since)s. Your desk phone may "
                    "still work. Next try in %(seconds)s s.",
                    pbx=self.pbx_id.name,
                    since=since.strftime("%H:%M"),
                    seconds=int((self.retry_at - now).total_seconds()) + 1,
                )
            )

    def _open(self, reason):
        """Note a failure; the next attempt is due in 30 seconds."""
        now = fields.Datetime.now()
        self._write_apart(
            failing_since=self.failing_since or now,
            retry_at=now + RETRY_AFTER,
            reason=reason,
        )

    def _close(self):
        if self.failing_since:
            self._write_apart(failing_since=False, retry_at=False, reason=False)

    def _write_apart(self, **values):
        try:
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._write_and_tell(values)
        except psycopg2.Error as error:
            # what the PBX answered must not be lost for a note about it; where others
            # note the same at this moment, one of them does
            if not is_collision(error):
                _logger.exception("It is not noted how the PBX is.")
        self.invalidate_recordset()

    def _write_and_tell(self, values):
        if not self.try_lock_for_update():
            # somebody notes the same at this moment
            return
        self.write(values)
        # whoever has a line there sees it come and go
        users = self.pbx_id.extension_ids.user_id
        users._bus_send("noojee.phone/away", self._payload())

    def _payload(self):
        """What the browser shows.

        :return: ``{"since", "retry_at"`` (ISO 8601, UTC), ``"reason"}`` or False
        """
        if not self.failing_since:
            return False
        return {
            "since": f"{self.failing_since.isoformat(timespec='seconds')}Z",
            "retry_at": f"{self.retry_at.isoformat(timespec='seconds')}Z",
            "reason": self.reason,
        }
