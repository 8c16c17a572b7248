from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

from .transaction import is_collision

# the PBX answers this list once a minute (noojee-api.md section 5); stored times have
# no parts of seconds
PAUSE = timedelta(seconds=61)
HOUR = timedelta(hours=1)
# the PBX wants to be asked some minutes after the hour; the system parameter of this
# name tells them where it wants otherwise
SETTLED_PARAMETER = "noojee.hour_list_settled_minutes"
SETTLED = timedelta(minutes=5)
# an hour that was refused so often is given up: the next ones wait behind it
TRIES = 5
# what is older is not looked for: each hour costs a minute
LONGEST_GAP = timedelta(days=7)


class HourListBusy(UserError):
    """The list was asked for within this minute already."""


class NoojeeHourList(models.Model):
    """A PBX's list of what was recorded in an hour: who may ask for it when, and for
    which hours it is to be asked.

    A row of its own, written by cursors of its own: all who ask share one minute.
    """

    _name = "noojee.hour.list"
    _description = "Turns at a PBX's list of an hour's recordings"

    pbx_id = fields.Many2one("noojee.pbx", required=True, ondelete="cascade")
    not_before = fields.Datetime()
    repair_from = fields.Datetime(help="From when on calls may have been missed.")
    repair_until = fields.Datetime()
    failures = fields.Integer(help="How often the hour that is due was asked in vain.")
    missing = fields.Integer(help="How often of these the PBX had no such list.")

    _pbx_unique = models.Constraint("unique(pbx_id)", "A PBX has one such list.")

    @api.model
    def _of(self, pbx):
        found = self.search([("pbx_id", "=", pbx.id)], limit=1)
        return found or self.create({"pbx_id": pbx.id})

    @api.model
    def _take_turn(self, pbx):
        """Be the one who asks in this minute.

        It is committed before anybody asks: whatever becomes of the caller, the PBX is
        not asked twice.

        :raise HourListBusy: when somebody else has been
        """
        if not self._has_turn(pbx):
            raise HourListBusy(
                self.env._(
                    "%(pbx)s lists an hour's recordings once a minute. Try again in a "
                    "minute.",
                    pbx=pbx.name,
                )
            )

    @api.model
    def _has_turn(self, pbx):
        try:
            with self.env.registry.cursor() as cr:
                return self.with_env(self.env(cr=cr))._of(pbx)._claim()
        except psycopg2.Error as error:
            if not is_collision(error):
                raise
            return False

    def _claim(self):
        now = fields.Datetime.now()
        if not self.try_lock_for_update() or self.not_before and now < self.not_before:
            return False
        self.not_before = now + PAUSE
        return True

    # === WHAT IS TO BE REPAIRED === #

    @api.model
    def _note_gap(self, pbx, start, end):
        """Calls of this time may have been missed."""
        row = self._of(pbx)
        # in which hours of its own the PBX lists them goes by its clock
        skew = self._skew_of(pbx)
        start, end = min(start, start - skew), max(end, end - skew)
        start = max(start, end - LONGEST_GAP)
        row.repair_from = min(row.repair_from or start, start)
        row.repair_until = max(row.repair_until or end, end)

    @api.model
    def _due_hour(self, pbx):
        """The beginning of the hour to be asked for now, if there is one."""
        row = self.search([("pbx_id", "=", pbx.id), ("repair_from", "!=", False)])
        now = fields.Datetime.now()
        if not row or row.not_before and row.not_before > now:
            return None
        hour = pbx._hour_of(row.repair_from)
        return hour if hour + HOUR + self._settled() <= self._now_of(pbx) else None

    @api.model
    def _now_of(self, pbx):
        """What time it is by the slower clock of the PBX's and ours: by both an hour is
        over then."""
        return fields.Datetime.now() - max(timedelta(), self._skew_of(pbx))

    @api.model
    def _skew_of(self, pbx):
        """How far our clock is ahead of the PBX's."""
        # sudo: the listener's, whoever asks
        listeners_sudo = self.env["noojee.listener"].sudo()
        return timedelta(seconds=round(listeners_sudo._clock_skew_of(pbx)))

    @api.model
    def _settled(self):
        # sudo: the listener's, whoever it runs as
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        minutes = parameters_sudo.get_param(SETTLED_PARAMETER)
        return timedelta(minutes=int(minutes)) if minutes else SETTLED

    @api.model
    def _note_repaired(self, pbx, hour):
        """This hour's calls have been taken in."""
        row = self._of(pbx)
        if not row.repair_from:
            return
        row.write(
            {
                "repair_from": max(row.repair_from, hour + HOUR),
                "failures": 0,
                "missing": 0,
            }
        )
        if row.repair_from > row.repair_until:
            row.write({"repair_from": False, "repair_until": False})

    @api.model
    def _note_failure(self, pbx, hour, is_missing):
        """This hour was asked for in vain.

        :param bool is_missing: the PBX has no such list
        :return: whether it is given up
        """
        row = self._of(pbx)
        row.failures += 1
        row.missing += is_missing
        if row.failures < TRIES:
            return False
        # what was missing each time, and not only while the PBX started, is so of all
        # other hours
        is_for_good = row.missing == row.failures
        self._note_repaired(pbx, row.repair_until if is_for_good else hour)
        return True
