"""What is asked of a PBX about one lead, and how a lost answer is made good. Nothing of
Odoo in here (noojee-api.md section 7)."""

from dataclasses import dataclass
from enum import Enum

from ..client import (
    NO_CHANGE,
    LeadRefusal,
    LeadRefused,
    NoojeeClient,
    lead_body,
    with_disposition,
)

# refusals of an update that are about the lead which was found
FOUND_BY = (
    LeadRefusal.DNC,
    LeadRefusal.DUPLICATE,
    LeadRefusal.DISPOSITION_ISNT_SET_AND_NOCHANGE_SPECIFIED,
)


class Outcome(Enum):
    """What came of a request that did not fail."""

    DONE = "the PBX has taken it"
    FOUND = "the PBX has it from an earlier request, whose answer was lost"
    NOT_ASKED = "the PBX did not answer the one before"


@dataclass(frozen=True, slots=True)
class LeadRequest:
    """An insert or an update of a lead.

    :ivar id: of the line in the outbox
    :ivar place: numbers of template, campaign and allocation
    :ivar phone: name of a phone field: an update names one at least
    :ivar is_maybe_there: an earlier answer was lost: the lead is looked for first
    :ivar spare_disposition: of an update, where the lead has none to keep
    :ivar is_old: by the methods of older systems
    """

    id: int
    place: tuple[str, str, str]
    key: str
    body: dict[str, str]
    phone: str
    is_insert: bool
    allow_duplicates: bool = False
    is_maybe_there: bool = False
    spare_disposition: str = ""
    is_old: bool = False

    def run(self, client: NoojeeClient) -> Outcome:
        """:raise NoojeeError: what went wrong"""
        return self._insert(client) if self.is_insert else self._update(client)

    def _insert(self, client):
        if self.is_maybe_there and self._is_there(client):
            return Outcome.FOUND
        try:
            client.insert_lead(
                *self.place,
                self.body,
                allow_duplicates=self.allow_duplicates,
                old=self.is_old,
            )
        except LeadRefused as refusal:
            # one with our key is ours, one with the number is another's
            if not refusal.is_there or not self._is_there(client):
                raise
            return Outcome.FOUND
        return Outcome.DONE

    def _update(self, client):
        try:
            self._send_update(client, self.body)
        except LeadRefused as refusal:
            nothing_to_keep = LeadRefusal.DISPOSITION_ISNT_SET_AND_NOCHANGE_SPECIFIED
            if refusal.reason is not nothing_to_keep or not self.spare_disposition:
                raise
            body = with_disposition(self.body, self.spare_disposition)
            self._send_update(client, body)
        return Outcome.DONE

    def _is_there(self, client) -> bool:
        """Whether the PBX has a lead of our key: by an update that changes nothing.

        :raise NoojeeError: where its answer does not tell
        """
        body = lead_body(self.key, {self.phone: NO_CHANGE}, disposition=NO_CHANGE)
        try:
            self._send_update(client, body)
        except LeadRefused as refusal:
            if refusal.reason is LeadRefusal.COULDNT_FIND_THE_LEAD:
                return False
            if refusal.reason not in FOUND_BY:
                raise
        return True

    def _send_update(self, client, body):
        client.update_lead(
            *self.place, body, allow_duplicates=self.allow_duplicates, old=self.is_old
        )
