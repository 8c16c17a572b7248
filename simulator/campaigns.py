"""Campaigns as an administrator has set them up (noojee-api.md section 6)."""

from .leads import Leads
from .replies import BAD_PARAMETER, Refusal

TEMPLATES = {"1": "Solar sales", "2": "Service reminders"}
# campaign → (template, name)
CAMPAIGNS = {
    "11": ("1", "Spring offer"),
    "12": ("1", "Battery upgrade"),
    "21": ("2", "Yearly service"),
}
# allocation → (campaign, name)
ALLOCATIONS = {
    "111": ("11", "Melbourne team"),
    "112": ("11", "Perth team"),
    "121": ("12", "Melbourne team"),
    "211": ("21", "Reception"),
}
DISPOSITIONS = {
    "1": ["Sale", "No answer", "Call back", "Not interested", "Do not call"],
    "2": ["Booked", "No answer", "Call back", "Already serviced", "Do not call"],
}
FIELDS = [
    {"id": "1", "name": "Name", "type": "text", "required": "true"},
    {"id": "2", "name": "Phone", "type": "phone", "required": "true", "phone": "true"},
    {"id": "3", "name": "Mobile", "type": "phone", "phone": "true"},
    {"id": "4", "name": "Suburb", "type": "text"},
    {"id": "5", "name": "Note", "type": "text"},
]
PHONE_FIELDS = {row["name"] for row in FIELDS if row.get("phone") == "true"}
# one with all that the document lists, one with the least it may hold
CALL_RECORDS = [
    {
        "id": "90001",
        "name": "Priya Raman",
        "disposition": "Call back",
        "agentLoginName": "anna",
        "uniqueId": "1412750652.301",
        "startTime": "2026-11-02 10:15:00",
        "duration": "184",
        "phoneNumber": "0370101235",
        "tag": "",
    },
    {"id": "90002", "name": "Li Wei"},
]
ALLOCATION_OF_CALL_RECORDS = "111"
# what an administrator can take away
LISTS = ("templates", "campaigns", "allocations", "dispositions", "fields")


class Campaigns:
    """The lists, and the leads that were put in."""

    def __init__(self):
        self.leads = Leads(PHONE_FIELDS)
        # list → ids that it does not show any more
        self._gone: dict[str, set[str]] = {}
        # allocation → call records of calls that none of our leads was called by
        self._records: dict[str, list[dict]] = {}

    def take_away(self, gone: dict[str, list[str]]) -> None:
        """From now on these rows, and no others, are gone.

        :raise ValueError: for a list that there is not
        """
        if unknown := set(gone) - set(LISTS):
            raise ValueError(f"There is no list {', '.join(sorted(unknown))}")
        self._gone = {name: set(map(str, ids)) for name, ids in gone.items()}

    def forget(self) -> None:
        """Back to the beginning."""
        self._gone = {}
        self._records = {}
        self.leads.forget()

    def set_call_records(self, allocation: str, rows: list[dict]) -> None:
        """From now on these, beside those of the leads, are an allocation's records.

        :raise Refusal: for an allocation that there is not
        """
        self._check_known("allocations", ALLOCATIONS, allocation, "allocation id")
        self._records[allocation] = rows

    def templates(self) -> list[dict]:
        return self._shown("templates", _named(TEMPLATES))

    def campaigns(self, template: str) -> list[dict]:
        self._check_known("templates", TEMPLATES, template, "fTemplateId")
        return self._shown("campaigns", _children(CAMPAIGNS, template))

    def allocations(self, campaign: str) -> list[dict]:
        self._check_known("campaigns", CAMPAIGNS, campaign, "fCampaignId")
        return self._shown("allocations", _children(ALLOCATIONS, campaign))

    def dispositions(self, template: str) -> list[dict]:
        self._check_known("templates", TEMPLATES, template, "fTemplateId")
        names = enumerate(DISPOSITIONS[template], 1)
        rows = _named({f"{template}{number}": name for number, name in names})
        return self._shown("dispositions", rows)

    def fields(self, template: str) -> list[dict]:
        self._check_known("templates", TEMPLATES, template, "fTemplateId")
        return self._shown("fields", [dict(row) for row in FIELDS])

    def field_names(self, template: str) -> set[str]:
        return {row["name"] for row in self.fields(template)}

    def disposition_names(self, template: str) -> list[str]:
        return [row["name"] for row in self.dispositions(template)]

    def call_records(self, template: str, campaign: str, allocation: str) -> list[dict]:
        """Calls that were made, and each lead of the allocation with a disposition."""
        self.check_place(template, campaign, allocation)
        is_theirs = allocation == ALLOCATION_OF_CALL_RECORDS
        at_first = CALL_RECORDS if is_theirs else []
        return [dict(row) for row in self._records.get(allocation, at_first)] + [
            {
                "id": str(lead.number),
                "name": lead.fields.get("Name", ""),
                "njExternalLeadId": lead.key,
                "disposition": lead.disposition,
                **lead.call,
            }
            for lead in self.leads.rows
            if lead.disposition and lead.allocation == allocation
        ]

    def check_place(self, template: str, campaign: str, allocation: str) -> None:
        """:raise Refusal: where the three do not belong together"""
        self._check_known("templates", TEMPLATES, template, "fTemplateId")
        self._check_known("campaigns", CAMPAIGNS, campaign, "campaign id")
        self._check_known("allocations", ALLOCATIONS, allocation, "allocation id")
        if CAMPAIGNS[campaign][0] != template or ALLOCATIONS[allocation][0] != campaign:
            raise Refusal(BAD_PARAMETER, "The allocation is not of this campaign")

    def _shown(self, name: str, rows: list[dict]) -> list[dict]:
        gone = self._gone.get(name, ())
        return [row for row in rows if row["id"] not in gone]

    def _check_known(self, name: str, rows: dict, number: str, what: str) -> None:
        if number not in rows or number in self._gone.get(name, ()):
            raise Refusal(BAD_PARAMETER, f"Unknown {what} {number}")


def _named(rows: dict) -> list[dict]:
    return [{"id": number, "name": name} for number, name in rows.items()]


def _children(rows: dict, parent: str) -> list[dict]:
    return _named({n: name for n, (above, name) in rows.items() if above == parent})
