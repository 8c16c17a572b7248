import logging
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules.registry import Registry

from ..client import NoojeeError
from ..client.conventions import LITERAL
from .poll import HOURS, Pace, Poll
from .schedule import IdleSteps, Schedule
from .transaction import is_database_away, repeat

_logger = logging.getLogger(__name__)

# a subscription's extensions travel in one address: 2,000 characters are safe
ADDRESS_CHARS = 2000
# in there besides host, extensions and key: the path and the other parameters
REST_CHARS = 150
LONG_POLL = 20
# set-up changes and the end of a turn are noticed this often
WAKE_SECONDS = 1
# what can wait is not begun before nothing has come for so long: where much happens,
# some list of extensions answers every 0.1 s
QUIET_SECONDS = 0.4
CRON_TURN = 10
# now and again the state is read: calls whose end was lost must end
SWEEP_SECONDS = 180


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

    _list_unique = models.Constraint(
        "unique(pbx_id, extensions)", "This list is subscribed to already."
    )

    # === A TURN === #

    @api.model
    def _listen(self, pbx, should_stop, long_poll=LONG_POLL, is_process=True):
        """Follow a PBX's events until told to stop or its set-up changes.

        No transaction is open while the PBX is waited for. The caller holds the lock
        of :meth:`_elected` on this cursor.

        :param should_stop: function, asked each second
        :param int long_poll: how many seconds a poll waits for news
        :param bool is_process: whether a process does it that goes on listening
        :raise NoojeeError: when the PBX does not answer, or not as it should; where it
            refuses some lists of extensions the others are followed on
        """
        set_up = self._set_up(pbx)
        listeners = self._subscriptions(pbx)
        self._close_unwatched(pbx)
        calls = self.env["noojee.call"]
        calls._warm_up(pbx)
        clients = {id_: pbx._client() for id_ in [HOURS, *listeners.ids]}
        schedule = Schedule(listeners.ids, SWEEP_SECONDS)
        pace = Pace()
        polls = {}
        looked_at = 0
        idle_steps = IdleSteps(self._idle_steps(pbx, is_process))
        executor = ThreadPoolExecutor(len(clients))
        try:
            while not should_stop():
                # not with each of many events in a second
                if time.monotonic() - looked_at >= WAKE_SECONDS:
                    looked_at = time.monotonic()
                    if self._set_up(pbx) != set_up:
                        break
                    # of a PBX that is away an hour would be asked for in vain
                    may_ask = schedule.is_answered and HOURS not in polls.values()
                    if may_ask and (poll := self._next_hour(pbx)):
                        polls[executor.submit(poll.run, clients[HOURS])] = HOURS
                idle = listeners - self.browse(polls.values())
                for listener in idle.filtered(lambda row: schedule.is_due(row.id)):
                    poll = listener._next_poll(schedule, long_poll)
                    client = clients[listener.id]
                    polls[executor.submit(poll.run, client, pace)] = listener.id
                self._commit()
                end = looked_at + WAKE_SECONDS
                self._use_wait(polls, idle_steps, end)
                seconds = max(0, end - time.monotonic())
                finished = wait(polls, seconds, FIRST_COMPLETED).done
                was_answered = schedule.is_answered
                self._take_in_answers(pbx, polls, finished, schedule, is_process)
                if schedule.is_answered and not was_answered:
                    # an hour may be asked for now, and the turn may be short
                    looked_at = 0
        finally:
            # polls that still hang are left alone: nobody takes in what they bring
            pace.end()
            executor.shutdown(wait=False, cancel_futures=True)
            for client in clients.values():
                client.close()

    @api.model
    def _idle_steps(self, pbx, is_process):
        """What is to be done while nothing is taken in: what was put off, whenever
        there is any, before what only makes the next events faster.

        :return: endless iterator over whether there was anything to do
        """
        calls = self.env["noojee.call"]
        users, kept_since = iter(()), None
        while True:
            if is_process and calls._kept_since() != kept_since:
                kept_since = calls._kept_since()
                users = calls._warm_up_users(pbx)
            was_due = calls._write_due_lines()
            yield was_due or bool(next(users, False))

    @api.model
    def _use_wait(self, polls, idle_steps, end):
        """Take some steps while nothing is to be taken in.

        One in each of the short pauses between many events would hold up all of them.

        :param end: by this process's steady clock
        """
        if wait(polls, QUIET_SECONDS, FIRST_COMPLETED).done:
            if idle_steps.is_overdue:
                idle_steps.take()
                self._commit()
            return
        while time.monotonic() < end and not any(poll.done() for poll in polls):
            if not idle_steps.take():
                return
            self._commit()

    @api.model
    def _set_up(self, pbx):
        """All that a turn of listening is built on; False when it must end."""
        # sudo: the key; read anew: an administrator may have changed it
        pbx_sudo = pbx.sudo()
        self.env.invalidate_all()
        if not pbx_sudo.exists() or not pbx_sudo.active or not pbx_sudo.api_key:
            return False
        # after modules were installed there is another one: ours has the old code
        if Registry(self.env.cr.dbname) is not self.env.registry:
            return False
        return (
            self._lists(pbx),
            pbx_sudo.base_url,
            pbx_sudo.api_key,
            pbx_sudo.connect_timeout,
            pbx_sudo.read_timeout,
            pbx_sudo.verify_tls,
            pbx_sudo.tz,
        )

    @api.model
    def _subscriptions(self, pbx):
        """The rows for a PBX's present extensions; rows of other lists go."""
        lists = self._lists(pbx)
        listeners = self.search([("pbx_id", "=", pbx.id)])
        kept = listeners.filtered(lambda listener: listener.extensions in lists)
        gone = listeners - kept
        # the number counts for the whole PBX: from the lowest on nothing is missed
        number = min(map(int, gone.mapped("sequence_number")), default=0)
        skew = gone._clock_skew()
        polled_at = min(filter(None, gone.mapped("last_poll_at")), default=False)
        seen_at = max(filter(None, gone.mapped("seen_at")), default=False)
        incident = gone.filtered("incident").sorted("incident_at")[-1:]
        told = {
            "incident": incident.incident,
            "incident_at": incident.incident_at,
        }
        gone.unlink()
        missing = [known for known in lists if known not in kept.mapped("extensions")]
        return kept | self.create(
            [
                {
                    "pbx_id": pbx.id,
                    "extensions": numbers,
                    "sequence_number": str(number),
                    "clock_skew": skew,
                    "last_poll_at": polled_at,
                    "seen_at": seen_at,
                    **told,
                }
                for numbers in missing
            ]
        )

    @api.model
    def _close_unwatched(self, pbx):
        """End what runs at desks that are followed no more."""
        calls = self.env["noojee.call"]

        def close():
            with calls._exclusively(pbx.id):
                calls._close_unwatched(pbx, pbx.extension_ids.mapped("number"))
                self._commit()

        repeat(close)

    @api.model
    def _close_unheard(self, followed):
        """End what only notices told of, or what ran when a PBX was switched off.

        :param followed: PBXs that are listened to: their state is read
        """
        calls = self.env["noojee.call"]
        others = (
            self.env["noojee.pbx"]
            .with_context(active_test=False)
            .search([("id", "not in", followed.ids)])
        )
        for pbx in others.filtered(calls._unheard_channels):

            def close(pbx=pbx):
                with calls._exclusively(pbx.id):
                    calls._close_unheard(pbx)
                    self._commit()

            repeat(close)

    @api.model
    def _lists(self, pbx):
        """A PBX's extensions in lists that each fit into an address."""
        # sudo: the key, whose length counts
        key = quote(pbx.sudo().api_key or "", safe="")
        room = ADDRESS_CHARS - REST_CHARS - len(pbx.base_url) - len(key)
        lists, left = [], 0
        # nothing but the numbers: each second of a thousand extensions
        extensions = self.env["noojee.extension"].search_fetch(
            [("pbx_id", "=", pbx.id)], ["number"]
        )
        for number in sorted(extensions.mapped("number")):
            chars = len(quote(f",{number}", safe=LITERAL))
            if not lists or chars > left:
                lists.append([])
                left = room
            lists[-1].append(number)
            left -= chars
        return [",".join(numbers) for numbers in lists]

    def _next_poll(self, schedule, long_poll):
        poll = Poll(
            self.extensions.split(","),
            int(self.sequence_number),
            long_poll,
            self.env.cr.now(),
        )
        if not schedule.takes_state(self.id):
            return poll
        return replace(poll, timeout=0, reads_state=True, heard_at=self.last_poll_at)

    @api.model
    def _commit(self):
        # no transaction may stay open while a PBX is waited for, and what it told
        # must outlive this process
        self.env.cr.commit()  # pylint: disable=invalid-commit

    # === CRON === #

    @api.model
    def _cron_listen(self):
        """Follow calls for some seconds where no listener process does it."""
        self.env["noojee.call"].sudo()._give_up_dials()
        self._commit()
        turn_end = time.monotonic() + CRON_TURN
        pbxs = self._followed_pbxs()
        self._close_unheard(pbxs)
        for pbx in pbxs:
            seconds = max(1, CRON_TURN // len(pbxs))
            end = time.monotonic() + seconds
            try:
                with self._elected(pbx) as is_elected:
                    if is_elected:
                        self._listen(
                            pbx, lambda e=end: time.monotonic() > e, seconds, False
                        )
            except (NoojeeError, UserError) as error:
                # after the lock was given back, which rolls back
                self._note_error(pbx, error, False)
                self._commit()
            except Exception as error:
                if is_database_away(error):
                    raise
                # the others are followed all the same
                _logger.exception("Calls of %s cannot be followed.", pbx.name)
                self.env.cr.rollback()
                self._note_error(pbx, error, False)
                self._commit()
        # of whom nothing was heard for long nothing will be read
        self._close_unheard(pbxs.filtered(lambda pbx: pbx.listener_ids._was_heard()))
        self._tell_administrators(pbxs)
        self._commit()
        # what a listener has put off that does not get to it
        while self.env["noojee.call"]._write_due_lines():
            if time.monotonic() > turn_end:
                break

    @api.model
    def _followed_pbxs(self):
        """The PBXs whose set-up is complete."""
        return self.env["noojee.pbx"].search(
            [
                ("api_key", "!=", False),
                ("extension_ids", "any", [("active", "=", True)]),
            ]
        )
