from collections import defaultdict
from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain

from ..client import CallEvent, CallStatus, Direction
from .event_batch import Span


class NoojeeCall(models.Model):
    """Calls of which nothing but their recording was heard."""

    _inherit = "noojee.call"

    is_repaired = fields.Boolean(
        string="Repaired",
        help="Nobody listened to the PBX when it happened: it was found later in the "
        "list of recorded calls.",
    )

    @api.model
    def _ingest_recorded(self, pbx, legs):
        """Take in finished calls by their recorded legs; those that were followed to
        their end are left alone. Of a call that lasted over an hour's end the lists of
        two hours tell.

        :param legs: :class:`RecordingLeg` of the client
        :return: the calls of which something was missed
        """
        # sudo: what was recorded comes from the PBX, not from a user
        pbx_sudo = pbx.sudo()
        by_call = defaultdict(list)
        for leg in legs:
            if leg.unique_id and self._leg_start(leg):
                by_call[leg.unique_id].append(leg)
        events, spans = [], {}
        known = self._calls_by_id(pbx_sudo, list(by_call))
        for unique_id, stretches in by_call.items():
            calls = known.get(unique_id, self.browse())
            for desk, stretch in self._by_desk(pbx_sudo, stretches).items():
                if calls._were_followed_at(desk):
                    continue
                span = self._span(pbx_sudo, desk, stretch)
                calls._begin_repair(desk, span)
                channel_id = calls._channel_id_at(desk, unique_id)
                spans[desk, channel_id] = span
                events += self._synthetic_events(desk, stretch, channel_id)
        return self._ingest(pbx, events, is_late=True, spans=spans)

    @api.model
    def _calls_by_id(self, pbx_sudo, unique_ids):
        """:return: calls by the unique ids, among these, that they are known by"""
        return self._calls_by_channel(pbx_sudo, unique_ids)

    @api.model
    def _calls_by_channel(self, pbx_sudo, unique_ids):
        """As :meth:`_calls_by_id`, of those that events told of."""
        channels = pbx_sudo.env["noojee.call.channel"].search(
            Domain("pbx_id", "=", pbx_sudo.id)
            & (
                Domain("unique_call_id", "in", unique_ids)
                | Domain("secondary_unique_call_id", "in", unique_ids)
            )
        )
        by_id = {}
        for channel in channels:
            for unique_id in (channel.unique_call_id, channel.secondary_unique_call_id):
                known = by_id.get(unique_id, channel.call_id)
                by_id[unique_id] = known | channel.call_id
        return by_id

    def _were_followed_at(self, desk):
        """Whether events, or another record, tell more of these than a leg that was
        recorded at a desk."""
        return any(call._was_followed_at(desk) for call in self)

    def _was_followed_at(self, desk):
        # it may have gone on at a desk that was never heard of
        channels = self._channels_at(desk) or self.channel_ids
        return not (channels._unheard() or channels.filtered("is_repaired"))

    def _channels_at(self, desk):
        return self.channel_ids.filtered(lambda c: c.extension_number == desk)

    def _begin_repair(self, desk, span):
        """What was given up at a desk ended with its recording, not when that was
        noticed."""
        self.is_repaired = True
        unheard = self._channels_at(desk)._unheard()
        unheard.is_repaired = True
        unheard.filtered("is_forgotten").ended_at = span.end

    def _channel_id_at(self, desk, unique_id):
        """The id by which a desk's channel is known: a recording may go by the
        caller's."""
        channels = self._channels_at(desk)
        if not channels or unique_id in channels.mapped("unique_call_id"):
            return unique_id
        return (channels._unheard() or channels)[-1].unique_call_id

    @api.model
    def _by_desk(self, pbx_sudo, legs):
        """The legs at each of our desks; both of an internal call's."""
        numbers = set(pbx_sudo.extension_ids.mapped("number"))
        by_desk = defaultdict(list)
        for leg in legs:
            for desk in {leg.source, leg.destination} & numbers:
                by_desk[desk].append(leg)
        return by_desk

    @api.model
    def _synthetic_events(self, desk, legs, unique_id):
        leg = legs[-1]
        is_called = leg.destination == desk
        if leg.direction is not Direction.UNKNOWN and leg.did != "internal":
            is_called = leg.direction is Direction.INBOUND
        other = leg.source if leg.destination == desk else leg.destination
        return [
            CallEvent(
                extension=desk,
                status=status,
                status_word=status.value,
                unique_call_id=unique_id,
                caller_id=other if is_called else desk,
                outbound_destination="" if is_called else other,
                inbound=is_called,
            )
            for status in (CallStatus.CONNECTED, CallStatus.HUNGUP)
        ]

    @api.model
    def _span(self, pbx_sudo, desk, legs):
        skew = timedelta(seconds=round(pbx_sudo.listener_ids._clock_skew()))
        start = min(map(self._leg_start, legs)) + skew
        end = max(map(self._leg_end, legs)) + skew
        sign_on = self.env["noojee.sign.on"].sudo()
        sat_there = sign_on.search(
            Domain("pbx_id", "=", pbx_sudo.id)
            & Domain("number", "=", desk)
            & Domain("since", "<=", start)
            & (Domain("until", "=", False) | Domain("until", ">", start)),
            limit=1,
        )
        return Span(start, end, sat_there.user_id)

    @staticmethod
    def _leg_start(leg):
        moment = leg.start or leg.call_end
        return moment and moment.astimezone(timezone.utc).replace(tzinfo=None)

    @api.model
    def _leg_end(self, leg):
        if leg.call_end:
            return leg.call_end.astimezone(timezone.utc).replace(tzinfo=None)
        return self._leg_start(leg) + timedelta(seconds=leg.duration or 0)
