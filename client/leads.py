"""Leads: section 7 of noojee-api.md."""

from collections.abc import Mapping
from dataclasses import dataclass

from . import wire
from .answers import check_code, check_status, outcome, parsed
from .errors import LeadRefused, NotJson
from .results import Result
from .section import CAMPAIGNS, Section, sent

# the PBX queues leads for so long before it refuses one
LEAD_SECONDS = 60.0


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
    ) -> LeadResult:
        """Insert a lead.

        :param lead: field name → text, system fields among them
        :param allow_duplicates: do not look for equal phone numbers
        :raise LeadRefused: any code but 0, with its reason
        """
        params = _lead_params(template_id, campaign_id, allocation_id, allow_duplicates)
        return self._lead("insertLeadFast", params, dict(lead))

    def update_lead(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
    ) -> LeadResult:
        """Update a lead; its ``njExternalLeadId`` and ``njDisposition`` are required.

        :raise LeadRefused: any code but 0, with its reason
        """
        params = _lead_params(template_id, campaign_id, allocation_id, allow_duplicates)
        return self._lead("updateLeadFast", params, dict(lead))

    def insert_lead_old(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
    ) -> LeadResult:
        """:meth:`insert_lead` for old systems: one at a time, and refused while
        somebody imports by hand."""
        params = _lead_params(template_id, campaign_id, allocation_id, allow_duplicates)
        return self._lead("insertLead", params, [dict(lead)])

    def update_lead_old(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
    ) -> LeadResult:
        """:meth:`update_lead` for old systems, which want the lead's key in the
        address."""
        fields = dict(lead)
        params = _lead_params(template_id, campaign_id, allocation_id, allow_duplicates)
        params["njExternalLeadId"] = fields.pop("njExternalLeadId", None)
        return self._lead("updateLead", params, [fields])

    def _lead(self, method, params, body) -> LeadResult:
        answer = self._transport.send(
            "POST", f"{CAMPAIGNS}/{method}", sent(params), body=body, wait=LEAD_SECONDS
        )
        row = parsed(answer)
        if not isinstance(row, dict) or wire.integer(row, "Code") is None:
            check_status(answer, method)
            raise NotJson(method, answer.excerpt())
        check_code(row, method)
        code, message = outcome(row)
        if code:
            raise LeadRefused(method, code, message)
        check_status(answer, method)
        return LeadResult(code, message)


def _lead_params(template_id, campaign_id, allocation_id, allow_duplicates) -> dict:
    return {
        "fTemplateId": template_id,
        "fCampaignId": campaign_id,
        "fAllocationId": allocation_id,
        "allowDuplicates": "true" if allow_duplicates else None,
    }
