"""All methods of the REST API, from all its sections."""

from zoneinfo import ZoneInfo

from .calls import Calls
from .campaigns import Campaigns
from .conventions import Conventions
from .events import Events
from .leads import Leads
from .recordings import Recordings
from .redaction import Secret
from .system import System
from .transport import CONNECT_SECONDS, READ_SECONDS, Transport


class NoojeeClient(Calls, Events, Recordings, Campaigns, Leads, System):
    """A session with one PBX; close it, or use it as a context manager.

    Sections are those of noojee-api.md. Each method raises :class:`NoojeeError` in one
    of its kinds; ``ApiError`` (a code below 0) only where the PBX itself said no.

    :param base_url: ``https://host`` or ``https://host:port``
    :param api_key: given out by Noojee's support
    :param connect_timeout: seconds to connect
    :param read_timeout: seconds of silence until an answer is given up; the whole of
        it, but for audio, may take ``connect_timeout`` longer
    :param verify: whether certificates are verified, or path of a CA bundle
    :param time_zone: of the PBX, whose times carry none
    :param conventions: what no source tells
    :raise ValueError: where ``base_url`` is no address of a server, ``verify`` no CA
        bundle, or ``time_zone`` none that is known
    """

    # a half-made object has a repr as well: tracebacks may show it
    _base_url = ""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        connect_timeout: float = CONNECT_SECONDS,
        read_timeout: float = READ_SECONDS,
        verify: bool | str = True,
        time_zone: str = "UTC",
        conventions: Conventions | None = None,
    ):
        # at once: a traceback may show what the names in here stand for
        api_key = Secret(api_key)
        try:
            ZoneInfo(time_zone)
        except (KeyError, OSError) as error:
            raise ValueError(f"not a time zone: {time_zone}") from error
        transport = Transport(
            base_url,
            api_key,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            verify=verify,
        )
        super().__init__(transport, time_zone, conventions or Conventions())
        self._base_url = transport.base_url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base_url}>"

    def __enter__(self) -> "NoojeeClient":
        return self

    def __exit__(self, *_exception) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()
