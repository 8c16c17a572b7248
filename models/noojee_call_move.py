from odoo import api, fields, models

from .noojee_call_ingest import RANK
from .write_alike import write_alike


class NoojeeCall(models.Model):
    """How events move a call's channels on: a part of taking events in."""

    _inherit = "noojee.call"

    @api.model
    def _rounds(self, batch, events):
        """:return: lists of channels with one event each: a channel's next event goes
        into the next list"""
        rounds = [{}]
        for event in events:
            channel = batch.channels.get((event.extension, self._unique_id(event)))
            # desks that are not set up here, or no more, are nobody's concern
            if not channel:
                continue
            if channel in rounds[-1]:
                rounds.append({})
            rounds[-1][channel] = event
        return [list(moves.items()) for moves in rounds]

    @api.model
    def _move_channels(self, batch, moves):
        """:param list moves: channels, each with what was told of it
        :return: the calls of which the events told anything new
        """
        news = [
            (channel, event, values)
            for channel, event in moves
            if (values := self._prepare_news(batch, channel, event))
        ]
        write_alike((channel, values) for channel, _event, values in news)
        rung = (c.call_id for c, event, values in news if self._has_rung(event, values))
        write_alike((call, {"has_rung": True}) for call in rung)
        if batch.is_polled:
            # of no concern to whoever looks at the call
            write_alike((channel, {"is_polled": True}) for channel, _event in moves)
        for channel, event, values in news:
            self._follow_move(batch, channel, event, values)
        return self.union(*(channel.call_id for channel, _event, _values in news))

    @api.model
    def _has_rung(self, event, values):
        """Whether a phone rang, by what is new of it."""
        is_new = "state" in values or "is_met_at_end" in values
        return "answered_at" in values or (
            is_new and self._state_of(event) == "ringing"
        )

    @api.model
    def _prepare_news(self, batch, channel, event):
        """:return: what an event tells that was not known of its channel"""
        state = self._state_of(event)
        # what a late event says is past as well, but better than nothing
        is_late = not state or RANK[state] < RANK[channel.state]
        values = {}
        if event.secondary_unique_call_id and not (
            is_late and channel.secondary_unique_call_id
        ):
            values["secondary_unique_call_id"] = event.secondary_unique_call_id
        number = self._other_number(channel.extension_number, event)
        if number and not (is_late and channel.other_number):
            values["other_number"] = number
        if self._runs_on(batch, channel, state):
            values |= self._prepare_reopened_values(batch, channel, state, event)
        elif not is_late:
            values["can_answer"] = bool(event.can_answer) and state == "ringing"
            if RANK[state] > RANK[channel.state]:
                values |= self._prepare_state_values(batch, channel, state, event)
            elif state == "ended":
                if channel.is_forgotten:
                    # it was given up too early
                    values |= self._prepare_state_values(batch, channel, state, event)
                values["is_forgotten"] = False
        elif state in ("dialing", "ringing"):
            # one that was met at its end is known now from its beginning
            values["is_met_at_end"] = False
        elif state == "connected" and not channel.answered_at:
            values |= self._prepare_late_answer_values(batch, channel, event)
        span = batch.spans.get((channel.extension_number, channel.unique_call_id))
        if span and channel.is_repaired and channel.state == "ended":
            values |= self._prepare_longer_values(channel, span)
        return {
            name: new
            for name, new in values.items()
            if (channel[name] or False) != (new or False)
        }

    @api.model
    def _runs_on(self, batch, channel, state):
        """Whether the PBX names a channel again that it had not known any more."""
        if not channel.is_forgotten or channel.state != "ended":
            return False
        if batch.tells_state:
            return state not in (None, "ended")
        # of its beginning may be told late, and again
        return state == "connected" and not batch.is_late

    @api.model
    def _prepare_reopened_values(self, batch, channel, state, event):
        answered_at = channel.answered_at
        if answered_at:
            state = "connected"
        elif state == "connected":
            answered_at = self._answered_at(batch, event, fields.Datetime.now())
        return {
            "state": state,
            "answered_at": answered_at,
            "can_answer": bool(event.can_answer) and state == "ringing",
            "ended_at": False,
            "outcome": False,
            "is_forgotten": False,
        }

    @api.model
    def _follow_move(self, batch, channel, event, values):
        """Have a call follow what is new of one of its channels."""
        if "state" in values and values.get("ended_at") is False:
            channel.call_id._resume_recording()
        if "other_number" in values:
            channel.call_id._learn_number(batch, channel)
        if "secondary_unique_call_id" in values:
            batch.add(channel)
            self._join(batch, batch.by_id[event.secondary_unique_call_id].call_id)

    @api.model
    def _prepare_state_values(self, batch, channel, state, event):
        now = fields.Datetime.now()
        span = batch.spans.get((channel.extension_number, channel.unique_call_id))
        match state:
            case "connected":
                moment = span.start if span else self._answered_at(batch, event, now)
                moment = max(moment, channel.started_at)
                return {"state": state, "answered_at": moment}
            case "ended":
                ended_at = span.end if span else batch.known_at or now
                return channel._prepare_end_values(ended_at)
        return {"state": state}

    @api.model
    def _prepare_longer_values(self, channel, span):
        """Of what was found by its recording another hour's list may tell more."""
        start = min(channel.started_at, span.start)
        answer = min(channel.answered_at or span.start, span.start)
        end = max(channel.ended_at, span.end)
        return {"started_at": start, "answered_at": answer, "ended_at": end}

    @api.model
    def _prepare_late_answer_values(self, batch, channel, event):
        """That a channel was answered may be told after its end. One that was given
        up may run on: the PBX's state will tell."""
        answered_at = self._answered_at(batch, event, fields.Datetime.now())
        return {
            "answered_at": max(channel.started_at, min(answered_at, channel.ended_at)),
            "is_met_at_end": False,
        }
