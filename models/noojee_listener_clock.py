from datetime import timedelta, timezone

from odoo import api, fields, models

JUST_NOW = timedelta(seconds=2)
MAX_SKEW = 86400


class NoojeeListener(models.Model):
    """How far the PBX's clock and ours are apart."""

    _inherit = "noojee.listener"

    clock_skew = fields.Float(
        help="How many seconds Odoo's clock is ahead of the PBX's."
    )

    @api.model
    def _clock_skew_of(self, pbx):
        """As :meth:`_clock_skew`, of all subscriptions to a PBX."""
        domain = [("pbx_id", "=", pbx.id)]
        return self.search_fetch(domain, ["clock_skew"], order="id")._clock_skew()

    def _clock_skew(self):
        """How far our clock is ahead of the PBX's, in seconds."""
        return next((row.clock_skew for row in self if row.clock_skew), 0.0)

    def _measure_clock(self, changed):
        """Compare the clocks by a call that has begun this moment.

        The id is of the channel that a call started from: a caller may have listened
        to a greeting before, so that our clock seems to be ahead. What began at a desk
        tells it exactly.
        """
        now = fields.Datetime.now()
        begun = changed.channel_ids.filtered(
            lambda channel: (
                channel.state in ("dialing", "ringing")
                and now - channel.create_date < JUST_NOW
                and channel.call_id._second_of(channel.unique_call_id)
            )
        )
        exact = begun.filtered(lambda c: c.is_queue_call or not c.is_called)
        newest = max(
            (c.call_id._second_of(c.unique_call_id) for c in exact or begun), default=0
        )
        skew = now.replace(tzinfo=timezone.utc).timestamp() - newest
        # beyond a day its ids are no times; a second is what its whole numbers leave
        # out
        if abs(skew) < MAX_SKEW:
            self.filtered(
                lambda row: (
                    abs(skew - row.clock_skew) > 1
                    and (exact or not row.clock_skew or skew < row.clock_skew)
                )
            ).clock_skew = skew
