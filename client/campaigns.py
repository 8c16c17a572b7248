"""Campaigns: section 6 of noojee-api.md."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from . import conventions, wire
from .answers import read_rows
from .conventions import CallRecordRow, FieldRow
from .results import NamedRow, Rows, named
from .section import CAMPAIGNS, Section


@dataclass(frozen=True, slots=True)
class Field(NamedRow):
    """A field of a campaign template's leads (section 6).

    :ivar is_required: None where it was not told; so ``is_phone``
    """

    type: str = ""
    is_required: bool | None = None
    is_phone: bool | None = None

    @classmethod
    def from_wire(cls, row: dict) -> "Field":
        return cls(
            **named(row),
            type=wire.text(row, FieldRow.TYPE),
            is_required=wire.boolean(row, FieldRow.REQUIRED),
            is_phone=wire.boolean(row, FieldRow.PHONE),
        )


@dataclass(frozen=True, slots=True)
class CallRecord(NamedRow):
    """A call of a campaign that was dispositioned of late (section 6).

    :ivar lead_id: the PBX's own number of the lead
    :ivar start: aware, or None
    :ivar duration: in seconds, or None
    """

    external_lead_id: str = ""
    disposition: str = ""
    agent_login: str = ""
    unique_id: str = ""
    start: datetime | None = None
    duration: int | None = None
    phone_number: str = ""
    tag: str = ""
    lead_id: str = ""

    @classmethod
    def from_wire(cls, row: dict, time_zone: str) -> "CallRecord":
        names = CallRecordRow
        return cls(
            **named(row),
            external_lead_id=wire.text(row, names.EXTERNAL_LEAD_ID),
            disposition=wire.text(row, names.DISPOSITION),
            agent_login=wire.text(row, names.AGENT_LOGIN),
            unique_id=wire.text(row, names.UNIQUE_ID),
            start=wire.moment(row, ZoneInfo(time_zone), names.START),
            duration=wire.integer(row, names.DURATION),
            phone_number=wire.text(row, names.PHONE_NUMBER),
            tag=wire.text(row, names.TAG),
            lead_id=wire.text(row, names.LEAD_ID),
        )


class Campaigns(Section):
    """The lists of ``CampaignAPI``."""

    def get_campaign_templates(self) -> Rows[NamedRow]:
        return self._named(CAMPAIGNS, "getCampaignTemplateList", {})

    def get_campaigns(self, template_id: str) -> Rows[NamedRow]:
        params = {"fTemplateId": template_id}
        return self._named(CAMPAIGNS, "getCampaignList", params)

    def get_allocations(self, campaign_id: str) -> Rows[NamedRow]:
        params = {"fCampaignId": campaign_id}
        return self._named(CAMPAIGNS, "getAllocationList", params)

    def get_dispositions(self, template_id: str) -> Rows[NamedRow]:
        params = {"fTemplateId": template_id}
        return self._named(CAMPAIGNS, conventions.DISPOSITION_LIST, params)

    def get_fields(self, template_id: str) -> Rows[Field]:
        """The fields of a template's leads."""
        params = {"fTemplateId": template_id}
        rows = self._entities(CAMPAIGNS, conventions.FIELD_LIST, params)
        return read_rows(rows, Field.from_wire)

    def get_call_records(
        self, template_id: str, campaign_id: str, allocation_id: str
    ) -> Rows[CallRecord]:
        """Calls that were dispositioned of late."""
        params = {
            "fTemplateId": template_id,
            "campaignId": campaign_id,
            "allocationId": allocation_id,
        }
        rows = self._entities(CAMPAIGNS, "getCallRecordList", params)
        return read_rows(rows, partial(CallRecord.from_wire, time_zone=self._time_zone))

    def _named(self, resource, method, params) -> Rows[NamedRow]:
        rows = self._entities(resource, method, params)
        return read_rows(rows, NamedRow.from_wire)
