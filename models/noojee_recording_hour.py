from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..client import NoojeeError
from .noojee_circuit import PbxAway
from .noojee_hour_list import HOUR, LONGEST_GAP, PAUSE, TRIES, HourListBusy
from .noojee_pbx_recording import is_missing
from .transaction import store


class NoojeeRecordingHour(models.Model):
    """An hour of a PBX's own time: its list of recordings beside those that are here.

    What was recorded at the handset, or while Odoo was down, is found by it.
    """

    _name = "noojee.recording.hour"
    _description = "Hourly comparison of recordings"
    _order = "hour desc, id desc"
    _rec_name = "hour"

    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="pbx_id.company_id", store=True)
    hour = fields.Datetime(required=True, help="Its beginning.")
    state = fields.Selection(
        [("open", "To be asked for"), ("done", "Compared"), ("failed", "Given up")],
        required=True,
        default="open",
    )
    reason = fields.Char(help="Why the PBX could not be asked.")
    tries = fields.Integer()
    listed = fields.Integer(help="Legs on the PBX's list.")
    known = fields.Integer(help="Of these, how many were known here already.")
    leg_ids = fields.One2many(
        "noojee.recording.leg",
        "hour_id",
        string="Legs to bring",
        help="Those that were not here when the lists were compared.",
    )
    brought = fields.Integer(
        compute="_compute_brought", store=True, help="How many have come home since."
    )
    missing = fields.Integer(
        compute="_compute_brought",
        store=True,
        help="How many are not here, with the reason on each.",
    )
    forbidden = fields.Integer(
        string="Must not be kept",
        compute="_compute_brought",
        store=True,
        help="How many are of calls that must not be recorded.",
    )

    _hour_unique = models.Constraint(
        "unique(pbx_id, hour)", "This hour has been compared already."
    )

    @api.depends("leg_ids.state", "leg_ids.is_forbidden")
    def _compute_brought(self):
        for hour in self:
            forbidden = hour.leg_ids.filtered("is_forbidden")
            states = (hour.leg_ids - forbidden).mapped("state")
            hour.brought = states.count("stored")
            hour.missing = states.count("listed") + states.count("failed")
            hour.forbidden = len(forbidden)

    def action_ask_again(self):
        """Have these hours compared once more."""
        self.check_access("read")
        # sudo: nobody writes these rows; an administrator wants the list again
        self.sudo().write({"state": "open", "tries": 0, "reason": False})
        self._cron()._trigger()

    @api.model
    def _cron(self):
        return self.env.ref("noojee.ir_cron_compare_recordings")

    # === WHICH HOUR === #

    @api.model
    def _of(self, pbx, hour):
        domain = [("pbx_id", "=", pbx.id), ("hour", "=", hour)]
        found = self.search(domain, limit=1)
        return found or self.create({"pbx_id": pbx.id, "hour": hour})

    @api.model
    def _next_hour(self, pbx):
        """The beginning of the oldest finished hour that is to be compared, if any."""
        again = self.search(
            [("pbx_id", "=", pbx.id), ("state", "=", "open")], order="hour", limit=1
        )
        hour = self._first_hour(pbx)
        compared = self.search_fetch(
            Domain("pbx_id", "=", pbx.id)
            & Domain("hour", ">=", hour)
            & Domain("state", "!=", "open"),
            ["hour"],
        )
        known = set(compared.mapped("hour"))
        latest = self._latest_hour(pbx)
        while hour in known:
            hour += HOUR
        hours = [hour, *again.mapped("hour")]
        return min((hour for hour in hours if hour <= latest), default=None)

    @api.model
    def _first_hour(self, pbx):
        now = fields.Datetime.now()
        since = pbx.recordings_since or now
        return pbx._hour_of(max(since, now - LONGEST_GAP))

    @api.model
    def _latest_hour(self, pbx):
        """The last hour that is over, and whose list has settled."""
        hours = self.env["noojee.hour.list"]
        return pbx._hour_of(hours._now_of(pbx) - hours._settled()) - HOUR

    # === COMPARING === #

    @api.model
    def _compare(self, pbx, hour, rows):
        """Compare an hour's list with the legs that are here, and have brought what
        is missing.

        A leg that is known is left alone, whatever became of it.

        :param datetime hour: its beginning, UTC, naive
        :param rows: :class:`RecordingLeg` of the client
        """
        legs = self.env["noojee.recording.leg"]
        rows = {key: row for row in rows if (key := legs._key(row))}
        known = legs._of_rows(pbx, rows.values())
        new = legs
        for of_call in self._by_call(rows, known).values():
            new |= self._bring(pbx, of_call)
        not_here = legs.union(*(known[key] for key in rows.keys() & known.keys()))
        not_here = not_here.filtered(lambda leg: leg.state in ("listed", "failed"))
        not_here.filtered(lambda leg: leg.state == "failed").recording_id._fetch_found()
        row = self._of(pbx, hour)
        (new | not_here).hour_id = row
        row.write(
            {
                "state": "done",
                "reason": False,
                "listed": len(rows),
                "known": len(rows.keys() & known.keys()),
            }
        )

    @api.model
    def _by_call(self, rows, known):
        """The rows that are not known, by unique id."""
        by_call = defaultdict(list)
        for key in rows.keys() - known.keys():
            by_call[rows[key].unique_id].append(rows[key])
        return by_call

    @api.model
    def _bring(self, pbx, rows):
        """:return: the legs, to be fetched after commit"""
        recording = self.env["noojee.recording"]._found(pbx, rows)
        legs = recording._take_in(rows)
        recording._fetch_found()
        return legs

    # === CRON === #

    @api.model
    def _cron_compare(self):
        """Compare what each PBX has recorded in the last hours with what is here.

        All who ask for a PBX's list of an hour share one request a minute.
        """
        pbxs = self.env["noojee.pbx"].search([("api_key", "!=", False)])
        for pbx in pbxs:
            if not self._ask_next(pbx):
                continue
            if not self.env["ir.cron"]._commit_progress(1):
                break
        if any(self._next_hour(pbx) for pbx in pbxs):
            # hours are left
            self._cron()._trigger(fields.Datetime.now() + PAUSE)

    @api.model
    def _ask_next(self, pbx):
        """Ask for the next hour of a PBX.

        :return: whether anything was asked
        """
        hour = self._next_hour(pbx)
        if not hour:
            return False
        try:
            rows = pbx._hour_list(hour, before_wait=self.env.cr.commit)
        except (HourListBusy, PbxAway):
            # it was not asked
            return False
        except (NoojeeError, UserError) as error:
            failure = error
        else:
            failure = None
        if failure:
            store(self.env.cr, lambda: self._note_failure(pbx, hour, failure))
        else:
            self._take_in(pbx, hour, rows)
        return True

    @api.model
    def _take_in(self, pbx, hour, rows):
        """Store an hour's calls and recordings, and that they have been, together."""
        calls = self.env["noojee.call"]

        def take_in():
            with calls._exclusively(pbx.id):
                calls._ingest_recorded(pbx, rows)
                self._compare(pbx, hour, rows)
                # the lock must outlive what it guards
                self.env.cr.commit()  # pylint: disable=invalid-commit

        store(self.env.cr, take_in)

    @api.model
    def _note_failure(self, pbx, hour, error):
        """This hour was asked for in vain: after some tries it is given up, as the
        next ones wait behind it; while the PBX is away it waits."""
        row = self._of(pbx, hour)
        is_plain = isinstance(error, UserError)
        row.tries += not (is_plain or pbx._may_come_back(error))
        row.reason = str(error) if is_plain else pbx._explain_list(error)
        if is_missing(error) or row.tries >= TRIES:
            row.state = "failed"
