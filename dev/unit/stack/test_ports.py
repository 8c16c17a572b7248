"""Which ports the demo takes."""

import socket

import pytest

from dev.stack.cache import SetupError
from dev.stack.processes import chosen_port


@pytest.mark.parametrize("written", ["abc", "70000", "-1", "0", "80.5", "٣٣٣"])
def test_what_is_no_port(monkeypatch, written):
    monkeypatch.setenv("ODOO_PORT", written)
    with pytest.raises(SetupError, match=f"ODOO_PORT={written} is no port"):
        chosen_port("ODOO_PORT", 8069)


@pytest.mark.parametrize(("port", "away"), [(0, 1000), (65432, -1000)])
def test_port_that_is_taken(monkeypatch, port, away):
    with socket.create_server(("127.0.0.1", port)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("ODOO_PORT", str(port))
        with pytest.raises(SetupError, match=f"make run ODOO_PORT={port + away}"):
            chosen_port("ODOO_PORT", 8069)
    assert chosen_port("ODOO_PORT", 8069) == port


def test_one_port_for_both(monkeypatch):
    monkeypatch.setenv("SIMULATOR_PORT", "8069")
    with pytest.raises(SetupError, match="SIMULATOR_PORT=9069"):
        chosen_port("SIMULATOR_PORT", 8099, besides=8069)
