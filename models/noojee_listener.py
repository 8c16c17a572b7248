import logging
import random
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..client import NoojeeError

_logger = logging.getLogger(__name__)

# of "noojee": the first key of our advisory locks, the second is the PBX's id
LOCK_CLASS = 0x6E6F6F6A
# a subscription's extensions travel in one address: 2,000 characters are safe
EXTENSIONS_CHARS = 1500
LONG_POLL = 20
# set-up changes and the end of a turn are noticed this often
WAKE_SECONDS = 1
# a poll that ended within this time counts as listening
LISTENING = timedelta(seconds=90)
CRON_TURN = 10
INGEST_TRIES = 5


class NoojeeListener(models.Model):
    """One subscription to a PBX's events: a fixed list of extensions and the number
    up to which its events have been taken in."""

    _name = "noojee.listener"
    _description = "Noojee subscription"
    _order = "pbx_id, id"

    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="pbx_id.company_id", store=True)
    extensions = fields.Char(required=True)
    # text: a counter of the PBX's whole life may outgrow the database's integers
    sequence_number = fields.Char(default="0", required=True)
    last_poll_at = fields.Datetime(string="Last poll")
    last_event_at = fields.Datetime(string="Last event")
    last_error = fields.Char()

    _list_unique = models.Constraint(
        "unique(pbx_id, extensions)", "This list is subscribed to already."
    )

    def _is_listening(self):
        now = fields.Datetime.now()
        return bool(self) and all(
            listener.last_poll_at and now - listener.last_poll_at < LISTENING
            for listener in self
        )

    # === A TURN === #

    @api.model
    @contextmanager
    def _elected(self, pbx):
        """Whether this process is the one that listens to a PBX.

        The lock lives on the connection that ingests: when that dies, it is free.
        """
        self.env.cr.execute(
            SQL("SELECT pg_try_advisory_lock(%s, %s)", LOCK_CLASS, pbx.id)
        )
        is_elected = self.env.cr.fetchone()[0]
        self._commit()
        try:
            yield is_elected
        finally:
            if is_elected and not self.env.cr.closed:
                self.env.cr.rollback()
                self.env.cr.execute(
                    SQL("SELECT pg_advisory_unlock(%s, %s)", LOCK_CLASS, pbx.id)
                )
                self._commit()

    @api.model
    def _listen(self, pbx, should_stop, long_poll=LONG_POLL):
        """Follow a PBX's events until told to stop or its set-up changes.

        No transaction is open while the PBX is waited for. The caller holds the lock
        of :meth:`_elected` on this cursor.

        :param should_stop: function, asked each second
        :param int long_poll: how many seconds a poll waits for news
        :raise NoojeeError: when the PBX does not answer, or not as it should
        """
        listeners = self._subscriptions(pbx)
        lists = listeners.mapped("extensions")
        clients = {listener.id: pbx._client() for listener in listeners}
        needs_state = set(listeners.ids)
        polls = {}
        executor = ThreadPoolExecutor(max(1, len(listeners)))
        try:
            while not should_stop() and self._lists(pbx) == lists:
                for listener in listeners - self.browse(polls.values()):
                    arguments = listener._poll_arguments(
                        listener.id in needs_state, long_poll
                    )
                    client = clients[listener.id]
                    polls[executor.submit(self._poll, client, arguments)] = listener.id
                self._commit()
                for poll in wait(polls, WAKE_SECONDS, FIRST_COMPLETED).done:
                    listener = self.browse(polls.pop(poll))
                    if listener._take_in(poll.result(), listener.id in needs_state):
                        needs_state.add(listener.id)
                    else:
                        needs_state.discard(listener.id)
        finally:
            # polls that still hang are left alone: nobody takes in what they bring
            executor.shutdown(wait=False, cancel_futures=True)
            for client in clients.values():
                client.close()

    @api.model
    def _subscriptions(self, pbx):
        """The rows for a PBX's present extensions; rows of other lists go."""
        lists = self._lists(pbx)
        listeners = self.search([("pbx_id", "=", pbx.id)])
        kept = listeners.filtered(lambda listener: listener.extensions in lists)
        (listeners - kept).unlink()
        missing = [known for known in lists if known not in kept.mapped("extensions")]
        return kept | self.create(
            [{"pbx_id": pbx.id, "extensions": numbers} for numbers in missing]
        )

    @api.model
    def _lists(self, pbx):
        """A PBX's extensions in lists that each fit into an address."""
        lists = []
        # read anew: an administrator may have changed them
        pbx.invalidate_recordset(["extension_ids"])
        for number in sorted(pbx.extension_ids.mapped("number")):
            if lists and len(lists[-1]) + len(number) < EXTENSIONS_CHARS:
                lists[-1] = f"{lists[-1]},{number}"
            else:
                lists.append(number)
        return lists

    def _poll_arguments(self, is_state_read, long_poll):
        """:return: extensions, last sequence number and time-out of the next poll"""
        extensions = self.extensions.split(",")
        if is_state_read:
            return extensions, 0, 0
        return extensions, int(self.sequence_number), long_poll

    @staticmethod
    def _poll(client, arguments):
        """Wait for events. Runs in a thread of its own: nothing of Odoo in here."""
        # not more often than every 100 ms from request to request (section 4)
        time.sleep(0.1)
        return client.subscribe(*arguments)

    def _take_in(self, batch, is_state_read):
        """Store a batch's events and its number together, then commit.

        :return: whether the PBX has restarted, so that its state must be read
        """
        for attempt in range(INGEST_TRIES):
            try:
                has_restarted = self._store(batch, is_state_read)
                self._commit()
                return has_restarted
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, IntegrityError):
                self.env.cr.rollback()
                if attempt == INGEST_TRIES - 1:
                    raise
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
        return False

    def _store(self, batch, is_state_read):
        sequence_number = batch.sequence_number
        if not is_state_read and sequence_number < int(self.sequence_number):
            # it counts from the beginning again: what it sent belongs to a new life
            self.sequence_number = "0"
            return True
        now = fields.Datetime.now()
        calls = self.env["noojee.call"]
        values = {
            "sequence_number": str(sequence_number),
            "last_poll_at": now,
            "last_error": False,
        }
        if batch.events:
            values["last_event_at"] = now
            calls._ingest(self.pbx_id, batch.events)
        if is_state_read:
            calls._sweep(self.pbx_id, self.extensions.split(","), batch.events)
        calls.sudo()._give_up_dials()
        self.write(values)
        self.env["noojee.circuit"]._of(self.pbx_id)._close()
        return False

    @api.model
    def _note_error(self, pbx, words):
        """Show on the PBX's subscriptions, and to its users, that it is away."""
        self.search([("pbx_id", "=", pbx.id)]).last_error = words
        self.env["noojee.circuit"]._of(pbx)._open(words)
        _logger.warning("%s: %s", pbx.name, words)

    @api.model
    def _commit(self):
        # no transaction may stay open while a PBX is waited for, and what it told
        # must outlive this process
        self.env.cr.commit()  # pylint: disable=invalid-commit

    # === CRON === #

    @api.model
    def _cron_listen(self):
        """Follow calls for some seconds where no listener process does it."""
        pbxs = self._followed_pbxs()
        for pbx in pbxs:
            seconds = CRON_TURN / len(pbxs)
            end = time.monotonic() + seconds
            try:
                with self._elected(pbx) as is_elected:
                    if is_elected:
                        self._listen(pbx, lambda e=end: time.monotonic() > e, seconds)
            except NoojeeError as error:
                # after the lock was given back, which rolls back
                self._note_error(pbx, pbx._explain(error))
                self._commit()

    @api.model
    def _followed_pbxs(self):
        """The PBXs whose set-up is complete."""
        return self.env["noojee.pbx"].search(
            [("api_key", "!=", False), ("extension_ids", "!=", False)]
        )
