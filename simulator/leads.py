"""Leads: duplicates, do-not-call, dispositions, the rate (noojee-api.md section 7)."""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .phone import digits
from .replies import LeadRefusal

# a PBX with four hardware threads
LEADS_AT_ONCE = 2
SECONDS_A_LEAD = 0.1
QUEUE_SECONDS = 60.0
FIRST_LEAD = 90100
NO_CHANGE = "<no change>"
# in the national form
DO_NOT_CALL = {"0491570110", "0398765432"}
SYSTEM_FIELDS = {
    "njExternalLeadId",
    "njCallBackDate",
    "njPriority",
    "njContactHours",
    "njDisposition",
}


@dataclass(slots=True)
class Lead:
    """:param number: the lead's own in this PBX
    :param key: ``njExternalLeadId``, empty where none was sent
    :param call: what its call record tells beside the disposition, once an agent has
        called it
    """

    number: int
    campaign: str
    allocation: str
    key: str
    phones: set[str]
    fields: dict = field(default_factory=dict)
    disposition: str = ""
    call: dict = field(default_factory=dict)


class Leads:
    """:param phone_fields: names of the fields that hold numbers
    :param queue_seconds: how long a lead may wait for its turn
    """

    def __init__(self, phone_fields: set[str], *, queue_seconds: float = QUEUE_SECONDS):
        self.rows: list[Lead] = []
        # goes on counting after a reset: a number means one lead
        self._numbers = itertools.count(FIRST_LEAD)
        self.is_importing = False
        self.do_not_call = set(DO_NOT_CALL)
        self._phone_fields = phone_fields
        self._queue_seconds = queue_seconds
        self._places = threading.BoundedSemaphore(LEADS_AT_ONCE)
        self._alone = threading.Lock()
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Back to the beginning."""
        with self._lock:
            self.rows.clear()
            self.is_importing = False

    def told(self) -> list[dict]:
        """The leads as JSON, oldest first."""
        with self._lock:
            return [
                {
                    "key": lead.key,
                    "campaign": lead.campaign,
                    "allocation": lead.allocation,
                    "disposition": lead.disposition,
                    "fields": dict(lead.fields),
                }
                for lead in self.rows
            ]

    def call(self, key: str, disposition: str, call: dict) -> None:
        """An agent has called a lead.

        :raise ValueError: where there is no such lead
        """
        with self._lock:
            lead = self._find(key)
            if not lead:
                raise ValueError(f"There is no lead {key}")
            lead.disposition = disposition
            lead.call = {"phoneNumber": min(lead.phones), **call}

    @contextlib.contextmanager
    def alone(self):
        """What the old methods wait for: they take one lead at a time.

        :raise LeadRefusal: 109 after a minute in the queue
        """
        if not self._alone.acquire(timeout=self._queue_seconds):
            raise LeadRefusal(109)
        try:
            yield
        finally:
            self._alone.release()

    def take(self, action: Callable[[], None]) -> None:
        """Work on a lead at the documented rate.

        :raise LeadRefusal: 109 after a minute in the queue
        """
        if not self._places.acquire(timeout=self._queue_seconds):
            raise LeadRefusal(109)
        try:
            time.sleep(SECONDS_A_LEAD)
            with self._lock:
                action()
        finally:
            self._places.release()

    def insert(
        self, campaign: str, allocation: str, fields: dict, *, allow_duplicates: bool
    ) -> None:
        """A key is unique in the whole PBX, numbers within their campaign, however
        they are written (the document is silent on both).

        :raise LeadRefusal: by the table of section 7
        """
        if any(is_no_change(value) for value in fields.values()):
            raise LeadRefusal(108)
        phones = self._phones(fields)
        key = fields.get("njExternalLeadId", "")
        if key and self._find(key):
            raise LeadRefusal(105)
        if not allow_duplicates and self._is_known(campaign, phones):
            raise LeadRefusal(105)
        number = next(self._numbers)
        lead = Lead(number, campaign, allocation, key, phones, dict(fields))
        self.rows.append(lead)

    def update(
        self,
        campaign: str,
        key: str,
        fields: dict,
        dispositions: list[str],
        *,
        allow_duplicates: bool,
    ) -> None:
        """Numbers that the lead gets anew are compared as those of an insert are: both
        methods know ``allowDuplicates``.

        :param dispositions: those of the template

        :raise LeadRefusal: by the table of section 7
        """
        lead = self._find(key)
        if not lead or lead.campaign != campaign:
            raise LeadRefusal(101)
        disposition = _next_disposition(lead, fields, dispositions)
        phones = self._phones(fields, lead.fields)
        if not allow_duplicates and self._is_known(campaign, phones - lead.phones):
            raise LeadRefusal(105)
        lead.phones = phones
        lead.disposition = disposition
        lead.fields |= {n: v for n, v in fields.items() if not is_no_change(v)}

    def _find(self, key: str) -> Lead | None:
        return next((lead for lead in self.rows if lead.key == key), None)

    def _is_known(self, campaign: str, phones: set[str]) -> bool:
        return any(
            lead.campaign == campaign and lead.phones & phones for lead in self.rows
        )

    def _phones(self, fields: dict, before: dict | None = None) -> set[str]:
        """The lead's numbers as they will be; at least one phone field must be sent,
        and at least one number stay (the document is silent on the latter)."""
        sent = {name for name in self._phone_fields if fields.get(name)}
        if not sent:
            raise LeadRefusal(102)
        values = dict(before or {})
        values |= {n: v for n, v in fields.items() if not is_no_change(v)}
        phones = {digits(values.get(name, "")) for name in self._phone_fields} - {""}
        if not phones:
            raise LeadRefusal(102)
        if phones & self.do_not_call:
            raise LeadRefusal(104)
        return phones


def _next_disposition(lead: Lead, fields: dict, dispositions: list[str]) -> str:
    """A disposition is required on update; a missing one counts as an invalid one
    (the document is silent)."""
    wanted = fields.get("njDisposition", "")
    if is_no_change(wanted):
        if not lead.disposition:
            raise LeadRefusal(107)
        return lead.disposition
    if wanted not in dispositions:
        raise LeadRefusal(106)
    return wanted


def is_no_change(value: str) -> bool:
    # the marker's case varies between the documentation's pages
    return value.strip().lower() == NO_CHANGE
