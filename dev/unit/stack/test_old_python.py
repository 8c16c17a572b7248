"""An older Python must get as far as the sentence that says which one is needed."""

import ast
from pathlib import Path

import pytest

DEV = Path(__file__).parents[2]
SCRIPTS = [*sorted(DEV.glob("*.py")), DEV / "stack/__init__.py"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_read(script):
    ast.parse(script.read_text(), feature_version=(3, 6))
