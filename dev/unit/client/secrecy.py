"""Proof that nothing tells the key."""

import html
import pickle
import traceback
from urllib.parse import quote, quote_plus

import pytest

from client import NoojeeError

# blanks and signs that an address must escape
API_KEY = "k3y of/the+tests&more"

# as an address, a page or JSON may write it
SPELLINGS = {
    "plain": API_KEY,
    "in another case": API_KEY.upper(),
    "quoted": quote(API_KEY),
    "quoted in full": quote(API_KEY, safe=""),
    "quoted in lower case": quote(API_KEY, safe="").replace("%2F", "%2f"),
    "quoted with plus": quote_plus(API_KEY),
    "quoted twice": quote(quote(API_KEY, safe=""), safe=""),
    "in HTML": html.escape(API_KEY),
    "in HTML by number": API_KEY.replace("&", "&#38;").replace("/", "&#x2F;"),
    "in JSON": API_KEY.replace("/", "\\/"),
    "in JSON by number": API_KEY.replace("&", "\\u0026").replace("/", "\\u002F"),
}


def assert_no_key(text):
    for written in SPELLINGS.values():
        assert written not in text


def caught_from(question, kind=NoojeeError):
    """The error of a question, once it is sure that it tells nothing of the key."""
    with pytest.raises(kind) as caught:
        question()
    error = caught.value
    assert_no_key(f"{error} {error!r} {vars(error)}")
    assert_no_key("".join(traceback.format_exception(error)))
    assert_no_key(pickle.dumps(error).decode("latin-1"))
    assert_no_key(shown_by_names(error))
    assert error.__context__ is None
    return error


def shown_by_names(error):
    """What a debugger shows of the client: the values of all names in its frames."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(
        str(frame.locals) for frame in frames.stack if "/client/" in frame.filename
    )
