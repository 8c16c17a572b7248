"""Keeps the API key, which travels in the address, out of logs and errors."""

import logging
import re
from functools import lru_cache
from html.entities import codepoint2name

# a backslash belongs to the quotation mark behind it, in JSON that quotes an address
_KEY = re.compile(r"(apikey=)[^&\s\"'\\]*", re.IGNORECASE)
# the library's loggers that write addresses, at levels down to debug
_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection")
# anything shorter is no key, and may stand anywhere by chance
_SHORTEST_KEY = 4
# what is shorter than this may stand within a word by chance
_SHORTEST_UNIQUE_KEY = 8
MASK = "***"


class Secret:
    """A text that no repr, traceback or pickle shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def __repr__(self):
        return MASK

    def __reduce__(self):
        raise TypeError("a secret is not to be written down")

    def reveal(self) -> str:
        return self._text


def redact(text: str, *keys: Secret) -> str:
    """A text without the value of any API key in an address, nor these keys."""
    for key in keys:
        if pattern := _pattern(key.reveal()):
            text = pattern.sub(MASK, text)
    return _KEY.sub(rf"\1{MASK}", text)


@lru_cache(maxsize=64)
def _pattern(key: str) -> re.Pattern | None:
    """The key as an address, a page or JSON may write it, each sign in its own way."""
    if len(key) < _SHORTEST_KEY:
        return None
    pattern = "".join(map(_written, key))
    if len(key) < _SHORTEST_UNIQUE_KEY:
        pattern = rf"(?<![0-9A-Za-z]){pattern}(?![0-9A-Za-z])"
    return re.compile(pattern, re.IGNORECASE)


def _written(sign: str) -> str:
    """A pattern of all ways to write a sign; any of them may be escaped once more."""
    code = ord(sign)
    in_address = "".join(f"%(?:25){{0,3}}{byte:02x}" for byte in sign.encode("utf-8"))
    in_utf_16 = sign.encode("utf-16-be").hex()
    in_json = "".join(rf"\\{{1,4}}u{unit}" for unit in re.findall("....", in_utf_16))
    ways = [
        # JSON may put a backslash before a slash or a quotation mark
        rf"\\{{0,4}}{re.escape(sign)}",
        in_address,
        in_json,
        rf"&(?:amp;){{0,3}}#0{{0,5}}{code};",
        rf"&(?:amp;){{0,3}}#x0{{0,5}}{code:x};",
    ]
    if sign == " ":
        ways.append(r"\+")
    if name := codepoint2name.get(code):
        ways.append(f"&(?:amp;){{0,3}}{name};")
    # the longest first: an escape begins with signs of its own
    return f"(?:{'|'.join(reversed(ways))})"


class _KeyFilter(logging.Filter):
    """:ivar keys: all that this process has used, by their text"""

    def __init__(self):
        super().__init__()
        self.keys: dict[str, Secret] = {}

    def filter(self, record):
        message = record.getMessage()
        redacted = self._redact(message)
        if redacted != message:
            record.msg, record.args = redacted, None
        if record.exc_info:
            # a traceback shows the address in the exception's own words
            record.exc_text = self._redact(
                logging.Formatter().formatException(record.exc_info)
            )
            record.exc_info = None
        return True

    def _redact(self, text):
        return redact(text, *list(self.keys.values()))


_FILTER = _KeyFilter()


def install(key: Secret) -> None:
    """Filter the library's own logs; it may write down what a PBX repeats as well."""
    _FILTER.keys[key.reveal()] = key
    for name in _LOGGERS:
        # once: the same filter is not added again
        logging.getLogger(name).addFilter(_FILTER)
