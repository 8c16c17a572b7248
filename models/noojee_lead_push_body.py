from zoneinfo import ZoneInfo

import pytz

from odoo import api, models
from odoo.exceptions import UserError

from ..client import NO_CHANGE, lead_body
from .lead_request import LeadRequest


class NoojeeLeadPush(models.Model):
    """What is told to the PBX of a lead."""

    _inherit = "noojee.lead.push"

    def _prepare_request(self):
        """What is to be asked, by the lead as it is now.

        :return: ``(LeadRequest, values that the PBX will have)``
        :raise UserError: in plain words, why nothing is to be asked.
        """
        self.ensure_one()
        template = self.campaign_id.template_id
        phones = template._phone_fields()
        if not phones:
            raise UserError(template._mapping_problems()[0])
        if self.task == "insert":
            if fault := self._place_fault(self.campaign_id, self.allocation_id):
                raise UserError(fault)
            values = self._values()
            body = self._insert_body(values)
        else:
            values, body = self._change_body(template)
        allocation = self.allocation_id
        request = LeadRequest(
            id=self.id,
            place=(template.wire_id, self.campaign_id.wire_id, allocation.wire_id),
            key=self.lead_key,
            body=body,
            phone=phones[0].name,
            is_insert=self.task == "insert",
            allow_duplicates=self.job_id.allow_duplicates,
            is_maybe_there=self.is_maybe_done,
            spare_disposition=template.update_disposition_id.name or "",
            is_old=self.env["noojee.campaign.mirror"]._of(self.pbx_id).has_old_leads,
        )
        return request, values

    def _values(self):
        """The lead's fields as they are sent.

        :return: dict from the campaign fields' names to text
        :raise UserError: where the lead is not to be sent as it is.
        """
        template = self.campaign_id.template_id
        phones = template._phone_fields()
        values, numbers, unread = {}, [], []
        for field in template._sent_fields():
            text, problem, e164 = field._value_of(self.lead_id)
            if problem and field.is_required:
                raise UserError(problem)
            # of two numbers, one that cannot be dialled keeps nobody from the other
            unread += [problem] if problem and field in phones else []
            values[field.name] = text
            numbers += [e164] if e164 else []
        if not numbers:
            raise UserError(
                unread[0]
                if unread
                else self.env._(
                    "%(lead)s has no phone number in any field that is sent.",
                    lead=self.lead_id.display_name,
                )
            )
        for number in numbers:
            if reason := self._not_to_be_called(number):
                raise UserError(reason)
        return values

    def _not_to_be_called(self, e164):
        """Why a number must not be called, by the same check as at a click."""
        job = self.job_id
        findings = self.env["noojee.call"]._may_call(
            e164,
            self.lead_id,
            user=job.user_id,
            at=job.call_back_at or None,
            # when it is called is the campaign's to choose, by its contact hours
            is_timed=bool(job.call_back_at),
        )
        return ". ".join(finding["title"] for finding in findings)

    def _insert_body(self, values):
        job = self.job_id
        return lead_body(
            self.lead_key,
            {name: text for name, text in values.items() if text},
            call_back=self._local(job.call_back_at),
            priority=job.priority,
            contact_hours=job.contact_hours,
        )

    def _change_body(self, template):
        """Only what has changed is sent; the rest stays at the PBX as it is."""
        known = self.sent_values or {}
        if self.task == "withdraw":
            disposition = self._closing_disposition().name
            values = known
        else:
            disposition = NO_CHANGE
            values = self._values()
        sent = template._sent_fields().mapped("name")
        body = {
            name: NO_CHANGE if values.get(name) == known.get(name) else values[name]
            for name in sent
        }
        return values, lead_body(self.lead_key, body, disposition=disposition)

    def _local(self, moment):
        """A moment by the PBX's clock."""
        zone = ZoneInfo(self.pbx_id.tz)
        return pytz.utc.localize(moment).astimezone(zone) if moment else None

    @api.model
    def _blacklisted(self, numbers):
        """Those of some numbers that are on the phone blacklist: as the check at a
        click finds them, for many at once."""
        # sudo: users without rights on the list are bound by it too
        rows = self.env["phone.blacklist"].sudo().search([("number", "in", numbers)])
        return set(rows.mapped("number"))
