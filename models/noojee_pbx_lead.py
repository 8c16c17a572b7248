import logging
import queue
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack

from odoo import fields, models

from ..client import CannotConnect, HttpError, KeyRefused, NoojeeError
from .lead_request import Outcome

_logger = logging.getLogger(__name__)

TOO_MANY_REQUESTS = 429
UNKNOWN_METHOD = 404
OF_ALL = (TOO_MANY_REQUESTS, UNKNOWN_METHOD)
MOST_AT_ONCE = 16


class NoojeePbx(models.Model):
    """Telling the PBX of leads, as many at a time as it works on."""

    _inherit = "noojee.pbx"

    leads_at_once = fields.Integer(
        string="Leads at a time",
        default=2,
        required=True,
        help="How many leads this PBX works on at the same time: half of its "
        "processor's threads.",
    )

    _leads_at_once_range = models.Constraint(
        f"CHECK (leads_at_once BETWEEN 1 AND {MOST_AT_ONCE})",
        f"Leads at a time: between 1 and {MOST_AT_ONCE}.",
    )

    def _send_leads(self, requests):
        """Ask about leads, several at a time, with no transaction open.

        Calls must not suffer by campaigns: their circuit is minded here, and opened
        only where no connection comes about at all.

        :param requests: of :class:`LeadRequest`
        :return: generator of ``(request, outcome)``: an :class:`Outcome`, or the error
        :raise PbxAway: while the PBX is known to be away
        """
        if not requests:
            return
        circuit_sudo = self._circuit_to_ask()
        with ExitStack() as stack:
            clients = queue.SimpleQueue()
            # the older methods take one at a time
            is_old = any(request.is_old for request in requests)
            count = 1 if is_old else min(self.leads_at_once, len(requests))
            for _turn in range(count):
                clients.put(stack.enter_context(self._client()))
            self.env.cr.commit()  # pylint: disable=invalid-commit
            pool = stack.enter_context(ThreadPoolExecutor(count))
            is_away = threading.Event()
            futures = {
                pool.submit(ask, request, clients, is_away): request
                for request in requests
            }
            has_answered = False
            for future in as_completed(futures):
                outcome = future.result()
                if isinstance(outcome, CannotConnect) and not outcome.maybe_done:
                    circuit_sudo._open(self._explain(outcome))
                has_answered |= outcome in (Outcome.DONE, Outcome.FOUND)
                yield futures[future], outcome
            if has_answered:
                circuit_sudo._close()


def ask(request, clients, is_away):
    """Ask about one lead, in a thread of its own.

    :param clients: queue of those that are free
    :param is_away: event that is set when asking on is of no use
    :return: an :class:`Outcome`, or what went wrong
    """
    if is_away.is_set():
        return Outcome.NOT_ASKED
    client = clients.get()
    try:
        return request.run(client)
    except NoojeeError as error:
        if tells_away(error):
            is_away.set()
        return error
    except Exception as error:
        _logger.exception("Lead %s cannot be sent.", request.key)
        return error
    finally:
        clients.put(client)


def tells_away(error: NoojeeError) -> bool:
    """Whether the next lead would fare no better."""
    if isinstance(error, HttpError):
        is_of_all = error.says_away or error.status in OF_ALL
        return is_of_all or error.status >= 500
    if isinstance(error, KeyRefused):
        return True
    return not hasattr(error, "code")


def knows_no_such_method(error: Exception) -> bool:
    """A path that is wrong, or a method that this system does not have (section 1)."""
    return isinstance(error, HttpError) and error.status == UNKNOWN_METHOD
