"""Debian packages: installed by apt, or unpacked into the cache without it."""

import os
import shutil
import subprocess
from pathlib import Path

from .cache import ROOT, SetupError, folder, step

RELEASES = {
    *("bullseye", "bookworm", "trixie", "forky", "sid"),
    *("oldstable", "stable", "testing", "unstable"),
}
OWN_ODOO = (
    "Or get Odoo 19's source yourself and say where it is: "
    "make run ODOO_SOURCE=/path/to/odoo"
)
BROKEN_DPKG = (
    "If dpkg was interrupted before, mend it and try again: dpkg --configure -a"
)


def install(title: str, *packages: str) -> None:
    """Install packages of this machine's own release.

    :raise SetupError: where that takes apt or a right that is not there
    """
    wanted = " ".join(packages)
    if not shutil.which("apt-get"):
        raise SetupError(
            f"{title} is missing, and this machine has no apt-get. Install {wanted} "
            "with this machine's own tools and try again."
        )
    if os.geteuid() != 0:
        raise SetupError(
            f"{title} is missing. Install it and try again: "
            f"sudo apt-get install {wanted}"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    cure = "Is the machine on line? Its mirror is the one in apt's own settings."
    step("Reading the list of packages", ["apt-get", "update"], cure=cure)
    words = ["apt-get", "install", "-y", "--no-install-recommends"]
    # apart: it may take long, and may be broken off
    step(
        f"Downloading {title}",
        [*words, "--download-only", *packages],
        env=environment,
        cure=f"{cure} {BROKEN_DPKG}",
    )
    step(
        f"Installing {title}",
        [*words, *packages],
        env=environment,
        cure=BROKEN_DPKG,
        # a dpkg that is killed leaves the machine's packages half installed
        must_finish=True,
    )


def unpack(title: str, packages: list[str], suites: list[str], into: Path) -> None:
    """Download packages of some suites and unpack them, installing nothing.

    :param packages: as ``name/suite``
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise SetupError(f"{title} comes as a Debian package: no apt-get. {OWN_ODOO}")
    private = _private_apt(suites)
    cure = (
        f"Is the machine on line? Its mirror is the one in apt's settings. {OWN_ODOO}"
    )
    step(f"{title}: reading the list of packages", [*private, "update"], cure=cure)
    cure = f"Perhaps the mirror is away, or has the package no longer. {OWN_ODOO}"
    downloads = folder("downloads")
    step(
        f"{title}: downloading",
        [*private, "download", *packages],
        cwd=downloads,
        cure=cure,
    )
    names = {package.partition("/")[0] for package in packages}
    for archive in sorted(downloads.glob("*.deb")):
        if archive.name.partition("_")[0] in names:
            step(
                f"{title}: unpacking {archive.name}",
                ["dpkg", "-x", archive, into],
                cure=(
                    f"Is the disk full? Else the download is broken: rm {archive}, and "
                    "try again."
                ),
            )
            archive.unlink()


def _private_apt(suites: list[str]) -> list:
    """apt-get with sources and lists of its own: the machine's stay as they are."""
    apt = folder("apt")
    for name in ("lists/partial", "archives/partial"):
        folder("apt", name)
    mirror = _mirror()
    sources = apt / "sources.list"
    lines = [f"deb {mirror} {suite} main" for suite in suites]
    sources.write_text("\n".join(lines) + "\n")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::Lists": ROOT / "apt/lists",
        "Dir::Cache": apt,
        # the sandbox's user may not write into this folder
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
        # else a mirror that does not answer shows only as packages that are missing
        "APT::Update::Error-Mode": "any",
    }
    words = [f"{name}={value}" for name, value in options.items()]
    return ["apt-get", "-q", *(part for word in words for part in ("-o", word))]


def _mirror() -> str:
    """Address of the Debian mirror that this machine's apt uses."""
    listed = subprocess.run(
        [
            # without release info: it names the mirrors before any list was read
            *("apt-get", "indextargets", "--no-release-info"),
            *("--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"),
        ],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    if not (mirrors := debian_mirrors(listed)):
        raise SetupError(f"apt's settings name no Debian mirror. {OWN_ODOO}")
    return mirrors[0]


def debian_mirrors(listed: str) -> list[str]:
    """The Debian mirrors among apt's sources, the likeliest first.

    :param listed: lines of address, release and component; others' repositories are
        named after Debian's releases as well, but seldom have a ``main``
    """
    sources = [line.split() for line in listed.splitlines() if line.count(" ") == 2]
    found = {
        address: None
        for address, release, component in sources
        if component == "main" and release in RELEASES and "security" not in address
    }
    # a mirror of one's own may be called anything
    return sorted(found, key=lambda address: not address.endswith("/debian/"))
