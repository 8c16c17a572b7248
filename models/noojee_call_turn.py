from contextlib import contextmanager

import psycopg2

from odoo import api, models
from odoo.tools import SQL

from .transaction import repeat

# "noojeei": the first key of the lock under which a PBX's events are taken in
INGEST_LOCK_CLASS = 0x6E6F6A69
LOCK_SECONDS = 10


class NoojeeCall(models.Model):
    """One after another: a PBX's events come by several doors."""

    _inherit = "noojee.call"

    @api.model
    def _ingest_apart(self, pbx, events):
        """Take in events in a transaction of its own, again where it collides.

        :return: list of events that could not be taken in
        """

        def take_in():
            left_out = []
            with self.env.registry.cursor() as cr:
                calls = self.with_env(self.env(cr=cr))
                with calls._exclusively(pbx.id):
                    calls._ingest(
                        calls.env["noojee.pbx"].browse(pbx.id),
                        events,
                        left_out=left_out,
                    )
                    # the lock must outlive what it guards
                    cr.commit()  # pylint: disable=invalid-commit
            return left_out

        # whoever waits for it has waited long enough once for the lock
        return repeat(take_in, seconds=LOCK_SECONDS / 2)

    @api.model
    @contextmanager
    def _exclusively(self, pbx_id):
        """Have the events of a PBX taken in by one transaction after another.

        Two that ran side by side would not see each other's calls, and make two of
        one. The lock is the session's and is taken before the transaction begins: one
        that waited for it would not see what came meanwhile. Whoever uses this commits
        within; what was not committed is given up.
        """
        cr = self.env.cr
        key = SQL("%s, %s", INGEST_LOCK_CLASS, pbx_id)
        try:
            cr.execute(SQL("SET LOCAL lock_timeout = %s", f"{LOCK_SECONDS}s"))
            cr.execute(SQL("SELECT pg_advisory_lock(%s)", key))
            cr.commit()  # pylint: disable=invalid-commit
        except psycopg2.Error:
            cr.rollback()
            raise
        try:
            yield
        finally:
            if not cr.closed:
                cr.rollback()
                cr.execute(SQL("SELECT pg_advisory_unlock(%s)", key))
                cr.commit()  # pylint: disable=invalid-commit
