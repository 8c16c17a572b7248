from contextlib import contextmanager

from odoo import api, fields, models

from .noojee_call import DIRECTIONS, OUTCOMES, STATES
from .transaction import repeat


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

    def _unheard(self):
        """Those whose end, or all before it, nobody heard of."""
        return self.filtered(lambda c: c.is_forgotten or c.is_met_at_end)

    def _forget(self):
        """End these: the PBX does not know them any more."""
        calls = self.call_id
        ended_at = fields.Datetime.now()
        self.write({**calls._prepare_end_values(ended_at), "is_forgotten": True})
        calls._settle()
        calls._update_chatter()
        calls._follow_missed()
        calls._notify()
