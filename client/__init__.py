"""A client for the REST API of a Noojee PBX, in plain Python on ``requests``.

Five lines that dial a call from desk 100::

    from client import NoojeeClient
    with NoojeeClient("https://pbx.example.com", "the-api-key") as noojee:
        session = noojee.dial("0390001234", "100", "Alert-Info: Ring Answer").session_id
        events = noojee.subscribe(["100"]).events
        print(session, [event.status for event in events])

Every failure is a :class:`NoojeeError`. The API key is in no error, no repr and no log.
"""

from .calls import CallState, CallStates, DialResult, LineState
from .campaigns import CallRecord, Field
from .client import NoojeeClient
from .conventions import Conventions, FieldKind, RecordingBase
from .errors import (
    AnswerTooLarge,
    ApiError,
    AudioCut,
    CannotConnect,
    CannotConnectReason,
    CannotKeep,
    HttpError,
    KeyRefused,
    LeadRefusal,
    LeadRefused,
    NoojeeError,
    NotAudio,
    NotJson,
    TimedOut,
)
from .events import CallEvent, CallStatus, EventBatch
from .leads import (
    NO_CHANGE,
    LeadResult,
    lead_body,
    lead_date,
    lead_moment,
    with_disposition,
)
from .recordings import Direction, RecordingAudio, RecordingLeg
from .results import NamedRow, Result, Rows
from .system import ActiveRoster, Health
from .transport import audio_seconds
from .wire import bare_number

__all__ = [
    "NO_CHANGE",
    "ActiveRoster",
    "ApiError",
    "AnswerTooLarge",
    "AudioCut",
    "CallEvent",
    "CallRecord",
    "CallState",
    "CallStates",
    "CallStatus",
    "CannotConnect",
    "CannotConnectReason",
    "CannotKeep",
    "Conventions",
    "DialResult",
    "Direction",
    "EventBatch",
    "Field",
    "FieldKind",
    "Health",
    "HttpError",
    "KeyRefused",
    "LeadRefusal",
    "LeadRefused",
    "LeadResult",
    "LineState",
    "NamedRow",
    "NoojeeClient",
    "NoojeeError",
    "NotAudio",
    "NotJson",
    "RecordingAudio",
    "RecordingBase",
    "RecordingLeg",
    "Result",
    "Rows",
    "TimedOut",
    "audio_seconds",
    "bare_number",
    "lead_body",
    "lead_date",
    "lead_moment",
    "with_disposition",
]
