import os
import socket
from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL

# of "noojee": the first key of our advisory locks, the second is the PBX's id
LOCK_CLASS = 0x6E6F6F6A
# seconds, seconds, times, and milliseconds without an acknowledgement: a machine that
# vanished is noticed within three seconds
KEEPALIVES = {
    "tcp_keepalives_idle": 1,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 2,
    "tcp_user_timeout": 3000,
}
# the same for our end of the connection
SOCKET_OPTIONS = {
    "TCP_KEEPIDLE": "tcp_keepalives_idle",
    "TCP_KEEPINTVL": "tcp_keepalives_interval",
    "TCP_KEEPCNT": "tcp_keepalives_count",
    "TCP_USER_TIMEOUT": "tcp_user_timeout",
}


class NoojeeListener(models.Model):
    """One process listens to a PBX, of however many there are in the cluster."""

    _inherit = "noojee.listener"

    @api.model
    @contextmanager
    def _elected(self, pbx):
        """Whether this process is the one that listens to a PBX.

        The lock lives on the connection that ingests: when that dies, it is free.
        """
        self.env.cr.execute(
            SQL("SELECT pg_try_advisory_lock(%s, %s)", LOCK_CLASS, pbx.id)
        )
        is_elected = self.env.cr.fetchone()[0]
        if is_elected:
            self._watch_connection()
        self._commit()
        try:
            yield is_elected
        finally:
            if is_elected and not self.env.cr.closed:
                self.env.cr.rollback()
                self.env.cr.execute(
                    SQL("SELECT pg_advisory_unlock(%s, %s)", LOCK_CLASS, pbx.id)
                )
                self._commit()

    @api.model
    def _watch_connection(self):
        """Have both ends notice soon that the other one has vanished: a holder must
        not keep the lock for hours, nor believe that it still has it."""
        for setting, value in KEEPALIVES.items():
            self.env.cr.execute(SQL("SET %s = %s", SQL.identifier(setting), value))
        with socket.socket(fileno=os.dup(self.env.cr._cnx.fileno())) as our_end:
            if our_end.family == socket.AF_UNIX:
                return
            our_end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, setting in SOCKET_OPTIONS.items():
                # not every system knows all of them
                if option := getattr(socket, name, None):
                    our_end.setsockopt(socket.IPPROTO_TCP, option, KEEPALIVES[setting])
