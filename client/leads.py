"""Leads: section 7 of noojee-api.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from . import conventions, wire
from .answers import check_status, outcome, parsed
from .errors import KeyRefused, LeadRefused, NotJson
from .results import Result
from .section import CAMPAIGNS, Section, sent

# the PBX queues leads for so long before it refuses one
LEAD_SECONDS = 60.0
# a field's text that leaves what the lead has; the PBX's own pages vary in its case
NO_CHANGE = "<No Change>"


MOMENT_FORM = "%Y/%m/%d %H:%M"


def lead_date(day: date) -> str:
    """A day, or the day of a moment, as a lead's field holds it."""
    return day.strftime(conventions.LEAD_DATE_FORM)


def lead_moment(moment: datetime) -> str:
    """A local time as a lead's field holds it."""
    return moment.strftime(MOMENT_FORM)


def lead_body(
    key: str,
    fields: Mapping[str, str],
    *,
    call_back: datetime | None = None,
    priority: int | None = None,
    contact_hours: str | None = None,
    disposition: str | None = None,
) -> dict[str, str]:
    """A lead as both methods take it (section 7).

    :param key: our own, by which the lead is found again
    :param fields: campaign field's name → text
    :param call_back: local to the lead's contact hours; None: first come, first served
    :param priority: 0 to 100, lower is sooner
    :param disposition: of an update, which requires one
    """
    system = {
        "njExternalLeadId": key,
        "njCallBackDate": lead_moment(call_back) if call_back else None,
        "njPriority": None if priority is None else str(priority),
        "njContactHours": contact_hours or None,
        "njDisposition": disposition,
    }
    told = {name: text for name, text in system.items() if text is not None}
    return {**fields, **told}


def with_disposition(body: Mapping[str, str], disposition: str) -> dict[str, str]:
    """The same lead with another disposition."""
    return {**body, "njDisposition": disposition}


@dataclass(frozen=True, slots=True)
class LeadResult(Result):
    """A lead that was taken (section 7)."""


class Leads(Section):
    """The methods of ``CampaignAPI`` that write."""

    def insert_lead(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
        old: bool = False,
    ) -> LeadResult:
        """Insert a lead.

        :param lead: field name → text, system fields among them
        :param allow_duplicates: do not look for equal phone numbers
        :param old: by ``insertLead`` of old systems: one lead at a time, and refused
            while somebody imports by hand
        :raise LeadRefused: any code but 0, with its reason
        """
        fields = _fields(lead)
        place = _place(template_id, campaign_id, allocation_id, allow_duplicates)
        if old:
            return self._lead("insertLead", place, [fields])
        return self._lead("insertLeadFast", place, fields)

    def update_lead(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
        old: bool = False,
    ) -> LeadResult:
        """Update a lead; parameters and errors as :meth:`insert_lead`.

        :param lead: its ``njExternalLeadId`` and ``njDisposition`` are required, and a
            phone field; :data:`NO_CHANGE` leaves what the lead has
        """
        fields = _fields(lead)
        place = _place(template_id, campaign_id, allocation_id, allow_duplicates)
        if old:
            # it wants the lead's key in the address
            key = {"njExternalLeadId": fields.pop("njExternalLeadId", None)}
            return self._lead("updateLead", place | key, [fields])
        return self._lead("updateLeadFast", place, fields)

    def _lead(self, method, params, body) -> LeadResult:
        answer = self._transport.send(
            "POST", f"{CAMPAIGNS}/{method}", sent(params), body=body, wait=LEAD_SECONDS
        )
        row = parsed(answer)
        if not isinstance(row, dict) or wire.integer(row, "Code") is None:
            check_status(answer, method)
            raise NotJson(method, answer.excerpt())
        code, message = outcome(row)
        if conventions.is_key_refused(code, message):
            raise KeyRefused(method, code, message)
        if code:
            raise LeadRefused(method, code, message, answer.status)
        check_status(answer, method)
        return LeadResult(code, message)


def _place(template_id, campaign_id, allocation_id, allow_duplicates) -> dict:
    return {
        "fTemplateId": template_id,
        "fCampaignId": campaign_id,
        "fAllocationId": allocation_id,
        "allowDuplicates": "true" if allow_duplicates else None,
    }


def _fields(lead) -> dict:
    """The lead with the marker as the PBX takes it, however it was written."""
    return {
        name: NO_CHANGE if str(text).lower() == NO_CHANGE.lower() else text
        for name, text in lead.items()
    }
