"""The Python environment that Odoo, the simulator and the tests run in."""

import hashlib
import shutil
import sys
from pathlib import Path

from .cache import CHECKOUT, ROOT, folder, locked, step

REQUIREMENTS = CHECKOUT / "dev/requirements.txt"


def provide() -> Path:
    """:return: its Python
    :raise SetupError: with what to do
    """
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:8]
    target = ROOT / f"python-{version}-{digest}"
    with locked("python"):
        if not (target / "complete").exists():
            _install(target)
    return target / "bin/python"


def _install(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    step(
        "Python environment: creating",
        [sys.executable, "-m", "venv", target],
        cure="On Debian: apt-get install python3-venv",
    )
    step(
        "Python environment: installing the pinned packages",
        [
            target / "bin/python",
            *("-m", "pip", "install", "--disable-pip-version-check"),
            *("--cache-dir", folder("pip"), "-r", REQUIREMENTS),
        ],
        cure="Is the machine on line? pip reads its index from pip's own settings.",
    )
    (target / "complete").touch()
