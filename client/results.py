"""What all answers of the PBX have in common, as frozen objects.

Each result reads its row tolerantly: unknown fields are ignored, missing ones are empty
text or None.
"""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, field
from typing import TypeVar

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


Made = TypeVar("Made", bound="Told")


class Told:
    """A collection that also carries what a :class:`Result` does."""

    code = 0
    message = ""

    @classmethod
    def of(cls: type[Made], content, code: int, message: str) -> Made:
        made = cls(content)
        vars(made).update(code=code, message=message)
        return made

    @property
    def is_warning(self) -> bool:
        return self.code > 0

    def __setattr__(self, name, value):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")


class Rows(Told, tuple):
    """The rows of a list: a tuple with the answer's ``code`` and ``message``."""


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row with a name: a campaign template, campaign, allocation or disposition.

    :ivar row: the whole row as it came
    """

    id: str
    name: str
    row: Mapping[str, object] = field(
        default_factory=FrozenDict, repr=False, compare=False
    )

    @classmethod
    def from_wire(cls, row: dict) -> "NamedRow":
        return cls(**named(row))


def named(row: dict) -> dict[str, object]:
    """The fields of a :class:`NamedRow`."""
    return {
        "id": wire.text(row, "id"),
        "name": wire.text(row, "name"),
        "row": FrozenDict(wire.storable(row)),
    }
