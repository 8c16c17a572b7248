"""Odoo 19 itself: from Debian's sid, or from a checkout that is there already."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import apt
from .cache import ROOT, SetupError, folder, locked

# packages that odoo-19 links its web files to; sid's newer Font Awesome and jQuery
# lack the files that it links to
OLDER_WEB_FILES = [
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-ocr-b",
    "fonts-inconsolata",
]
PACKAGES = [
    "odoo-19/sid",
    "fonts-montserrat/sid",
    *(f"{name}/bookworm" for name in OLDER_WEB_FILES),
]
# bump when the lists above change
EDITION = "odoo-19-1"


@dataclass(frozen=True)
class OdooSource:
    """:param launcher: script that starts Odoo
    :param library: folder to put on Python's path
    :param addons: folders of addons
    """

    launcher: Path
    library: Path
    addons: tuple[Path, ...]


def provide() -> OdooSource:
    """:raise SetupError: with what to do"""
    if own := os.environ.get("ODOO_SOURCE"):
        return _checkout(Path(own).expanduser().absolute())
    target = ROOT / EDITION
    with locked("odoo"):
        if not target.exists():
            _unpack(target)
    packages = target / "usr/lib/python3/dist-packages"
    return OdooSource(target / "usr/bin/odoo", packages, (packages / "odoo/addons",))


def _checkout(source: Path) -> OdooSource:
    launcher = source / "odoo-bin"
    if not launcher.exists():
        raise SetupError(
            f"ODOO_SOURCE={source} is not a checkout of Odoo 19: it has no odoo-bin."
        )
    return OdooSource(launcher, source, (source / "addons", source / "odoo/addons"))


def _unpack(target: Path) -> None:
    unfinished = target.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    folder(unfinished.name)
    apt.unpack("Odoo 19 (123 MB)", PACKAGES, ["sid", "bookworm"], unfinished)
    addons = unfinished / "usr/lib/python3/dist-packages/odoo/addons"
    if not addons.is_dir():
        raise SetupError(f"The package odoo-19 looks different now. {apt.OWN_ODOO}")
    # Debian leaves this file out: each page would log an error for it
    missing = addons / "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    missing.parent.mkdir(parents=True, exist_ok=True)
    missing.touch()
    unfinished.rename(target)
