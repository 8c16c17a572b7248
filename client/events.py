"""Events of calls: section 4 of noojee-api.md."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from . import wire
from .answers import outcome, read_object
from .results import Result
from .section import CALLS, Section, joined, sent

_logger = logging.getLogger(__name__)


class CallStatus(wire.Word):
    """States that events report (section 4)."""

    RINGING = "Ringing"
    DIALING_OUT = "Dialing Out"
    CONNECTED = "Connected"
    HUNGUP = "Hungup"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """A change of one channel at one extension (section 4).

    :ivar status_word: the status as it came
    :ivar call_id: the PBX's own number of the call there, text
    :ivar unique_call_id: Asterisk's channel id, text; never a float
    :ivar inbound: None where it was not told; so ``can_answer``
    :ivar call_start: aware, or None
    """

    extension: str
    status: CallStatus
    status_word: str = ""
    call_id: str = ""
    unique_call_id: str = ""
    secondary_unique_call_id: str = ""
    caller_id: str = ""
    other_party_caller_id: str = ""
    connected_caller_id: str = ""
    outbound_destination: str = ""
    inbound: bool | None = None
    can_answer: bool | None = None
    is_queue_call: bool = False
    is_click_to_dial: bool = False
    call_start: datetime | None = None
    code: int = 0

    @classmethod
    def from_wire(cls, extension: str, row: dict, time_zone: str) -> "CallEvent":
        """Read an event.

        :param row: ``{"CallData": {…}, "CallID": 10, "Code": 0}``, or CallData's
            fields bare
        :param time_zone: of the PBX, as ``Australia/Melbourne``
        :raise TypeError: where it is no such thing
        """
        row = wire.lowered(row)
        data = wire.value(row, "CallData")
        data = row if data is None else data
        if not isinstance(data, dict):
            raise TypeError("CallData is not an object")
        data = wire.lowered(data)
        word = wire.text(data, "status")
        return cls(
            extension=extension,
            status=CallStatus.from_word(word),
            status_word=word,
            call_id=wire.text(row, "CallID") or wire.text(data, "CallID"),
            unique_call_id=wire.text(data, "uniqueCallId"),
            secondary_unique_call_id=wire.text(data, "secondaryUniqueCallId"),
            caller_id=wire.party(data, "callerId"),
            other_party_caller_id=wire.party(data, "otherPartyCallerId"),
            connected_caller_id=wire.party(data, "connectedCallerIdNum"),
            outbound_destination=wire.party(data, "outboundDestination"),
            inbound=wire.boolean(data, "inbound"),
            can_answer=wire.boolean(data, "canAnswer"),
            is_queue_call=bool(wire.boolean(data, "isQueueCall")),
            is_click_to_dial=bool(wire.boolean(data, "isClickToDialCall")),
            call_start=wire.moment(data, ZoneInfo(time_zone), "callStartTime"),
            code=wire.integer(row, "Code") or 0,
        )

    @classmethod
    def from_notice(cls, row: dict, time_zone: str) -> "CallEvent":
        """Read an event as a dial plan tells it, with its extension beside it.

        :param row: as of :meth:`from_wire`, and ``exten``: ``101``, or the endpoint
            as dial plans name it, ``SIP/101``
        :raise KeyError: without an extension; :raise TypeError: where it is no notice
        """
        extension = wire.value(row, "exten")
        if extension is None:
            raise KeyError("exten")
        return cls.from_wire(str(extension).rpartition("/")[2], row, time_zone)


@dataclass(frozen=True, slots=True)
class EventBatch(Result):
    """Answer to ``subscribe`` (section 4).

    :ivar events: of one call in their order; between calls none is promised
    :ivar sequence_number: to be sent with the next request
    :ivar unreadable: extensions of which an error came, or what else is no event
    """

    events: tuple[CallEvent, ...] = ()
    sequence_number: int = 0
    unreadable: frozenset[str] = frozenset()

    @property
    def tells_number(self) -> bool:
        """Whether the PBX counts so: one that has no news may repeat the number that
        it was sent, as to the present state 0."""
        return bool(self.events or self.sequence_number)


class Events(Section):
    """The long poll."""

    def __init__(self, *connection):
        super().__init__(*connection)
        self._told: set[tuple[str, int, str]] = set()

    def subscribe(
        self,
        extensions: Iterable[str],
        last_sequence_number: int = 0,
        timeout: int = 10,
        *,
        debug: str | None = None,
        on_sent: Callable[[], None] | None = None,
    ) -> EventBatch:
        """Wait for events: a long poll that returns at the first.

        Not more often than every 100 ms from request to request.

        :param extensions: bare
        :param last_sequence_number: that of the last batch of these very extensions;
            0 first
        :param timeout: seconds to wait; 0 with number 0 reads the present state
        :param debug: free text for the PBX's log
        :param on_sent: called when the request has gone out: the next may follow 100 ms
            later, however long this one waits for its answer
        """
        params = {
            "exten": joined(extensions),
            "lastSequenceNumber": last_sequence_number,
            "timeOut": f"{timeout:g}",
            "xDebugArg": debug or None,
        }
        method = "subscribe"
        answer = self._transport.send(
            "POST", f"{CALLS}/{method}", sent(params), wait=timeout, on_sent=on_sent
        )
        row = read_object(answer, method)
        sequence_number = wire.integer(row, "seq")
        if sequence_number is None:
            sequence_number = last_sequence_number
        found = list(_rows_of(wire.value(row, "Data")))
        unreadable = [
            (number, told) for number, told in found if not _is_readable(told)
        ]
        for extension, told in unreadable:
            self._tell_unreadable(extension, told)
        return EventBatch(
            *outcome(row),
            events=tuple(
                CallEvent.from_wire(extension, told, self._time_zone)
                for extension, told in found
                if _is_readable(told)
            ),
            sequence_number=sequence_number,
            unreadable=frozenset(extension for extension, _told in unreadable),
        )

    def _tell_unreadable(self, extension, row) -> None:
        """Log an extension that is refused, or what else is no event; each once."""
        code, message = outcome(row)
        told = (extension, code, message)
        if told not in self._told:
            self._told.add(told)
            _logger.warning(
                "Extension %s: no event but %s (code %s)",
                extension,
                message or "nothing",
                code,
            )


def _rows_of(data):
    """Each extension's rows, whatever they hold."""
    for extension, rows in data.items() if isinstance(data, dict) else ():
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(row, dict):
                yield str(extension), row


def _is_readable(row: dict) -> bool:
    return isinstance(wire.value(row, "CallData"), dict)
