from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain

from ..client import CallEvent, CallStatus
from .event_batch import Span
from .noojee_call_ingest import INVENTED


class NoojeeCall(models.Model):
    """Calls of campaigns: the way in for the PBX's call records, beside that of its
    events. (noojee-api.md section 6)"""

    _inherit = "noojee.call"

    campaign_id = fields.Many2one(
        "noojee.campaign", ondelete="set null", index="btree_not_null"
    )
    disposition_id = fields.Many2one(
        "noojee.campaign.disposition",
        ondelete="set null",
        index="btree_not_null",
        help="What the agent said in Noojee came of it.",
    )
    campaign_result_ids = fields.One2many("noojee.campaign.result", "call_id")

    @api.model
    def _ingest_dispositioned(self, result):
        """Take in a call record: it completes the call that the events told of, or
        makes one.

        A record without a lead makes no call: it has one as soon as somebody says
        whose it is.

        :param result: ``noojee.campaign.result``
        :return: the call, or none
        """
        # sudo: call records come from the PBX, not from a user
        calls = self.sudo()
        call = calls._told_before(result)
        if call:
            call._complete_by(result)
        elif result.lead_id:
            desk = result._desk()
            call = desk and calls._of_desk(result, desk) or calls._of_no_desk(result)
        if not call:
            return call
        call._file_result(result)
        call._update_chatter()
        call._follow_missed()
        call._notify()
        return call

    @api.model
    def _told_before(self, result):
        """The call of a record, where the events told of it or an earlier look did."""
        call = result.call_id.exists()
        if not result.unique_id:
            return call
        told = self._with_channel(result.pbx_id, [result.unique_id])
        if call and told and call != told and not call.channel_ids:
            # its events came later than its record
            told._absorb(call)
        return told or call

    @api.model
    def _with_channel(self, pbx, unique_ids):
        same = Domain("unique_call_id", "in", unique_ids)
        same |= Domain("secondary_unique_call_id", "in", unique_ids)
        channel = self.env["noojee.call.channel"].search(
            Domain("pbx_id", "=", pbx.id) & same, order="id", limit=1
        )
        return channel.call_id

    def _complete_by(self, result):
        """Of a call whose end nobody saw the record tells whether it was answered."""
        channel = self.channel_ids.filtered(
            lambda c: c.outcome == "unknown" and c.unique_call_id == result.unique_id
        )[:1]
        if channel and result.duration:
            start = result.started_at.replace(tzinfo=timezone.utc)
            answer = self._event_at(
                channel.extension_number, result, CallStatus.CONNECTED, start
            )
            self._ingest(self.pbx_id, [answer], is_late=True)

    @api.model
    def _of_desk(self, result, desk):
        """A call at the agent's desk, by events such as the PBX would have sent."""
        unique_id = self._record_unique_id(result)
        end = result.started_at + timedelta(seconds=result.duration)
        span = Span(result.started_at, end, result.user_id, self._record_values(result))
        if result.duration:
            statuses = [CallStatus.CONNECTED, CallStatus.HUNGUP]
        elif result.has_duration:
            statuses = [CallStatus.DIALING_OUT, CallStatus.HUNGUP]
        else:
            # how it went nobody tells
            statuses = [CallStatus.HUNGUP]
        events = [self._event_at(desk.number, result, status) for status in statuses]
        spans = {(desk.number, unique_id): span}
        return self._ingest(result.pbx_id, events, is_late=True, spans=spans)

    @api.model
    def _event_at(self, desk_number, result, status, start=None):
        return CallEvent(
            extension=desk_number,
            status=status,
            status_word=status.value,
            unique_call_id=self._record_unique_id(result),
            caller_id=desk_number,
            outbound_destination=result._dialled_number() or "",
            inbound=False,
            call_start=start,
        )

    @api.model
    def _record_unique_id(self, result):
        return result.unique_id or f"{INVENTED}record-{result.id}"

    @api.model
    def _of_no_desk(self, result):
        """A call at a desk that is not set up here: it has no channel."""
        seconds = timedelta(seconds=result.duration)
        if result.duration:
            outcome = "answered"
        else:
            outcome = "cancelled" if result.has_duration else "unknown"
        number = result._dialled_number()
        return self.create(
            {
                "pbx_id": result.pbx_id.id,
                "company_id": result.company_id.id,
                "user_id": result.user_id.id,
                "direction": "outbound",
                "number": number,
                "number_e164": result.pbx_id._formatted(number),
                "state": "ended",
                "outcome": outcome,
                "started_at": result.started_at,
                "answered_at": result.duration and result.started_at,
                "ended_at": result.started_at + seconds,
                **self._record_values(result),
            }
        )

    @api.model
    def _record_values(self, result):
        """What a record tells of its new call."""
        return {
            "has_rung": True,
            "is_repaired": False,
            "is_wrap_up_skipped": True,
            **self._campaign_values(result),
            **self._lead_values(result),
        }

    @api.model
    def _campaign_values(self, result):
        return {
            "campaign_id": result.campaign_id.id,
            "disposition_id": result.disposition_id.id,
        }

    @api.model
    def _lead_values(self, result):
        lead = result.lead_id
        return {"record_ref": f"crm.lead,{lead.id}", "partner_id": lead.partner_id.id}

    def _file_result(self, result):
        """Note on a call what its record tells; the agent has said what came of it in
        Noojee, and is not asked again."""
        values = self._campaign_values(result) | {"is_wrap_up_skipped": True}
        if result.lead_id and self._may_become_of(result.lead_id):
            values |= self._lead_values(result)
        if not self.user_id:
            values["user_id"] = result.user_id.id
        values = {
            name: new
            for name, new in values.items()
            if self._fields[name].convert_to_write(self[name], self) != new
        }
        if values:
            self.write(values)

    def _may_become_of(self, lead):
        """Whether this call is not about anything more than its number tells."""
        record = self._existing_record() or self.partner_id
        return not record or record == lead.partner_id or self._is_guessed()

    # === BY OTHER WAYS === #

    @api.model
    def _calls_by_id(self, pbx_sudo, unique_ids):
        of_records = pbx_sudo.env["noojee.campaign.result"].search(
            [
                ("pbx_id", "=", pbx_sudo.id),
                ("unique_id", "in", unique_ids),
                ("call_id", "!=", False),
            ]
        )
        by_id = super()._calls_by_id(pbx_sudo, unique_ids)
        for result in of_records:
            known = by_id.get(result.unique_id, result.call_id)
            by_id[result.unique_id] = known | result.call_id
        return by_id

    def _unique_ids(self):
        of_records = self.sudo().campaign_result_ids.mapped("unique_id")
        return list(dict.fromkeys([*super()._unique_ids(), *filter(None, of_records)]))

    def _absorbed_values(self, others):
        values = super()._absorbed_values(others)
        for name in ("campaign_id", "disposition_id", "result_id"):
            if not self[name] and (known := others.mapped(name)[:1]):
                values[name] = known.id
        return values

    def _absorb(self, others):
        # sudo: nobody writes results; they stay with the call that remains
        others.sudo().campaign_result_ids.call_id = self
        return super()._absorb(others)

    def _erase(self):
        # sudo: nobody writes results
        self.sudo().campaign_result_ids._erase()
        return super()._erase()

    def _chatter_who(self):
        if self.user_id or self.channel_ids or not self.campaign_id:
            return super()._chatter_who()
        agents = filter(None, self.campaign_result_ids.mapped("agent_login"))
        return next(agents, self.campaign_id.name)

    def _chatter_lines(self):
        lines = super()._chatter_lines()
        if self.campaign_id:
            lines.insert(
                1,
                self.env._(
                    "%(campaign)s: %(disposition)s",
                    campaign=self.campaign_id.name,
                    disposition=self.disposition_id.name
                    or self.env._("no disposition"),
                ),
            )
        return lines
