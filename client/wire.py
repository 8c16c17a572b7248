"""Reading values as the PBX writes them: any case, numbers as text, gaps allowed."""

import re
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from math import isfinite
from urllib.parse import unquote
from zoneinfo import ZoneInfo

# sections 4 and 5; the zone's abbreviation of the last form is taken out before
_TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%m %d %H:%M:%S %Y",
)
# English on the wire, whatever the language of this machine
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
# "Priya" <sip:0390001234@host;user=phone>
_IN_BRACKETS = re.compile(r"<([^<>\s]+)>\s*$")
_SCHEME = re.compile(r"^\s*(?:tel|sips?):", re.IGNORECASE)
_REST_OF_ADDRESS = re.compile(r"[@;].*$", re.DOTALL)
_TRUE = {"true", "1", "yes"}
_FALSE = {"false", "0", "no"}


class Word(Enum):
    """One of some words of the PBX; each kind of them has an ``UNKNOWN``."""

    @classmethod
    def from_word(cls, word: str):
        """By a word in any case and spacing; what is not listed: UNKNOWN."""
        return _by_words(cls).get(squeezed(word), cls.UNKNOWN)


@cache
def _by_words(kind: type[Word]) -> dict[str, Word]:
    return {squeezed(member.value): member for member in kind}


class Lowered(dict):
    """An object with its fields' names in lower case."""


def lowered(row: dict) -> Lowered:
    """For an object of which many fields are read; what it is given stays as it is."""
    if isinstance(row, Lowered):
        return row
    return Lowered((str(name).lower(), found) for name, found in row.items())


def value(row: dict, *names: str):
    """The first of some fields that is there, written in any case; else None."""
    fields = lowered(row)
    for name in names:
        if (found := fields.get(name.lower())) is not None:
            return found
    return None


def text(row: dict, *names: str) -> str:
    """As text; missing: empty. What no database keeps is left out."""
    found = value(row, *names)
    if found is None or isinstance(found, (dict, list)):
        return ""
    return kept(str(found)).strip()


def party(row: dict, *names: str) -> str:
    """The number of who calls or is called, which may come in any form."""
    return bare_number(text(row, *names))


def bare_number(words: str) -> str:
    """A number out of what SIP and telephones write around it: a name before it, an
    address, its parameters. Other words stay as they are."""
    found = _IN_BRACKETS.search(words)
    address = unquote(found[1] if found else words)
    bare = _REST_OF_ADDRESS.sub("", _SCHEME.sub("", address)).strip()
    is_address = _SCHEME.match(address) or "@" in address
    return bare if is_address or any(map(str.isdecimal, bare)) else words


def squeezed(words: str) -> str:
    """To compare words by that are written in any case and spacing."""
    return "".join(words.split()).lower()


def kept(words: str) -> str:
    """What a database keeps of a text: neither NUL nor half a pair of UTF-16."""
    return words.replace("\0", "").encode(errors="ignore").decode()


def storable(content):
    """JSON as it came, but for what no database keeps."""
    match content:
        case str():
            return kept(content)
        case dict():
            return {kept(str(name)): storable(held) for name, held in content.items()}
        case list():
            return [storable(held) for held in content]
        case float() if not isfinite(content):
            return str(content)
    return content


def integer(row: dict, *names: str) -> int | None:
    """A number, or a number as text; anything else: None."""
    found = number(row, *names)
    return None if found is None else int(found)


def number(row: dict, *names: str) -> float | int | None:
    written = text(row, *names)
    if _INTEGER.fullmatch(written):
        # a counter may be larger than what a float holds exactly
        return int(written)
    try:
        found = float(written)
    except ValueError:
        return None
    return found if isfinite(found) else None


def boolean(row: dict, *names: str) -> bool | None:
    """true or false, also as text or number; anything else: None."""
    written = text(row, *names).lower()
    if written in _TRUE:
        return True
    return False if written in _FALSE else None


def moment(row: dict, zone: ZoneInfo, *names: str) -> datetime | None:
    """A local time of the PBX, with its zone; what cannot be read: None."""
    words = text(row, *names).split()
    if not words:
        return None
    abbreviation = None
    if len(words) in (5, 6) and words[1] in _MONTHS:
        # the zone's abbreviation is ambiguous around the world: the PBX's own decides
        abbreviation = words[-2]
        words = [str(_MONTHS.index(words[1]) + 1), *words[2:4], words[-1]]
    written = " ".join(words)
    for form in _TIME_FORMATS:
        try:
            found = datetime.strptime(written, form).replace(tzinfo=zone)
            # within a day of the ends of all time there is no such moment elsewhere
            found.astimezone(timezone.utc)
        except ValueError:
            continue
        except OverflowError:
            return None
        # within the zone it tells which of two equal hours it is
        again = found.replace(fold=1)
        return again if again.tzname() == abbreviation else found
    return None
