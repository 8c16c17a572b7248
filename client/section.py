"""What the sections of the API share: how they ask."""

from collections.abc import Iterable, Mapping

from .answers import read_object, rows
from .conventions import Conventions
from .results import Rows
from .transport import Transport

CALLS = "servicemanager/rest/CallManagementAPI"
CAMPAIGNS = "servicemanager/rest/CampaignAPI"


class Section:
    """Some methods of one PBX's API.

    :param time_zone: of the PBX, whose times carry none
    """

    def __init__(self, transport: Transport, time_zone: str, conventions: Conventions):
        self._transport = transport
        self._time_zone = time_zone
        self._conventions = conventions

    def _command(self, method, params, *, wait=0, repeat=False) -> dict:
        answer = self._transport.send(
            "POST", f"{CALLS}/{method}", sent(params), wait=wait, repeat=repeat
        )
        return read_object(answer, method)

    def _entities(self, resource, method, params) -> Rows[dict]:
        answer = self._transport.send(
            "GET", f"{resource}/{method}", sent(params), repeat=True
        )
        return rows(read_object(answer, method))


def sent(params: Mapping[str, object]) -> dict[str, str]:
    """Parameters as text, without those that are not to be sent."""
    return {name: str(value) for name, value in params.items() if value is not None}


def given(*pairs: tuple[str, str | None]) -> dict[str, str]:
    """Parameters whose names are settable: of equal names, that which was given."""
    return {name: value for name, value in pairs if value is not None}


def joined(names: Iterable[str]) -> str:
    """A list as the PBX takes it; a text is one name, not a list of its letters."""
    return names if isinstance(names, str) else ",".join(names)
