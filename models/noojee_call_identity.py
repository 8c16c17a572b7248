from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .noojee_call_ingest import INVENTED, is_anonymous
from .noojee_call_join import SESSION_LIFE

NAMELESS = f"{INVENTED}with "
# what ended while the PBX told its state may still stand in it
STATE_LATENESS = timedelta(minutes=1)


class NoojeeCall(models.Model):
    """Which channel an event speaks of.

    Most name it. Of the others only the PBX's own number of the call tells, and after
    a restart the PBX gives the same numbers to other calls.
    """

    _inherit = "noojee.call"

    @api.model
    def _unique_id(self, event):
        named = event.unique_call_id or self._invented_id(event.call_id)
        # of what is told without any id a desk has one from each caller
        return named or f"{NAMELESS}{event.caller_id or event.outbound_destination}"

    @api.model
    def _invented_id(self, call_id):
        return call_id and f"{INVENTED}{call_id}"

    @api.model
    def _ids_of(self, event):
        ids = (self._unique_id(event), event.secondary_unique_call_id)
        return [unique_id for unique_id in ids if unique_id]

    @api.model
    def _keys_of(self, channel):
        """:return: set of a channel's desk with each id that events may call it by"""
        ids = (
            channel.unique_call_id,
            channel.secondary_unique_call_id,
            self._invented_id(channel.wire_call_id),
        )
        return {(channel.extension_number, unique_id) for unique_id in ids if unique_id}

    @api.model
    def _read_channels(self, batch):
        """Read the channels that a batch may speak of, and have each of its events
        name its own."""
        begun = [
            event
            for event in batch.events
            if not event.unique_call_id and self._state_of(event) not in (None, "ended")
        ]
        ids = {self._unique_id(event) for event in begun}
        at_desks = {(event.extension, self._unique_id(event)): event for event in begun}
        for channel in self._search_channels(batch):
            event = at_desks.get((channel.extension_number, channel.unique_call_id))
            is_meant = channel.unique_call_id in ids
            if is_meant and self._is_of_another_life(batch, channel, event):
                # its number begins another call, which is stored before other changes
                channel.unique_call_id += f"-{channel.id}"
                channel.flush_recordset(["unique_call_id"])
            batch.add(channel)
        batch.events = self._named(batch, begun)

    @api.model
    def _search_channels(self, batch):
        ids = {unique_id for event in batch.events for unique_id in self._ids_of(event)}
        invented = {self._invented_id(e.call_id) for e in batch.events if e.call_id}
        spoken_of = Domain("unique_call_id", "in", ids | invented) | Domain(
            "secondary_unique_call_id", "in", ids
        )
        if nameless := [e for e in batch.events if not e.unique_call_id and e.call_id]:
            earliest = fields.Datetime.now() - SESSION_LIFE
            spoken_of |= (
                Domain("extension_number", "in", [e.extension for e in nameless])
                & Domain("wire_call_id", "in", [e.call_id for e in nameless])
                # what is over is not looked through: it grows with the years
                & (
                    Domain("state", "!=", "ended")
                    | Domain("state", "=", "ended")
                    & Domain("started_at", ">", earliest)
                )
            )
        return self.env["noojee.call.channel"].search(
            Domain("pbx_id", "=", batch.pbx.id) & spoken_of
        )

    @api.model
    def _is_of_another_life(self, batch, channel, event):
        """Whether the PBX may give a channel's number to another by now.

        :param event: that may begin one under this number at this desk, or None
        """
        if channel.state != "ended":
            return False
        now = fields.Datetime.now()
        is_nameless = channel.unique_call_id.startswith(NAMELESS)
        if is_nameless or channel.ended_at < now - SESSION_LIFE:
            return True
        if not event:
            return False
        if self._is_with_another(batch.pbx, channel, event):
            return True
        return (
            batch.tells_state
            and not channel.is_forgotten
            and channel.ended_at < now - STATE_LATENESS
        )

    @api.model
    def _is_with_another(self, pbx, channel, event):
        """Whether an event tells of another party than a channel's."""
        before = channel.other_number
        now = self._other_number(channel.extension_number, event)
        if event.inbound is not None and channel.is_called != self._is_called(event):
            return True
        if is_anonymous(before) or is_anonymous(now):
            return False
        return self._in_one_form(before, pbx) != self._in_one_form(now, pbx)

    @api.model
    def _in_one_form(self, number, pbx):
        return self._customer_number(number, pbx) or number

    @api.model
    def _named(self, batch, begun):
        """:param begun: events without an id that a channel may begin with
        :return: the batch's events, those of one channel all by the same id, which
            a channel learns as soon as one of them tells it
        """
        # of several the one that runs, else the last one
        channels = sorted(
            batch.channels.values(), key=lambda c: (c.state != "ended", c.id)
        )
        by_number = {
            (channel.extension_number, channel.wire_call_id): channel
            for channel in channels
            if channel.wire_call_id
        }
        begins = {(event.extension, event.call_id): event for event in begun}
        by_number = {
            number: channel
            for number, channel in by_number.items()
            if not self._is_of_another_life(batch, channel, begins.get(number))
        }
        names = {number: c.unique_call_id for number, c in by_number.items()}
        for event in batch.events:
            if event.unique_call_id and event.call_id:
                number = event.extension, event.call_id
                names[number] = event.unique_call_id
                if channel := by_number.get(number):
                    self._learn_id(batch, channel, event.unique_call_id)
        return [
            event
            if event.unique_call_id
            else replace(
                event,
                unique_call_id=names.get((event.extension, event.call_id), ""),
            )
            for event in batch.events
        ]

    @api.model
    def _learn_id(self, batch, channel, unique_id):
        is_nameless = channel.unique_call_id.startswith(INVENTED)
        is_known = (channel.extension_number, unique_id) in batch.channels
        if is_nameless and not is_known and channel.state != "ended":
            channel.unique_call_id = unique_id
            batch.add(channel)
