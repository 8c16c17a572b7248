from contextlib import contextmanager

from odoo import api, fields, models

from .noojee_call import DIRECTIONS, OUTCOMES, STATES
from .transaction import repeat
from .write_alike import write_alike


class NoojeeCallChannel(models.Model):
    """What a call was at one extension. Only ``_ingest`` writes it."""

    _name = "noojee.call.channel"
    _description = "Channel of a call"
    _order = "id"
    _rec_name = "extension_number"

    call_id = fields.Many2one(
        "noojee.call", required=True, ondelete="cascade", index=True
    )
    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True)
    extension_id = fields.Many2one("noojee.extension", ondelete="set null")
    extension_number = fields.Char(string="Desk", required=True)
    user_id = fields.Many2one(
        "res.users", index=True, help="Who sat there when it happened."
    )
    direction = fields.Selection(DIRECTIONS, required=True)
    state = fields.Selection(STATES, required=True)
    outcome = fields.Selection(OUTCOMES)
    is_called = fields.Boolean(
        string="Called", help="The call came to this desk, it was not made there."
    )
    is_queue_call = fields.Boolean(string="From a queue")
    is_click_to_dial = fields.Boolean(string="Dialled from Odoo")
    can_answer = fields.Boolean()
    is_declined = fields.Boolean(
        help="Who sits there has declined it in Odoo: he has not missed it."
    )
    is_missed_unseen = fields.Boolean(
        help="Missed, and who sits there has not looked at his missed calls since."
    )
    is_forgotten = fields.Boolean(
        help="The PBX did not know it any more: how it ended nobody can tell."
    )
    is_met_at_end = fields.Boolean(
        help="The first that was told of it was its end: how it went nobody has told."
    )
    is_repaired = fields.Boolean(
        help="Nobody listened to its end: it was found in the list of recorded calls."
    )
    is_after_answer = fields.Boolean(
        help="Somebody had answered before it rang here: a transfer, or a desk of a "
        "queue that is heard of late."
    )
    is_polled = fields.Boolean(
        help="The listener was told of it, not a notice alone: the PBX reports it."
    )
    caller_id = fields.Char(string="Caller ID", groups="noojee.group_see_numbers")
    other_number = fields.Char(
        groups="noojee.group_see_numbers",
        help="The other party's number as seen from this desk.",
    )

    started_at = fields.Datetime(string="Start")
    answered_at = fields.Datetime(string="Answered")
    ended_at = fields.Datetime(string="End")

    unique_call_id = fields.Char(string="Channel id", required=True)
    secondary_unique_call_id = fields.Char(string="Second channel id")
    wire_call_id = fields.Char(
        string="CallID", help="The PBX's id of the call at this extension."
    )

    _wire_unique = models.Constraint(
        "unique(pbx_id, extension_number, unique_call_id)",
        "This channel is known already.",
    )
    _primary_idx = models.Index("(pbx_id, unique_call_id)")
    _secondary_idx = models.Index(
        "(pbx_id, secondary_unique_call_id) WHERE secondary_unique_call_id IS NOT NULL"
    )
    _open_idx = models.Index("(pbx_id) WHERE state != 'ended'")
    _missed_unseen_idx = models.Index("(user_id) WHERE is_missed_unseen IS TRUE")
    _ended_idx = models.Index("(started_at) WHERE state = 'ended'")
    _recent_idx = models.Index("(user_id, started_at DESC) WHERE state = 'ended'")

    @api.depends("extension_number", "user_id.name")
    def _compute_display_name(self):
        for channel in self:
            name = channel.user_id.name
            number = channel.extension_number
            channel.display_name = f"{number} · {name}" if name else number

    @contextmanager
    def _declined(self):
        """Have those of these that ring known as declined, unless what is done here
        fails; with what a dial plan may have told of the same ring at these desks.

        It is stored for good before: the event of their end may be taken in before
        the PBX has answered. In a cursor of its own: a request that wrote what events
        write would collide with them, be run again, and find nothing to hang up.
        """
        at_desks = self.call_id.channel_ids.filtered(
            lambda c: c.extension_id in self.extension_id
        )
        ringing = at_desks.filtered(lambda c: c.state == "ringing" and c.is_called)
        ringing._store_declined(True)
        try:
            yield
        except Exception:
            ringing._store_declined(False)
            raise

    def _store_declined(self, is_declined):
        def store():
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr)).is_declined = is_declined

        if self:
            repeat(store)

    def _prepare_end_values(self, ended_at):
        # not before what is known of it
        ended_at = max(ended_at, self.answered_at or self.started_at)
        return {"state": "ended", "ended_at": ended_at, "can_answer": False}

    def _unheard(self):
        """Those whose end, or all before it, nobody heard of."""
        return self.filtered(lambda c: c.is_forgotten or c.is_met_at_end)

    def _forget_one_by_one(self):
        """End these, each when something was told of it the last time."""
        for channel in self:
            channel._forget(channel.write_date)

    def _forget(self, known_at=None):
        """End these: the PBX does not know them any more.

        :param datetime known_at: when they were last known to run, if that was not a
            moment ago
        """
        calls = self.call_id
        ended_at = known_at or fields.Datetime.now()
        write_alike(
            (channel, {**channel._prepare_end_values(ended_at), "is_forgotten": True})
            for channel in self
        )
        calls._settle()
        calls._update_chatter()
        calls._follow_missed()
        calls._notify()
