"""Everything that no public source tells: our choices, marked [C] in noojee-api.md.

A real PBX may differ. They stand here alone, so that they are easy to correct; what an
administrator may set without code are the fields of :class:`Conventions`.
"""

import re
from dataclasses import dataclass
from enum import Enum

# section 1 encodes parameters: this may stand in a query as it is, and a list of
# extensions takes a third less room by it
LITERAL = ","

# section 1: how a refused key is told beside HTTP 401 and 403. The documented "Expired
# TimeStamp" of old systems has this code. No source tells that it is kept for the key,
# so the words have to be about one as well; with others it is a refusal like any.
KEY_REFUSED_CODE = -1
KEY_REFUSED_WORDS = re.compile(
    r"key|time ?stamp|hash|auth|credential|token|forbidden|(access|permission) denied",
    re.IGNORECASE,
)
KEY_REFUSED_STATUSES = (401, 403)

# section 1: how maintenance is told, by the PBX or a gateway before it, whatever words
# come with it. With 500 the PBX itself failed, and its words tell how.
MAINTENANCE_STATUSES = (502, 503, 504)

# sections 3 and 5: methods that the overview only names; their parameters are below
TAG = "tag"
RETRIEVE = "retrieve"
RETRIEVE_BY_CALL_RECORD_ID = "retrieveByCallRecordId"

# section 6: names that the overview tells only in words
DISPOSITION_LIST = "getDispositionList"
FIELD_LIST = "getFieldList"

# section 7: how an insert is answered whose lead is there by its njExternalLeadId, and
# a lead of an old method while somebody imports by hand
LEAD_IS_THERE_CODE = 105
IMPORT_RUNS_CODE = 103
# of a day in a lead's field: only that of a moment is documented
LEAD_DATE_FORM = "%Y/%m/%d"

# section 5: what audio begins with, as neither header nor file name are to be trusted
WAV = "audio/wav"
MPEG = "audio/mpeg"
# how much of it tells what it is
AUDIO_HEAD = 12
# zeros that may stand before: what made it left room for a tag of this size, or less
MOST_PADDING = 4096
UNTOLD_WAV_SIZE = 0x7FFFF000


def tells_type(head: bytes) -> bool:
    """Whether so much of it tells what it is."""
    told = len(head) - min(_padding(head), MOST_PADDING)
    return told >= AUDIO_HEAD


def audio_type(body: bytes) -> str | None:
    """Media type by content; None for what is no audio."""
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        return WAV
    if body[:3] == b"ID3" or _is_frame(body[:4]):
        return MPEG
    padding = _padding(body)
    frame = body[padding : padding + 4]
    if 0 < padding <= MOST_PADDING and _is_frame(frame) and _is_whole_frame(frame):
        return MPEG
    return None


def _padding(body: bytes) -> int:
    return len(body) - len(body.lstrip(b"\0"))


def _is_frame(head: bytes) -> bool:
    """Of MPEG audio: eleven set bits, then layer III or II."""
    has_sync = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    return has_sync and head[1] & 0x06 in (0x02, 0x04)


def _is_whole_frame(head: bytes) -> bool:
    """After zeros, as also sound without a head begins, two bytes tell too little: the
    version, the bit rate and the sampling rate are no reserved ones either."""
    return (
        len(head) == 4
        and head[1] & 0x18 != 0x08
        and head[2] & 0xF0 not in (0x00, 0xF0)
        and head[2] & 0x0C != 0x0C
    )


def wav_size(head: bytes) -> int | None:
    """Bytes of the whole file by the head of a WAV; None where it does not tell."""
    told = int.from_bytes(head[4:8], "little")
    # who writes without knowing the end leaves nothing there, or about the most that
    # fits, signed or not
    if not told or told >= UNTOLD_WAV_SIZE:
        return None
    return told + 8


def is_key_refused(code: int, message: str) -> bool:
    return code == KEY_REFUSED_CODE and bool(KEY_REFUSED_WORDS.search(message))


class FieldRow:
    """What a row of ``getFieldList`` holds beside id and name (section 6)."""

    TYPE = "type"
    REQUIRED = "required"
    PHONE = "phone"


class FieldKind(Enum):
    """What a field of a campaign holds; what no word tells is text."""

    TEXT = "text"
    PHONE = "phone"
    DATE = "date"
    DATETIME = "datetime"
    NUMBER = "number"

    @classmethod
    def of(cls, type_: str | None) -> "FieldKind":
        """By ``type`` of a row of ``getFieldList``: its words are not documented."""
        return _FIELD_KINDS.get((type_ or "").strip().lower(), cls.TEXT)


_FIELD_KINDS = {
    "phone": FieldKind.PHONE,
    "date": FieldKind.DATE,
    "datetime": FieldKind.DATETIME,
    "timestamp": FieldKind.DATETIME,
    **dict.fromkeys(
        ("number", "integer", "int", "decimal", "double", "float"), FieldKind.NUMBER
    ),
}


class CallRecordRow:
    """What a row of ``getCallRecordList`` holds beside id and name (section 6)."""

    EXTERNAL_LEAD_ID = "njExternalLeadId"
    LEAD_ID = "njLeadId"
    DISPOSITION = "disposition"
    AGENT_LOGIN = "agentLoginName"
    UNIQUE_ID = "uniqueId"
    START = "startTime"
    DURATION = "duration"
    PHONE_NUMBER = "phoneNumber"
    TAG = "tag"


class RecordingBase(Enum):
    """Where a PBX keeps its recording methods (section 1)."""

    CURRENT = "current"
    OLDER = "older"

    @property
    def path(self) -> str:
        return {
            RecordingBase.CURRENT: "njadmin/rest/RecordingAPI",
            RecordingBase.OLDER: "servicemanager/rest/CallManagementAPI",
        }[self]


@dataclass(frozen=True, slots=True)
class Conventions:
    """The choices marked [C, settable].

    :param recording_base: found by :meth:`NoojeeClient.find_recording_base`
    :param tag_target: parameter of ``tag`` that names the channel (section 3)
    :param tag_tag: parameter of ``tag`` that holds the tag
    :param tag_agent: parameter of ``tag`` that names the login which owns the leg
    :param retrieve_tag: parameter of ``retrieve`` that names the recording by its tag
    :param retrieve_unique_id: the same by a unique call id
    :param retrieve_call_record_id: parameter of ``retrieveByCallRecordId``
    :param retrieve_leg: parameter of both that names the leg
    """

    recording_base: RecordingBase = RecordingBase.CURRENT
    tag_target: str = "extenOrUniqueId"
    tag_tag: str = "tag"
    tag_agent: str = "agentLoginName"
    retrieve_tag: str = "tag"
    retrieve_unique_id: str = "uniqueId"
    retrieve_call_record_id: str = "callRecordId"
    retrieve_leg: str = "leg"
