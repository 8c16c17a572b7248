from odoo import api, models

from ..client import ApiError, KeyRefused
from . import transaction
from .noojee_listener_health import LISTENING
from .poll import HOURS
from .transaction import repeat


class NoojeeListener(models.Model):
    """Taking in what polls brought: events and the numbers up to which they came, in
    one transaction."""

    _inherit = "noojee.listener"

    @api.model
    def _take_in_answers(self, pbx, polls, finished, schedule, is_process):
        """Take in what is new of a PBX, and have what it refuses wait.

        :param dict polls: ids of subscriptions by future; what is finished goes
        :raise NoojeeError: that is of no single list
        :raise ApiError: where nothing is left to follow
        """
        news, refused = self._answers(polls, finished)
        if hour := news.pop(HOURS, None):
            self._take_in_hour(pbx, hour, is_process)
        for id_ in news:
            schedule.note_answer(id_)
        if news:
            for id_ in self._take_in(pbx, news, is_process):
                schedule.read_state(id_)
        if refused:
            self._note_refused(pbx, refused, schedule, is_process)

    @api.model
    def _answers(self, polls, finished):
        """What polls brought, and why the PBX refused others.

        :param dict polls: ids of subscriptions by future; what is finished goes
        :return: ``(news, refused)``, both by the ids of the subscriptions
        :raise NoojeeError: that is of no single list
        """
        news, refused = {}, {}
        for done in finished:
            id_ = polls.pop(done)
            try:
                news[id_] = done.result()
            except KeyRefused:
                raise
            except ApiError as error:
                refused[id_] = error
        return news, refused

    @api.model
    def _note_refused(self, pbx, refused, schedule, is_process):
        """Ask again later for what the PBX refuses, and show why; then commit.

        :param dict refused: errors by the ids of the subscriptions
        :raise ApiError: where nothing is left to follow
        """
        for id_ in refused:
            schedule.note_refusal(id_)
        if schedule.is_all_refused:
            raise next(iter(refused.values()))

        def note():
            for id_, error in refused.items():
                self.browse(id_)._note_refusal(error, is_process)

        transaction.store(self.env.cr, note)

    @api.model
    def _take_in(self, pbx, news, is_process):
        """Store what polls brought, events and numbers together, then commit.

        A transaction costs as much as dozens of events: what came at the same time
        shares one.

        :param dict news: by the ids of the subscriptions
        :return: ids of those to which the PBX has restarted: its state must be read
        """
        calls = self.env["noojee.call"]

        def store():
            with calls._exclusively(pbx.id):
                restarted = self._store(pbx, news, is_process)
                self._commit()
                return restarted

        return repeat(store)

    @api.model
    def _store(self, pbx, news, is_process):
        current, restarted = {}, []
        left = self.env["noojee.call.channel"]
        for listener in self.browse(news):
            of_list = news[listener.id]
            listener._note_gap(of_list)
            if of_list.has_restarted:
                left |= self.env["noojee.call"]._leave_former_life(
                    pbx, of_list.poll.extensions, of_list.poll.asked_at
                )
            if of_list.is_of_another_life:
                if of_list.poll.reads_state:
                    # it tells no number beside its state: from the first event on,
                    # what that told stands in the state
                    listener.sequence_number = "1"
                restarted.append(listener.id)
                continue
            # before the events, one of which may leave an error
            listener.write(listener._prepare_health(of_list, is_process))
            current[listener] = of_list
        self._store_calls(pbx, current, left)
        self.env["noojee.circuit"]._of(pbx)._close()
        for listener, of_list in current.items():
            if of_list.events:
                listener.lag = of_list.age
        return restarted

    @api.model
    def _store_calls(self, pbx, news, left):
        """
        :param dict news: by subscription
        :param left: as of noojee.call._sweep
        """
        calls = self.env["noojee.call"]
        fresh = {k: v for k, v in news.items() if not v.poll.reads_state}
        if events := [event for of_list in fresh.values() for event in of_list.events]:
            changed = calls._ingest(
                pbx,
                events,
                is_polled=True,
                is_from_beginning=all(v.is_from_beginning for v in fresh.values()),
            )
            self.union(*fresh)._measure_clock(changed)
        for listener, of_list in news.items():
            if listener not in fresh:
                self._store_state(pbx, of_list, left)
        calls.sudo()._give_up_dials()

    @api.model
    def _known_at(self, poll):
        """Until when it was known what runs, where that is long ago; else None. When
        it ended after that nobody tells."""
        heard_at = poll.heard_at
        return heard_at if heard_at and poll.asked_at - heard_at > LISTENING else None

    @api.model
    def _store_state(self, pbx, news, left=()):
        calls = self.env["noojee.call"]
        known_at = self._known_at(news.poll)
        if news.events:
            calls._ingest(
                pbx,
                news.events,
                is_late=True,
                is_polled=True,
                # after long it may have forgotten more than its first
                is_from_beginning=news.is_from_beginning and not known_at,
                known_at=known_at,
            )
        if news.running:
            calls._ingest(
                pbx, news.running, is_late=True, tells_state=True, is_polled=True
            )
        calls._sweep(pbx, news, left, known_at)
        if news.has_restarted:
            lines = pbx.extension_ids.filtered(
                lambda line: line.number in news.told_extensions
            )
            calls.sudo()._give_up_swallowed(lines, news.poll.asked_at)
