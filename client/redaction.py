"""Keeps the API key, which travels in the address, out of logs."""

import json
import logging
import re
from urllib.parse import quote, quote_plus

_KEY = re.compile(r"(apikey=)[^&\s\"']*", re.IGNORECASE)
# the library's loggers that write addresses, at levels down to debug
_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection")


def redact(text: str) -> str:
    """A text without the value of any API key in it."""
    return _KEY.sub(r"\1***", text)


# anything shorter is no key, and may stand anywhere by chance
_SHORTEST_KEY = 8


def without_key(body: bytes, key: str) -> bytes:
    """What a PBX answered without the key that it may have repeated."""
    if len(key) < _SHORTEST_KEY:
        return body
    in_json = json.dumps(key)[1:-1]
    forms = (key, in_json, in_json.replace("/", "\\/"), quote(key, safe=""), quote(key))
    for form in (*forms, quote_plus(key)):
        body = body.replace(form.encode(), b"***")
    return body


class _KeyFilter(logging.Filter):
    def filter(self, record):
        message = record.getMessage()
        redacted = redact(message)
        if redacted != message:
            record.msg, record.args = redacted, None
        if record.exc_info:
            # a traceback shows the address in the exception's own words
            record.exc_text = redact(
                logging.Formatter().formatException(record.exc_info)
            )
            record.exc_info = None
        return True


def install() -> None:
    """Filter the library's own logs, once for the process."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, _KeyFilter) for known in logger.filters):
            logger.addFilter(_KeyFilter())
