"""What the PBX answers, as frozen objects.

Each reads its row tolerantly: unknown fields are ignored, missing ones are empty text
or None.
"""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, field
from datetime import datetime
from enum import Enum
from typing import Self
from zoneinfo import ZoneInfo

from . import wire


class FrozenDict(dict):
    """A dict that stays as it is; it can be copied, pickled and written as JSON."""

    def _refuse(self, *_args, **_kwargs):
        raise TypeError(f"a {type(self).__name__} stays as it is")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self):
        return type(self), (dict(self),), vars(self)


@dataclass(frozen=True, slots=True)
class Result:
    """A plain answer (section 1).

    :ivar code: 0, or above 0 a warning or notice
    :ivar message: its words
    """

    code: int = 0
    message: str = ""

    @property
    def is_warning(self) -> bool:
        return self.code > 0


class _Told:
    """A collection that also carries what a :class:`Result` does."""

    code = 0
    message = ""

    @classmethod
    def of(cls, content, code: int, message: str) -> Self:
        made = cls(content)
        vars(made).update(code=code, message=message)
        return made

    @property
    def is_warning(self) -> bool:
        return self.code > 0

    def __setattr__(self, name, value):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")


class Rows(_Told, tuple):
    """The rows of a list: a tuple with the answer's ``code`` and ``message``."""


class CallStates(_Told, FrozenDict):
    """Answer to ``checkState``: a :class:`CallState` by extension or unique call id,
    with the answer's ``code`` and ``message``."""


@dataclass(frozen=True, slots=True)
class DialResult(Result):
    """Answer to ``dial`` (section 3).

    :ivar session_id: text, by the document an integer
    """

    session_id: str = ""


@dataclass(frozen=True, slots=True)
class CallState:
    """What ``checkState`` tells of one extension or call (section 3).

    :ivar message: ``Ringing Agent``, ``Ringing Client``, ``On Call``, ``On Hold``,
        ``Hung Up``, or empty: idle
    """

    code: int = 0
    message: str = ""
    unique_call_id: str = ""

    @classmethod
    def from_wire(cls, row: dict) -> Self:
        return cls(
            wire.integer(row, "Code") or 0,
            wire.text(row, "Message"),
            wire.text(row, "uniqueCallId"),
        )


class CallStatus(Enum):
    """States that events report (section 4)."""

    RINGING = "Ringing"
    DIALING_OUT = "Dialing Out"
    CONNECTED = "Connected"
    HUNGUP = "Hungup"
    UNKNOWN = "Unknown"

    @classmethod
    def from_word(cls, word: str) -> "CallStatus":
        """The state of a word in any case and spacing; what is not listed: UNKNOWN."""
        squeezed = "".join(word.split()).lower()
        for status in cls:
            if "".join(status.value.split()).lower() == squeezed:
                return status
        return cls.UNKNOWN


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
    def from_wire(cls, extension: str, row: dict, time_zone: str) -> Self:
        """Read an event.

        :param row: ``{"CallData": {…}, "CallID": 10, "Code": 0}``, or CallData's
            fields bare
        :param time_zone: of the PBX, as ``Australia/Melbourne``
        :raise TypeError: where it is no such thing
        """
        data = wire.value(row, "CallData")
        data = row if data is None else data
        if not isinstance(data, dict):
            raise TypeError("CallData is not an object")
        word = wire.text(data, "status")
        return cls(
            extension=extension,
            status=CallStatus.from_word(word),
            status_word=word,
            call_id=wire.text(row, "CallID") or wire.text(data, "CallID"),
            unique_call_id=wire.text(data, "uniqueCallId"),
            secondary_unique_call_id=wire.text(data, "secondaryUniqueCallId"),
            caller_id=wire.text(data, "callerId"),
            other_party_caller_id=wire.text(data, "otherPartyCallerId"),
            connected_caller_id=wire.text(data, "connectedCallerIdNum"),
            outbound_destination=wire.text(data, "outboundDestination"),
            inbound=wire.boolean(data, "inbound"),
            can_answer=wire.boolean(data, "canAnswer"),
            is_queue_call=bool(wire.boolean(data, "isQueueCall")),
            is_click_to_dial=bool(wire.boolean(data, "isClickToDialCall")),
            call_start=wire.moment(data, ZoneInfo(time_zone), "callStartTime"),
            code=wire.integer(row, "Code") or 0,
        )


@dataclass(frozen=True, slots=True)
class EventBatch(Result):
    """Answer to ``subscribe`` (section 4).

    :ivar events: of one call in their order; between calls none is promised
    :ivar sequence_number: to be sent with the next request
    """

    events: tuple[CallEvent, ...] = ()
    sequence_number: int = 0


class Direction(Enum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    # older systems send a number whose meaning is not told
    UNKNOWN = "unknown"

    @classmethod
    def from_word(cls, word: str) -> "Direction":
        known = {member.value: member for member in cls}
        return known.get(word.strip().lower(), cls.UNKNOWN)


@dataclass(frozen=True, slots=True)
class RecordingLeg:
    """One stretch of a recorded call (section 5).

    :ivar did: the number that was called, or ``internal``
    :ivar leg: its number in the recording, text, from ``1``
    :ivar start: aware, or None where it cannot be read; so ``call_end``
    :ivar duration: in seconds
    :ivar direction_word: the direction as it came
    :ivar row: the whole row as it came
    """

    source: str = ""
    destination: str = ""
    did: str = ""
    unique_id: str = ""
    call_record_id: str = ""
    leg: str = ""
    username: str = ""
    tag: str = ""
    start: datetime | None = None
    call_end: datetime | None = None
    duration: int | None = None
    direction: Direction = Direction.UNKNOWN
    direction_word: str = ""
    row: Mapping[str, object] = field(
        default_factory=FrozenDict, repr=False, compare=False
    )

    @classmethod
    def from_wire(cls, row: dict, time_zone: str) -> Self:
        zone = ZoneInfo(time_zone)
        word = wire.text(row, "Direction")
        return cls(
            source=wire.text(row, "Source"),
            destination=wire.text(row, "Destination"),
            did=wire.text(row, "DID"),
            unique_id=wire.text(row, "UniqueId"),
            call_record_id=wire.text(row, "CallRecordId"),
            leg=wire.text(row, "Leg"),
            username=wire.text(row, "Username"),
            tag=wire.text(row, "Tag"),
            start=wire.moment(row, zone, "Start"),
            call_end=wire.moment(row, zone, "callend"),
            duration=wire.integer(row, "Duration"),
            direction=Direction.from_word(word),
            direction_word=word,
            row=FrozenDict(row),
        )


@dataclass(frozen=True, slots=True)
class RecordingAudio:
    """A leg's audio (section 5).

    :ivar media_type: by its first bytes, ``audio/wav`` or ``audio/mpeg``
    """

    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A campaign template, campaign, allocation or disposition (section 6).

    :ivar row: the whole row as it came
    """

    id: str
    name: str
    row: Mapping[str, object] = field(
        default_factory=FrozenDict, repr=False, compare=False
    )

    @classmethod
    def from_wire(cls, row: dict) -> Self:
        return cls(wire.text(row, "id"), wire.text(row, "name"), FrozenDict(row))


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


@dataclass(frozen=True, slots=True)
class LeadResult(Result):
    """A lead that was taken (section 7)."""


@dataclass(frozen=True, slots=True)
class Health(Result):
    """How the PBX is (section 8); None for what it does not tell.

    :ivar ping_ms: trunk's address → lag in milliseconds
    :ivar row: the whole row as it came
    """

    io_wait: float | None = None
    load_average: float | None = None
    cpu_percent: float | None = None
    cores: int | None = None
    memory_available_mb: float | None = None
    memory_total_mb: float | None = None
    free_disk_space_percent: float | None = None
    thread_pool_usage_percent: float | None = None
    scheduler_pool_usage_percent: float | None = None
    steal: float | None = None
    db_pool_size: int | None = None
    db_pool_usage: int | None = None
    last_backup_attempt: datetime | None = None
    last_backup_success: datetime | None = None
    backup_starting: datetime | None = None
    ping_ms: Mapping[str, float] = field(default_factory=FrozenDict, hash=False)
    row: Mapping[str, object] = field(
        default_factory=FrozenDict, repr=False, compare=False
    )

    @classmethod
    def from_wire(
        cls, row: dict, time_zone: str, code: int = 0, message: str = ""
    ) -> Self:
        zone = ZoneInfo(time_zone)
        pings = wire.value(row, "pingData")
        pings = pings if isinstance(pings, dict) else {}
        lags = {str(name): wire.number(pings, str(name)) for name in pings}
        return cls(
            code=code,
            message=message,
            io_wait=wire.number(row, "ioWait"),
            load_average=wire.number(row, "loadAverage"),
            cpu_percent=wire.number(row, "cpuPercent"),
            cores=wire.integer(row, "cores"),
            memory_available_mb=wire.number(row, "memoryAvailableMB"),
            memory_total_mb=wire.number(row, "memoryTotalMB"),
            free_disk_space_percent=wire.number(row, "freeDiskSpacePercent"),
            thread_pool_usage_percent=wire.number(row, "threadPoolUsagePercent"),
            scheduler_pool_usage_percent=wire.number(row, "schedulerPoolUsagePercent"),
            steal=wire.number(row, "steal"),
            db_pool_size=wire.integer(row, "dbPoolSize"),
            db_pool_usage=wire.integer(row, "dbPoolUsage"),
            last_backup_attempt=wire.moment(row, zone, "lastBackupAttempt"),
            last_backup_success=wire.moment(row, zone, "lastBackupSuccess"),
            backup_starting=wire.moment(row, zone, "backupStarting"),
            ping_ms=FrozenDict(
                {name: lag for name, lag in lags.items() if lag is not None}
            ),
            row=FrozenDict(row),
        )


@dataclass(frozen=True, slots=True)
class ActiveRoster:
    """Somebody on shift (section 8)."""

    id: str = ""
    login: str = ""
    extension: str = ""
    phone_number: str = ""
    mobile_number: str = ""
    email: str = ""
    stack_position: int | None = None

    @classmethod
    def from_wire(cls, row: dict) -> Self:
        return cls(
            wire.text(row, "id"),
            wire.text(row, "login"),
            wire.text(row, "extension"),
            wire.text(row, "phoneNumber"),
            wire.text(row, "mobileNumber"),
            wire.text(row, "email"),
            # so spelt on the wire; the right spelling may come one day
            wire.integer(row, "statckPostion", "stackPosition"),
        )
