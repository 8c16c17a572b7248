"""``CampaignAPI``: lists and leads (noojee-api.md sections 6 and 7)."""

import functools
import json

from .campaigns import Campaigns
from .leads import SYSTEM_FIELDS, is_no_change
from .method import JSON, Method, integer, moment
from .replies import BAD_PARAMETER, LeadRefusal, Refusal, Reply, entities

RESOURCE = "CampaignAPI"
PLACE = ("fTemplateId", "fCampaignId", "fAllocationId")
LOWEST_PRIORITY = 100


class CampaignApi:
    """List handlers take the query's parameters, lead handlers the body as well."""

    def __init__(self, campaigns: Campaigns, *, is_older: bool = False):
        self.campaigns = campaigns
        self.is_older = is_older

    def methods(self) -> dict[str, Method]:
        return {**self._list_methods(), **self._lead_methods()}

    def _list_methods(self) -> dict[str, Method]:
        get = functools.partial(Method, verbs=("GET",))
        template = ("fTemplateId",)
        record = (*template, "campaignId", "allocationId")
        return {
            "getCampaignTemplateList": get(self.templates),
            "getCampaignList": get(self.campaign_list, required=template),
            "getAllocationList": get(self.allocations, required=("fCampaignId",)),
            "getDispositionList": get(self.dispositions, required=template),
            "getFieldList": get(self.fields, required=template),
            "getCallRecordList": get(self.call_records, required=record),
        }

    def _lead_methods(self) -> dict[str, Method]:
        lead = functools.partial(Method, required=PLACE, content_type=JSON)
        duplicates = ("allowDuplicates",)
        # the sources disagree on where the lead's key stands on update
        key = ("njExternalLeadId",)
        old = {
            "insertLead": lead(self.insert_lead, optional=duplicates),
            "updateLead": lead(self.update_lead, optional=key + duplicates),
        }
        if self.is_older:
            return old
        return {
            **old,
            "insertLeadFast": lead(self.insert_lead_fast, optional=duplicates),
            "updateLeadFast": lead(self.update_lead_fast, optional=key + duplicates),
        }

    # === LISTS === #

    def templates(self, _params: dict) -> dict:
        return entities("campaignTemplate", self.campaigns.templates())

    def campaign_list(self, params: dict) -> dict:
        return entities("campaign", self.campaigns.campaigns(params["fTemplateId"]))

    def allocations(self, params: dict) -> dict:
        return entities("allocation", self.campaigns.allocations(params["fCampaignId"]))

    def dispositions(self, params: dict) -> dict:
        rows = self.campaigns.dispositions(params["fTemplateId"])
        return entities("disposition", rows)

    def fields(self, params: dict) -> dict:
        return entities("field", self.campaigns.fields(params["fTemplateId"]))

    def call_records(self, params: dict) -> dict:
        rows = self.campaigns.call_records(
            params["fTemplateId"], params["campaignId"], params["allocationId"]
        )
        return entities("callRecord", rows)

    # === LEADS === #

    def insert_lead_fast(self, params: dict, body: bytes) -> Reply:
        return self._insert(params, _lead(_parsed(body)))

    def insert_lead(self, params: dict, body: bytes) -> Reply:
        """The old one: a list of one lead, one at a time, refused during an import by
        hand."""
        with self.campaigns.leads.alone():
            return self._insert(params, self._only_lead(body))

    def update_lead_fast(self, params: dict, body: bytes) -> Reply:
        return self._update(params, _lead(_parsed(body)))

    def update_lead(self, params: dict, body: bytes) -> Reply:
        """The old one: a list of one lead, refused during an import by hand."""
        with self.campaigns.leads.alone():
            return self._update(params, self._only_lead(body))

    def _only_lead(self, body: bytes) -> dict:
        if self.campaigns.leads.is_importing:
            raise LeadRefusal(103)
        rows = _parsed(body)
        if not isinstance(rows, list) or len(rows) != 1:
            raise Refusal(BAD_PARAMETER, "The body is not a list of one lead")
        return _lead(rows[0])

    def _insert(self, params: dict, fields: dict) -> Reply:
        """A disposition is for updates only: here it is ignored."""
        self._check_place(params)
        fields, ignored = self._known(params, fields)
        if fields.pop("njDisposition", None):
            ignored.append("njDisposition")
        leads = self.campaigns.leads
        allow = _allows_duplicates(params)
        place = params["fCampaignId"], params["fAllocationId"]
        leads.take(lambda: leads.insert(*place, fields, allow_duplicates=allow))
        return _done(ignored)

    def _update(self, params: dict, fields: dict) -> Reply:
        self._check_place(params)
        key = fields.get("njExternalLeadId") or params.get("njExternalLeadId")
        if not key:
            raise Refusal(BAD_PARAMETER, "Missing parameter njExternalLeadId")
        leads = self.campaigns.leads
        known = self.campaigns.disposition_names(params["fTemplateId"])
        fields, ignored = self._known(params, fields)
        campaign = params["fCampaignId"]
        allow = _allows_duplicates(params)
        leads.take(
            lambda: leads.update(campaign, key, fields, known, allow_duplicates=allow)
        )
        return _done(ignored)

    def _known(self, params: dict, fields: dict) -> tuple[dict, list[str]]:
        """What the campaign has a field for, and the names of the rest: it is ignored,
        as a real server does."""
        known = self.campaigns.field_names(params["fTemplateId"]) | SYSTEM_FIELDS
        kept = {name: value for name, value in fields.items() if name in known}
        return kept, sorted(set(fields) - known)

    def _check_place(self, params: dict) -> None:
        self.campaigns.check_place(*(params[name] for name in PLACE))


def _allows_duplicates(params: dict) -> bool:
    return params.get("allowDuplicates", "").lower() == "true"


def _done(ignored: list[str]) -> Reply:
    return Reply(entities("lead", []), code=0, ignored=ignored)


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(BAD_PARAMETER, "The body is not JSON") from None


def _lead(row: object) -> dict:
    if not isinstance(row, dict) or not all(
        isinstance(value, str) for value in row.values()
    ):
        raise Refusal(BAD_PARAMETER, "The body is not an object of field name → text")
    _check_system_fields({n: v for n, v in row.items() if not is_no_change(v)})
    return dict(row)


def _check_system_fields(row: dict) -> None:
    if "njPriority" in row and integer(row, "njPriority") > LOWEST_PRIORITY:
        raise Refusal(BAD_PARAMETER, "njPriority is not 0 to 100")
    if when := row.get("njCallBackDate"):
        _check_call_back(when)


def _check_call_back(when: str) -> None:
    moment(when, "%Y/%m/%d %H:%M", "njCallBackDate is not yyyy/MM/dd HH:mm")
