"""Odoo 19 itself: from Debian's sid, or from a checkout that is there already."""

import hashlib
import os
import re
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
# part of the names of databases; bump when the lists above change
EDITION = "odoo-19-1"


@dataclass(frozen=True)
class OdooSource:
    """:param edition: part of the names of databases, which fit no other source
    :param launcher: script that starts Odoo
    :param library: folder to put on Python's path
    :param addons: folders of addons
    """

    edition: str
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
    launcher = target / "usr/bin/odoo"
    return OdooSource(EDITION, launcher, packages, (packages / "odoo/addons",))


def _checkout(source: Path) -> OdooSource:
    launcher = source / "odoo-bin"
    release_file = source / "odoo/release.py"
    if not launcher.exists() or not release_file.exists():
        raise SetupError(
            f"ODOO_SOURCE={source} is not a checkout of Odoo 19: it has no odoo-bin "
            "or no odoo/release.py."
        )
    release = release_file.read_text()
    found = re.search(r"^version_info = \(['\"]?([^,'\"]+)['\"]?, (\d+)", release, re.M)
    version = ".".join(found.groups()) if found else "unknown"
    if version != "19.0":
        raise SetupError(
            f"ODOO_SOURCE={source} is Odoo {version}, and 19.0 is needed: "
            "git checkout 19.0, or name another folder."
        )
    digest = hashlib.sha256(f"{source}\n{release}".encode()).hexdigest()[:8]
    addons = (source / "addons", source / "odoo/addons")
    return OdooSource(f"odoo-19-own-{digest}", launcher, source, addons)


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
