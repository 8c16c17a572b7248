import gc
import logging
import os
import select
import signal
import sys
import threading
import time

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.server import load_server_wide_modules
from odoo.tools import config

_logger = logging.getLogger(__name__)

# a standby asks this often whether the holder of a PBX's lock has died: together with
# the keepalives of its connection it takes over within five seconds
STANDBY_SECONDS = 1
SUPERVISE_SECONDS = 2
# a turn that lived longer was no failure to begin: its first question, which asks for
# the state and waits for nothing, has been answered
STEADY_SECONDS = 8
STOP_SECONDS = 5
# commands wake us by NOTIFY; this is for what was to be tried again, and a notice lost
COMMANDS_SECONDS = 30
WAKE_SECONDS = 1


class NoojeeListen(Command):
    """Follow the calls of a database's Noojee PBXs and run its queued commands."""

    name = "noojee_listen"

    def run(self, cmdargs):
        config.parser.prog = self.prog
        config.parse_config(cmdargs, setup_logging=True)
        databases = config["db_name"]
        if len(databases) != 1:
            sys.exit("Name one database: odoo noojee_listen -d DATABASE")
        threading.current_thread().dbname = databases[0]
        Process(databases[0]).run()


class Process:
    """One thread for each PBX, one for queued commands, and this one to start them."""

    def __init__(self, database):
        self.database = database
        self.stop = threading.Event()
        self.threads = {}

    def run(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: self.stop.set())
        # before any thread: loading the models in two of them at once breaks both
        load_server_wide_modules()
        Registry(self.database)
        # it lives as long as the process: to look through it again and again for what
        # can be freed would hold up events
        gc.freeze()
        _logger.info("Listening for database %s.", self.database)
        while not self.stop.is_set():
            self._start("commands", self._run_commands)
            for pbx_id in self._pbx_ids():
                self._start(pbx_id, self._follow_pbx, pbx_id)
            self._wake_jobs()
            self.stop.wait(SUPERVISE_SECONDS)
        for thread in self.threads.values():
            thread.join(STOP_SECONDS)
        _logger.info("Stopped.")
        logging.shutdown()
        # long polls may still hang; their threads would keep the process for their
        # whole time-out, and nothing they bring is taken in any more
        os._exit(0)

    def _start(self, key, target, *args):
        thread = self.threads.get(key)
        if thread is None or not thread.is_alive():
            self.threads[key] = threading.Thread(
                target=target, args=args, name=f"noojee {key}", daemon=True
            )
            self.threads[key].dbname = self.database
            self.threads[key].start()

    def _pbx_ids(self):
        try:
            Registry(self.database).check_signaling()
            with Registry(self.database).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                return env["noojee.listener"]._followed_pbxs().ids
        except Exception as error:
            self._log(error)
            return []

    def _wake_jobs(self):
        try:
            with Registry(self.database).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["noojee.recording"]._wake_fetch()
        except Exception as error:
            self._log(error)

    # === A PBX === #

    def _follow_pbx(self, pbx_id):
        failures = 0
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                with Registry(self.database).cursor() as cr:
                    if not self._follow_if_elected(cr, pbx_id):
                        return
                failures = 0
            except Exception as error:
                self._note_error(pbx_id, error)
                if time.monotonic() - began > STEADY_SECONDS:
                    failures = 0
                self.stop.wait(self._backoff(error, failures))
                failures += 1

    def _backoff(self, error, failures):
        from odoo.addons.noojee.models.schedule import backoff  # noqa: PLC0415
        from odoo.addons.noojee.models.transaction import (  # noqa: PLC0415
            is_database_away,
        )

        # the PBX forgets its events while nobody fetches them
        return backoff(0 if is_database_away(error) else failures)

    def _follow_if_elected(self, cr, pbx_id):
        """:return: whether this PBX is still to be followed"""
        env = api.Environment(cr, SUPERUSER_ID, {})
        listener = env["noojee.listener"]
        pbx = env["noojee.pbx"].browse(pbx_id)
        if pbx not in listener._followed_pbxs():
            return False
        with listener._elected(pbx) as is_elected:
            if is_elected:
                listener._listen(pbx, self.stop.is_set)
        if not is_elected:
            self.stop.wait(STANDBY_SECONDS)
        return True

    def _note_error(self, pbx_id, error):
        from odoo.addons.noojee.client import NoojeeError  # noqa: PLC0415

        self._log(error, is_expected=isinstance(error, (NoojeeError, UserError)))
        try:
            with Registry(self.database).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                pbx = env["noojee.pbx"].browse(pbx_id).exists()
                env["noojee.listener"]._note_error(pbx, error)
        except psycopg2.Error as database_error:
            self._log(database_error)

    def _log(self, error, is_expected=False):
        from odoo.addons.noojee.models.transaction import (  # noqa: PLC0415
            is_database_away,
        )

        if is_database_away(error):
            _logger.warning("The database does not answer: %s", error)
        elif not is_expected:
            # our own fault: whoever reads this needs all of it
            _logger.error("The listener goes on after an error.", exc_info=error)

    # === COMMANDS === #

    def _run_commands(self):
        from odoo.addons.noojee.models.noojee_command import (  # noqa: PLC0415
            NOTIFY_CHANNEL,
        )

        while not self.stop.is_set():
            try:
                registry = Registry(self.database)
                with registry.cursor() as cr:
                    cr.execute(f"LISTEN {NOTIFY_CHANNEL}")
                    # without a commit nothing is heard
                    cr.commit()  # pylint: disable=invalid-commit
                    # modules that were installed meanwhile have a registry of their own
                    while (
                        not self.stop.is_set() and Registry(self.database) is registry
                    ):
                        self._run_due_commands(cr)
            except Exception as error:
                self._log(error)
                self.stop.wait(STANDBY_SECONDS)

    def _run_due_commands(self, cr):
        """Carry out what is due, then sleep until woken or until more is due."""
        env = api.Environment(cr, SUPERUSER_ID, {})
        commands = env["noojee.command"]
        is_more = commands._run_due()
        seconds = 0 if is_more else commands._seconds_to_next(COMMANDS_SECONDS)
        # the snapshot of a transaction that waits would see nothing new
        cr.commit()  # pylint: disable=invalid-commit
        self._sleep_until_woken(cr._cnx, time.monotonic() + seconds)

    def _sleep_until_woken(self, connection, end):
        connection.poll()
        while not connection.notifies and not self.stop.is_set():
            left = end - time.monotonic()
            if left <= 0:
                return
            select.select([connection], [], [], min(left, WAKE_SECONDS))
            connection.poll()
        connection.notifies.clear()
