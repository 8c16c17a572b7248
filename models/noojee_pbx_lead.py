import logging
import queue
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack

from odoo import fields, models

from ..client import CannotConnect, HttpError, KeyRefused, NoojeeError

_logger = logging.getLogger(__name__)
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
        :return: generator of ``(request, error)``: None where it was done, False where
            it was not asked, because the PBX does not answer
        :raise PbxAway: while the PBX is known to be away
        """
        if not requests:
            return
        # sudo: nobody writes circuits, they note what happened
        circuit_sudo = self.env["noojee.circuit"].sudo()._of(self)
        circuit_sudo._check()
        with ExitStack() as stack:
            clients = queue.SimpleQueue()
            for _turn in range(min(self.leads_at_once, len(requests))):
                clients.put(stack.enter_context(self._client()))
            count = clients.qsize()
            self.env.cr.commit()  # pylint: disable=invalid-commit
            pool = stack.enter_context(ThreadPoolExecutor(count))
            is_away = threading.Event()
            futures = {
                pool.submit(ask, request, clients, is_away): request
                for request in requests
            }
            for future in as_completed(futures):
                error = future.result()
                if isinstance(error, CannotConnect) and not error.maybe_done:
                    circuit_sudo._open(self._explain(error))
                yield futures[future], error


def ask(request, clients, is_away):
    """Ask about one lead, in a thread of its own.

    :param clients: queue of those that are free
    :param is_away: event that is set when asking on is of no use
    :return: what went wrong, or None; False where it was not asked
    """
    if is_away.is_set():
        return False
    client = clients.get()
    try:
        request.run(client)
    except NoojeeError as error:
        if tells_away(error):
            is_away.set()
        return error
    except Exception as error:
        _logger.exception("Lead %s cannot be sent.", request.key)
        return error
    finally:
        clients.put(client)
    return None


def tells_away(error: NoojeeError) -> bool:
    """Whether the next lead would fare no better."""
    if isinstance(error, HttpError):
        return error.status >= 500 or error.status == 429
    if isinstance(error, KeyRefused):
        return True
    return not hasattr(error, "code")
