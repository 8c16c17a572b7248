"""What can go wrong, one class for each meaning. None of them holds the API key."""

from enum import Enum, IntEnum

from .conventions import (
    IMPORT_RUNS_CODE,
    LEAD_IS_THERE_CODE,
    MAINTENANCE_STATUSES,
)


class NoojeeError(Exception):
    """Any failure of a request to a Noojee PBX.

    :ivar str method: the REST method that was asked, for example ``dial``
    :ivar bool maybe_done: whether the PBX may have done what was asked all the same
    """

    maybe_done = False

    def __init__(self, method: str, words: str):
        super().__init__(f"{method}: {words}")
        self.method = method

    def __reduce__(self):
        # Python would call the class with the words alone
        return _revived, (type(self), self.args, vars(self))


def _revived(kind: type[NoojeeError], args: tuple, state: dict) -> NoojeeError:
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    return error


class CannotConnectReason(Enum):
    NAME_NOT_FOUND = "no server has this name"
    REFUSED = "the connection was refused"
    UNREACHABLE = "no way leads to the server"
    NO_TLS = "the server does not speak TLS"
    CERTIFICATE = "the certificate cannot be trusted"
    BROKEN = "the connection broke off"


class CannotConnect(NoojeeError):
    """No connection, or one that broke off.

    :ivar CannotConnectReason reason: why
    """

    def __init__(self, method: str, reason: CannotConnectReason):
        super().__init__(method, reason.value)
        self.reason = reason
        # only a connection that stood can have carried the request
        self.maybe_done = reason is CannotConnectReason.BROKEN


class TimedOut(NoojeeError):
    """No connection or no answer in time.

    :ivar bool while_connecting: whether the PBX was not even reached
    """

    def __init__(self, method: str, seconds: float, *, while_connecting: bool):
        what = "no connection" if while_connecting else "no answer"
        super().__init__(method, f"{what} within {seconds:g} s")
        self.while_connecting = while_connecting
        self.maybe_done = not while_connecting


class HttpError(NoojeeError):
    """An HTTP status other than 200, without a code of the API that says more.

    :ivar int status: the HTTP status
    :ivar bool says_away: whether it says nothing of what was asked, and all of the PBX:
        it is maintained, or leads to another page
    """

    def __init__(self, method: str, status: int):
        super().__init__(method, f"HTTP status {status}")
        self.status = status
        self.says_away = status in MAINTENANCE_STATUSES or 300 <= status < 400
        # only these say that the request itself was not taken; behind an error page, or
        # a gateway that waited in vain, the PBX may have acted before it failed
        self.maybe_done = not 400 <= status < 500 or status == 408


class NotJson(NoojeeError):
    """HTTP 200, but the body is not JSON of the form that was expected.

    :ivar str excerpt: its first characters, in one line
    """

    maybe_done = True

    def __init__(self, method: str, excerpt: str):
        super().__init__(method, f"not an answer of Noojee's API: {excerpt!r}")
        self.excerpt = excerpt


class ApiError(NoojeeError):
    """The PBX said no: a code below 0.

    :ivar int code: its code
    :ivar str message: its words
    """

    _what = "refused"

    def __init__(self, method: str, code: int, message: str):
        words = f"{self._what}: {message}" if message else self._what
        super().__init__(method, f"{words} (code {code})")
        self.code = code
        self.message = message


class KeyRefused(ApiError):
    """The PBX does not accept the API key (section 1).

    :ivar int code: -1, also where an HTTP status told it
    """

    _what = "the API key was refused"


class LeadRefusal(IntEnum):
    """Codes of the lead methods (section 7)."""

    COULDNT_FIND_THE_LEAD = 101
    NO_PHONE_FIELDS = 102
    EXCEPTION = 103
    DNC = 104
    DUPLICATE = 105
    INVALID_DISPOSITION = 106
    DISPOSITION_ISNT_SET_AND_NOCHANGE_SPECIFIED = 107
    IMPORT_BUT_NOCHANGE_SPECIFIED = 108
    TIMEOUT_TOO_MANY_CONCURRENT_REQUESTS = 109


class LeadRefused(ApiError):
    """A lead method's code: any but 0 is a refusal there (section 7).

    :ivar LeadRefusal reason: or None for a code that the document does not list
    :ivar bool is_there: whether such a lead is there already
    :ivar bool may_retry: whether the same request may succeed later
    """

    def __init__(self, method: str, code: int, message: str, status: int = 200):
        """:param status: of HTTP, with which a PBX says that it failed itself"""
        super().__init__(method, code, message)
        known = code in LeadRefusal._value2member_map_
        self.reason = LeadRefusal(code) if known else None
        self.is_there = code == LEAD_IS_THERE_CODE
        passes = (
            IMPORT_RUNS_CODE,
            LeadRefusal.EXCEPTION,
            LeadRefusal.TIMEOUT_TOO_MANY_CONCURRENT_REQUESTS,
        )
        self.may_retry = code in passes or code < 0 and status >= 500
        # not saved by the document, which is to be checked before it is repeated
        self.maybe_done = self.may_retry


class NotAudio(NoojeeError):
    """The PBX answered a request for a leg's audio with something else (section 5)."""

    def __init__(self, method: str, excerpt: str):
        super().__init__(method, f"not audio: {excerpt!r}")
        self.excerpt = excerpt


class AnswerTooLarge(NoojeeError):
    """The answer is larger than is allowed.

    :ivar int limit: in bytes
    """

    maybe_done = True

    def __init__(self, method: str, limit: int):
        super().__init__(method, f"the answer is larger than {limit} bytes")
        self.limit = limit


class AudioCut(NoojeeError):
    """Audio that ends before its own head says so.

    :ivar int size: bytes that came
    :ivar int told: bytes that were to come
    """

    def __init__(self, method: str, size: int, told: int):
        super().__init__(method, f"{size} bytes of audio came instead of {told}")
        self.size = size
        self.told = told


class CannotKeep(NoojeeError):
    """What came could not be written to the file it was to go to: no space, mostly.

    :ivar str reason: the operating system's words
    """

    def __init__(self, method: str, reason: str):
        super().__init__(method, f"the audio cannot be written: {reason}")
        self.reason = reason
