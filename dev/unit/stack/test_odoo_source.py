"""A checkout of Odoo that somebody has already."""

import pytest

from dev.stack import odoo_source
from dev.stack.cache import SetupError

RELEASE = "FINAL = 'final'\nversion_info = (%s, 0, 0, FINAL, 0, '')\n"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo-bin").touch()
    monkeypatch.setenv("ODOO_SOURCE", str(tmp_path))
    release = tmp_path / "odoo/release.py"
    release.write_text(RELEASE % 19)
    return release


def test_databases_of_another_source_are_other_ones(checkout):
    edition = odoo_source.provide().edition
    assert edition != odoo_source.EDITION
    assert odoo_source.provide().edition == edition
    checkout.write_text(checkout.read_text() + "product_name = 'Odoo'\n")
    assert odoo_source.provide().edition != edition


@pytest.mark.parametrize("major", ["18", "'saas~19'", "20"])
def test_other_releases_are_refused(checkout, major):
    checkout.write_text(RELEASE % major)
    with pytest.raises(SetupError, match="19.0 is needed"):
        odoo_source.provide()


def test_what_is_no_release(checkout):
    checkout.write_text("version = '19.0'\n")
    with pytest.raises(SetupError, match="Odoo unknown"):
        odoo_source.provide()
    checkout.unlink()
    with pytest.raises(SetupError, match="not a checkout"):
        odoo_source.provide()
