from odoo import models

from .noojee_call_ingest import RANK

# of several outcomes of a call's channels the first that is there is the call's
OUTCOME_RANK = ("answered", "missed", "elsewhere", "cancelled", "unknown")


class NoojeeCall(models.Model):
    """What a call is as a whole, derived from its channels: a part of taking events
    in."""

    _inherit = "noojee.call"

    def _settle(self):
        """Derive these calls from their channels."""
        for call in self:
            call._settle_outcomes()
            values = call._settled_values()
            values = {name: new for name, new in values.items() if call[name] != new}
            if values:
                call.write(values)

    def _settle_outcomes(self):
        is_answered = any(self.channel_ids.mapped("answered_at"))
        for channel in self.channel_ids.filtered(lambda c: c.state == "ended"):
            if channel.answered_at:
                outcome = "answered"
            elif channel.is_forgotten:
                outcome = "unknown"
            elif not channel.is_called:
                outcome = "cancelled"
            else:
                outcome = "elsewhere" if is_answered else "missed"
            if channel.outcome != outcome:
                is_missed = outcome == "missed"
                channel.write({"outcome": outcome, "is_missed_unseen": is_missed})

    def _settled_values(self):
        channels = self.channel_ids
        running = channels.filtered(lambda channel: channel.state != "ended")
        answered = channels.filtered("answered_at").sorted("answered_at")
        starts = channels.filtered("started_at").mapped("started_at")
        values = {
            "state": max(running.mapped("state"), key=RANK.get) if running else "ended",
            "answered_at": answered[:1].answered_at,
            "outcome": False,
            "ended_at": False,
        }
        if not self.request_token and starts:
            # a dialled call starts with the click
            values["started_at"] = min(starts)
        if called := answered.filtered("is_called"):
            if not self.answered_at:
                values |= self._values_for_answerer(called[0].user_id)
            if self.direction == "inbound":
                values["user_id"] = called[-1:].user_id
        callers = channels.filtered(lambda channel: not channel.is_called)
        if self.direction == "internal" and callers and not self.request_token:
            values["user_id"] = callers[0].user_id
        if not running:
            values["ended_at"] = max(channels.mapped("ended_at"))
            values["outcome"] = min(channels.mapped("outcome"), key=OUTCOME_RANK.index)
        return values
