"""Which of apt's sources is a Debian mirror."""

import pytest

from dev.stack.apt import debian_mirrors

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
