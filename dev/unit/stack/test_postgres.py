"""The private cluster, and what may be cleaned away."""

import fcntl
import shutil
import tempfile
from pathlib import Path

import pytest

from dev.stack import cache, postgres
from dev.stack.cache import SetupError


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


@pytest.fixture
def folder_with_a_blank(monkeypatch):
    # PostgreSQL's own user must get there, unlike to pytest's folders
    made = Path(tempfile.mkdtemp(prefix="noojee it's a ", dir="/var/tmp"))
    made.chmod(0o755)
    for module in (cache, postgres):
        monkeypatch.setattr(module, "ROOT", made)
    yield made
    shutil.rmtree(made)


def test_cluster_in_a_folder_with_a_blank(folder_with_a_blank):
    with postgres.Cluster().running() as cluster:
        assert cluster.sql("SHOW listen_addresses") == ""
        with pytest.raises(SetupError, match='database "nothing" does not exist'):
            cluster.sql('ALTER DATABASE "nothing" RENAME TO "x"')


def test_cluster_whose_making_was_interrupted(folder_with_a_blank):
    home = cache.folder(postgres.Cluster().home.name)
    (home / "data.part").mkdir()
    (home / "data.part/PG_VERSION").write_text("15")
    with postgres.Cluster().running() as cluster:
        assert cluster.sql("SELECT 1") == "1"
