"""Listener processes as tests see them."""

import json
import os
import subprocess
import time

LOCK_CLASS = 0x6E6F6F6A


def wait_for(condition, seconds=20):
    """:return: what it became, once it is true"""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("what was waited for did not happen")


class Holder:
    """Who holds the lock of the demo's PBX. Odoo names its process to PostgreSQL."""

    def __init__(self, query, pbx_id):
        self.query = query
        self.pbx_id = pbx_id

    @property
    def pid(self):
        return self._find()[0]

    def disturb(self):
        """Cut the holder's connection."""
        if backend := self._find()[1]:
            self.query("SELECT pg_terminate_backend(%s)", backend)

    def _find(self):
        rows = self.query(
            "SELECT application_name, pid FROM pg_locks"
            " JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'advisory' AND granted AND pg_locks.database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = %s AND objid = %s",
            LOCK_CLASS,
            self.pbx_id,
        )
        return (int(rows[0][0].split("-")[-1]), rows[0][1]) if rows else (None, None)


def start_another():
    """A further listener process of the running database."""
    given = json.loads(os.environ["NOOJEE_LISTENER"])
    return subprocess.Popen(
        given["command"],
        env={**os.environ, **given["environment"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
