from odoo import api, fields, models
from odoo.tools import SQL

# a PBX that sends more than this in a while is told to wait; the system parameter of
# this name says otherwise
LIMIT_PARAMETER = "noojee.notice_limit"
NOTICES = 2000
SECONDS = 10


class NoojeeNoticeCount(models.Model):
    """Notices of the last seconds, counted for all of Odoo's processes together.

    A row for each, not one that counts: concurrent notices need not wait for each
    other. The table needs no journal; after a crash of the database it is empty.
    """

    _name = "noojee.notice.count"
    _description = "Notices of the last seconds"
    _log_access = False

    pbx_id = fields.Many2one("noojee.pbx", required=True, ondelete="cascade")
    # of the database's clock: all processes must mean the same
    at = fields.Float(required=True)

    _recent_idx = models.Index("(pbx_id, at)")

    def init(self):
        self.env.cr.execute(
            SQL(
                "SELECT relpersistence FROM pg_class WHERE oid = %s::regclass",
                self._table,
            )
        )
        if self.env.cr.fetchone()[0] != "u":
            self.env.cr.execute(
                SQL("ALTER TABLE %s SET UNLOGGED", SQL.identifier(self._table))
            )
        return super().init()

    @api.model
    def _count(self, pbx):
        """Count a notice.

        Those that come at the same moment do not see each other: as many more are let
        in as there are requests at once. A lock would have them wait for each other.

        :return: after how many seconds the next one is welcome; 0: at once
        """
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT count(*),
                           extract(epoch FROM clock_timestamp())::float,
                           min(at)
                      FROM %(table)s
                     WHERE pbx_id = %(pbx)s
                       AND at > extract(epoch FROM clock_timestamp()) - %(seconds)s
                    """,
                    table=SQL.identifier(self._table),
                    pbx=pbx.id,
                    seconds=SECONDS,
                )
            )
            count, now, earliest = cr.fetchone()
            if count >= self._limit():
                return max(1, round(earliest + SECONDS - now))
            cr.execute(
                SQL(
                    "INSERT INTO %s (pbx_id, at) VALUES (%s, %s)",
                    SQL.identifier(self._table),
                    pbx.id,
                    now,
                )
            )
        return 0

    @api.model
    def _limit(self):
        # sudo: the PBX, which asks, reads no parameters
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        limit = parameters_sudo.get_param(LIMIT_PARAMETER) or ""
        return int(limit) if limit.isdecimal() and int(limit) else NOTICES

    @api.autovacuum
    def _gc_counts(self):
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE at < extract(epoch FROM now()) - %s",
                SQL.identifier(self._table),
                SECONDS,
            )
        )
