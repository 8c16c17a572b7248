"""Campaigns: section 6 of noojee-api.md."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self
from zoneinfo import ZoneInfo

from . import conventions, wire
from .answers import read_rows
from .results import FrozenDict, NamedRow, Rows
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
    def from_wire(cls, row: dict) -> Self:
        return cls(
            wire.text(row, "id"),
            wire.text(row, "name"),
            FrozenDict(row),
            wire.text(row, "type"),
            wire.boolean(row, "required"),
            wire.boolean(row, "phone"),
        )


@dataclass(frozen=True, slots=True)
class CallRecord(NamedRow):
    """A call of a campaign that was dispositioned of late (section 6).

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

    @classmethod
    def from_wire(cls, row: dict, time_zone: str) -> Self:
        return cls(
            wire.text(row, "id"),
            wire.text(row, "name"),
            FrozenDict(row),
            wire.text(row, "njExternalLeadId"),
            wire.text(row, "disposition"),
            wire.text(row, "agentLoginName"),
            wire.text(row, "uniqueId"),
            wire.moment(row, ZoneInfo(time_zone), "startTime"),
            wire.integer(row, "duration"),
            wire.text(row, "phoneNumber"),
            wire.text(row, "tag"),
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
