"""What may be cleaned away."""

import fcntl

import pytest

from dev.stack import postgres


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "ROOT", tmp_path)
    return tmp_path


def test_nothing_is_here(root):
    assert not postgres.is_any_here()
    assert not postgres.is_any_in_use()


def test_cluster_that_is_in_use(root):
    (root / "postgres-15").mkdir()
    with (root / "postgres-15/users.lock").open("w") as users:
        assert not postgres.is_any_in_use()
        fcntl.flock(users, fcntl.LOCK_SH)
        assert postgres.is_any_in_use()
    assert not postgres.is_any_in_use()
