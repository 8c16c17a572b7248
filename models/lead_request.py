"""What is asked of a PBX about one lead, and how a lost answer is made good. Nothing of
Odoo in here (noojee-api.md section 7)."""

from dataclasses import dataclass

from ..client import (
    NO_CHANGE,
    LeadRefusal,
    LeadRefused,
    NoojeeClient,
    lead_body,
    with_disposition,
)


@dataclass(frozen=True, slots=True)
class LeadRequest:
    """An insert or an update of a lead.

    :ivar id: of the line in the outbox
    :ivar place: numbers of template, campaign and allocation
    :ivar phone: name of a phone field: an update names one at least
    :ivar is_maybe_there: an earlier answer was lost: the lead is looked for first
    :ivar spare_disposition: of an update, where the lead has none to keep
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

    def run(self, client: NoojeeClient) -> None:
        """:raise NoojeeError: what went wrong"""
        if self.is_insert:
            self._insert(client)
        else:
            self._update(client)

    def _insert(self, client):
        if self.is_maybe_there and self._is_there(client):
            return
        try:
            client.insert_lead(
                *self.place, self.body, allow_duplicates=self.allow_duplicates
            )
        except LeadRefused as refusal:
            # one with our key is ours, one with the number is another's
            if not refusal.is_there or not self._is_there(client):
                raise

    def _update(self, client):
        try:
            client.update_lead(
                *self.place, self.body, allow_duplicates=self.allow_duplicates
            )
        except LeadRefused as refusal:
            nothing_to_keep = LeadRefusal.DISPOSITION_ISNT_SET_AND_NOCHANGE_SPECIFIED
            if refusal.reason is not nothing_to_keep or not self.spare_disposition:
                raise
            body = with_disposition(self.body, self.spare_disposition)
            client.update_lead(
                *self.place, body, allow_duplicates=self.allow_duplicates
            )

    def _is_there(self, client) -> bool:
        """Whether the PBX has a lead of our key: by an update that changes nothing."""
        body = lead_body(self.key, {self.phone: NO_CHANGE}, disposition=NO_CHANGE)
        try:
            client.update_lead(*self.place, body)
        except LeadRefused as refusal:
            if refusal.may_retry:
                raise
            # any other refusal is about the lead that was found
            return refusal.reason is not LeadRefusal.COULDNT_FIND_THE_LEAD
        return True
