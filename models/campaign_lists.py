"""Reading all that a PBX lists of its campaigns. Nothing of Odoo in here."""

from dataclasses import dataclass, field

from ..client import (
    ApiError,
    HttpError,
    KeyRefused,
    NamedRow,
    NoojeeClient,
    NoojeeError,
)

CAMPAIGNS = "campaigns"
ALLOCATIONS = "allocations"
DISPOSITIONS = "dispositions"
FIELDS = "fields"


@dataclass(slots=True)
class TemplateLists:
    """A template with what is below it.

    A list that the PBX refused is None, and its error stands in ``faults``.

    :ivar campaigns: :class:`NamedRow` of the client; so ``dispositions``
    :ivar allocations: id of a campaign → its rows, or None
    :ivar fields: :class:`Field` of the client
    :ivar faults: list's name → what went wrong
    """

    row: NamedRow
    campaigns: tuple | None = None
    allocations: dict[str, tuple | None] = field(default_factory=dict)
    dispositions: tuple | None = None
    fields: tuple | None = None
    faults: dict[str, NoojeeError] = field(default_factory=dict)

    def ask(self, client: NoojeeClient) -> None:
        """:raise NoojeeError: where the PBX does not answer at all"""
        number = self.row.id
        self.campaigns = self._try(CAMPAIGNS, client.get_campaigns, number)
        self.dispositions = self._try(DISPOSITIONS, client.get_dispositions, number)
        self.fields = self._try(FIELDS, client.get_fields, number)
        for campaign in self.campaigns or ():
            self.allocations[campaign.id] = self._try(
                ALLOCATIONS, client.get_allocations, campaign.id
            )

    def _try(self, part, method, number) -> tuple | None:
        try:
            return known(method(number))
        except NoojeeError as error:
            if not is_of_the_part(error):
                raise
            self.faults.setdefault(part, error)
            return None


def read_lists(client: NoojeeClient) -> list[TemplateLists]:
    """Every list of a PBX.

    :raise NoojeeError: where it does not answer: half of it is worth nothing
    """
    templates = [TemplateLists(row) for row in known(client.get_campaign_templates())]
    for template in templates:
        template.ask(client)
    return templates


def known(rows) -> tuple:
    """Rows that can be told apart."""
    return tuple({row.id: row for row in rows if row.id}.values())


def is_of_the_part(error: NoojeeError) -> bool:
    """Whether it says that this list is not to be had, and nothing of the others:
    the names of some are not documented."""
    if isinstance(error, HttpError):
        return error.status < 500
    return isinstance(error, ApiError) and not isinstance(error, KeyRefused)
