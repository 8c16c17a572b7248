"""Debian's packages: from where, and what to do where apt refuses."""

import os

import pytest

from dev.stack import apt, cache
from dev.stack.apt import debian_mirrors
from dev.stack.cache import SetupError

DEBIAN = "http://deb.example.org/debian/"


@pytest.mark.parametrize(
    ("listed", "mirrors"),
    [
        ("", []),
        (f"{DEBIAN} bookworm main", [DEBIAN]),
        (
            f"http://deb.example.org/debian-security/ bookworm-security main\n"
            f"{DEBIAN} bookworm main\n{DEBIAN} bookworm contrib\n{DEBIAN} sid main",
            [DEBIAN],
        ),
        (
            "https://proxy.example.com/apt-remote/ trixie main\n"
            "https://tools.example.net/ nodistro main\n"
            "https://tools.example.net/linux/debian/ bookworm stable",
            ["https://proxy.example.com/apt-remote/"],
        ),
        (
            f"https://proxy.example.com/a/ stable main\n{DEBIAN} stable main",
            [DEBIAN, "https://proxy.example.com/a/"],
        ),
        ("http://archive.example.com/ubuntu/ jammy main", []),
    ],
)
def test_debian_mirrors(listed, mirrors):
    assert debian_mirrors(listed) == mirrors


@pytest.fixture
def apt_get(tmp_path, monkeypatch):
    """Put a script in place of apt-get, run as root."""

    def replace(script):
        program = tmp_path / "apt-get"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    monkeypatch.setattr(cache, "ROOT", tmp_path / "cache")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return replace


@pytest.mark.parametrize("what", ["--download-only", "-recommends postgresql"])
def test_dpkg_that_was_interrupted(apt_get, what):
    apt_get(f'case "$*" in *"{what}"*) echo "dpkg was interrupted"; exit 100;; esac')
    with pytest.raises(SetupError, match=r"(?s)was interrupted.*dpkg --configure -a"):
        apt.install("PostgreSQL", "postgresql")


def test_machine_that_is_not_on_line(apt_get):
    apt_get('[ "$1" != update ]')
    with pytest.raises(SetupError, match="Is the machine on line?"):
        apt.install("PostgreSQL", "postgresql")


def test_archive_that_is_broken(apt_get, tmp_path):
    apt_get("echo 'http://deb.example.org/debian/ bookworm main'")
    (tmp_path / "dpkg").write_text("#!/bin/sh\nexit 2\n")
    (tmp_path / "dpkg").chmod(0o755)
    archive = cache.folder("downloads") / "odoo-19_19.0_all.deb"
    archive.touch()
    with pytest.raises(SetupError, match=f"rm {archive}"):
        apt.unpack("Odoo 19", ["odoo-19/sid"], ["sid"], tmp_path)
