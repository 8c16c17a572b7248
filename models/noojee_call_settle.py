from datetime import timedelta

from odoo import api, models

from .noojee_call_ingest import RANK
from .write_alike import write_alike

# a transfer's end at one desk and its beginning at the next are told by two lists
HAND_OVER = timedelta(seconds=2)
# of several outcomes of a call's channels the first that is there is the call's
OUTCOME_RANK = ("answered", "missed", "elsewhere", "cancelled", "unknown")


class NoojeeCall(models.Model):
    """What a call is as a whole, derived from its channels: a part of taking events
    in."""

    _inherit = "noojee.call"

    def _settle(self):
        """Derive these calls from their channels."""
        write_alike(
            (channel, values)
            for call in self
            for channel, values in call._settled_outcomes()
        )
        write_alike((call, call._settled_values()) for call in self)

    def _settled_outcomes(self):
        """:return: list of channels whose outcome is new, and their values"""
        channels = self.channel_ids
        answered = [channel for channel in channels if channel.answered_at]
        found = []
        for channel in channels:
            outcome = self._settled_outcome(channel, answered)
            if outcome and outcome != channel.outcome:
                is_missed = outcome == "missed"
                values = {"outcome": outcome, "is_missed_unseen": is_missed}
                found.append((channel, values))
        return found

    @api.model
    def _settled_outcome(self, channel, answered):
        if channel.state != "ended":
            return False
        if channel.answered_at:
            return "answered"
        if channel.is_forgotten or channel.is_met_at_end:
            return "unknown"
        if not channel.is_called:
            return "cancelled"
        if channel.is_after_answer:
            # whoever had passed the caller on by then has not answered this
            begun = channel.started_at + HAND_OVER
            answered = [
                other
                for other in answered
                if other.id > channel.id or not other.ended_at or other.ended_at > begun
            ]
        return "elsewhere" if answered else "missed"

    def _settled_values(self):
        channels = self.channel_ids
        running = [channel for channel in channels if channel.state != "ended"]
        answered = [channel for channel in channels if channel.answered_at]
        answered.sort(key=lambda channel: channel.answered_at)
        starts = [channel.started_at for channel in channels if channel.started_at]
        states = (channel.state for channel in running)
        values = {
            "state": max(states, key=RANK.get, default="ended"),
            "answered_at": answered[0].answered_at if answered else False,
            "outcome": False,
            "ended_at": False,
        }
        if not self.request_token and starts:
            # a dialled call starts with the click
            values["started_at"] = min(starts)
        if called := [channel for channel in answered if channel.is_called]:
            if not self.answered_at:
                values |= self._values_for_answerer(called[0].user_id)
            if self.direction == "inbound":
                values["user_id"] = called[-1].user_id
        if self.direction == "internal" and not self.request_token:
            callers = [channel for channel in channels if not channel.is_called]
            if callers:
                values["user_id"] = callers[0].user_id
        if not running:
            values["ended_at"] = max(channels.mapped("ended_at"))
            values["outcome"] = min(channels.mapped("outcome"), key=OUTCOME_RANK.index)
        return values
