"""Odoo 19 runs on Python 3.10 as well: what Odoo loads of ours needs nothing newer."""

import ast
from pathlib import Path

import pytest

ADDON = Path(__file__).parents[3]
OLDEST = (3, 10)
ROOMS = ("client", "models", "controllers", "cli", "wizard")
FILES = [path for room in ROOMS for path in sorted((ADDON / room).rglob("*.py"))]
# what came with Python 3.11 to 3.14 and might be reached for here
NEWER_MODULES = {
    "annotationlib",
    "compression",
    "concurrent.interpreters",
    "string.templatelib",
    "tomllib",
    "wsgiref.types",
}
NEWER_NAMES = {
    "asyncio": {"Barrier", "Runner", "TaskGroup", "timeout", "timeout_at"},
    "calendar": {"Day", "Month"},
    "collections.abc": {"Buffer"},
    "contextlib": {"chdir"},
    "copy": {"replace"},
    "datetime": {"UTC"},
    "enum": {
        *("EnumCheck", "FlagBoundary", "ReprEnum", "StrEnum", "global_enum"),
        *("member", "nonmember", "property", "verify"),
    },
    "functools": {"Placeholder"},
    "hashlib": {"file_digest"},
    "http": {"HTTPMethod"},
    "inspect": {"getmembers_static", "markcoroutinefunction"},
    "itertools": {"batched"},
    "logging": {"getHandlerByName", "getHandlerNames", "getLevelNamesMapping"},
    "math": {"cbrt", "exp2", "fma", "sumprod"},
    "operator": {"call", "is_none", "is_not_none"},
    "os": {"process_cpu_count"},
    "queue": {"ShutDown"},
    "random": {"binomialvariate"},
    "re": {"NOFLAG"},
    "sys": {"activate_stack_trampoline", "exception", "monitoring"},
    "types": {"CapsuleType", "get_original_bases"},
    "typing": {
        *("LiteralString", "Never", "NoDefault", "NotRequired", "ReadOnly"),
        *("Required", "Self", "TypeAliasType", "TypeIs", "TypeVarTuple", "Unpack"),
        *("assert_never", "assert_type", "clear_overloads", "dataclass_transform"),
        *("get_overloads", "get_protocol_members", "is_protocol", "override"),
        *("reveal_type",),
    },
    "uuid": {"uuid6", "uuid7", "uuid8"},
    "warnings": {"deprecated"},
}
NEWER_BUILTINS = {
    "BaseExceptionGroup",
    "ExceptionGroup",
    "PythonFinalizationError",
}
NEWER_METHODS = {"add_note"}


def newer(source: str) -> list[str]:
    """What a file uses that Python 3.10 does not have."""
    try:
        tree = ast.parse(source, feature_version=OLDEST)
    except SyntaxError as error:
        return [f"line {error.lineno}: {error.msg}"]
    nodes = list(ast.walk(tree))
    imports = [node for node in nodes if isinstance(node, ast.Import)]
    modules = {alias.asname or alias.name for node in imports for alias in node.names}
    return [name for node in nodes for name in names(node, modules) if is_newer(name)]


def names(node, modules) -> list[str]:
    match node:
        case ast.Import(names=aliases):
            return [alias.name for alias in aliases]
        case ast.ImportFrom(module=str(module), names=aliases, level=0):
            return [module, *(f"{module}.{alias.name}" for alias in aliases)]
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if (
            owner in modules
        ):
            return [f"{owner}.{attribute}"]
        case ast.Attribute(attr=attribute):
            return [f".{attribute}"]
        case ast.Name(id=name):
            return [f"builtins.{name}"]
    return []


def is_newer(name: str) -> bool:
    module, _dot, last = name.rpartition(".")
    return (
        name in NEWER_MODULES
        or last in NEWER_NAMES.get(module, ())
        or module == "builtins"
        and last in NEWER_BUILTINS
        or last in NEWER_METHODS
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ADDON)))
def test_nothing_newer_is_used(path):
    assert newer(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "from typing import Self",
        "import tomllib",
        "from datetime import UTC, datetime",
        "import datetime\nnow = datetime.UTC",
        "import enum\nclass Kind(enum.StrEnum): pass",
        "raise ExceptionGroup('all', errors)",
        "error.add_note('more')",
        "errors[0].add_note('more')",
        "try:\n    ask()\nexcept* OSError:\n    pass",
        "type Names = list[str]",
        "def first[T](rows: list[T]) -> T: ...",
    ],
)
def test_what_is_newer_is_seen(source):
    assert newer(source)


@pytest.mark.parametrize(
    "source",
    [
        "from typing import TypeVar",
        "from datetime import datetime, timezone",
        "from .enum import StrEnum",
        "shorter = copy.replace('a', 'b')",
        "match self.state:\n    case 'done':\n        pass",
        "with (one() as a, two() as b):\n    pass",
    ],
)
def test_what_is_old_enough_is_not(source):
    assert newer(source) == []
