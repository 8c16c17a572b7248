import time
import uuid
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.http import request

from ..client import NoojeeError
from .noojee_circuit import PbxAway

# a dial whose channel has not shown up by then is given up (noojee-api.md section 4)
DIAL_PENDING = timedelta(seconds=60)
# the listener holds a call for some milliseconds while it stores an event
LOCK_ATTEMPTS = 40
LOCK_SECONDS = 0.05


class NoojeeCall(models.Model):
    """Dialling: the design's *Click*."""

    _inherit = "noojee.call"

    @api.model
    def _dial(self, number, record=None, partner=None):
        """Dial from the user's line.

        Odoo runs a request again when its transaction collides, and a call must not
        be dialled twice: the call is committed in a cursor of its own before the PBX
        is asked, and found there by the request's token when it runs again. The
        request's own transaction writes no row of ours.

        :param str number: as a person wrote it
        :param record: that the call is about
        :param partner: the customer, where it is not to be found by the record
        :return: the call as ``_payload`` describes it
        :raise UserError: in plain words, when it was not dialled.
        """
        line = self._own_line()
        partner = partner or self._partner_of(record)
        digits, e164 = line.pbx_id._dial_form(number, self._country_of(record, partner))
        call_id, is_new = self._store_dial(line, number, e164, record, partner)
        if is_new:
            self._send_dial(call_id, line, digits)
        # a cursor of its own: the present one sees the database as it was before
        with self.env.registry.cursor() as cr:
            call = self._in_own_companies().browse(call_id)
            call = call.with_env(call.env(cr=cr))
            if call.failure_reason:
                raise UserError(call.failure_reason)
            return call._payload(self.env.user)

    @api.model
    def _own_line(self):
        line = self.env["noojee.extension"]._line_of(self.env.user)
        if not line:
            raise UserError(
                self.env._(
                    "You have no line yet. Sign on to a desk in the phone's panel; an "
                    "administrator sets lines under Noojee → Configuration → "
                    "Extensions."
                )
            )
        return line

    @api.model
    def _partner_of(self, record):
        if not record:
            return self.env["res.partner"]
        if record._name == "res.partner":
            return record
        return record._mail_get_partners(introspect_fields=True)[record.id][:1]

    @api.model
    def _country_of(self, record, partner):
        country = record and record._phone_get_country().get(record.id)
        return country or partner.country_id

    @api.model
    def _store_dial(self, line, number, e164, record, partner):
        """Store a call to be dialled, for good.

        :return: ``(id, whether it is new)``
        :raise UserError: while another call is being dialled at this extension.
        """
        token = self._request_token()
        values = {
            "pbx_id": line.pbx_id.id,
            "company_id": line.company_id.id,
            "direction": "outbound" if e164 else "internal",
            "number": number,
            "number_e164": e164,
            "partner_id": partner.id,
            "record_ref": record and f"{record._name},{record.id}",
            "user_id": self.env.user.id,
            "dial_extension_id": line.id,
            "request_token": token,
        }
        try:
            with self.env.registry.cursor() as cr:
                # sudo: users do not create calls but by dialling
                calls_sudo = self.with_env(self.env(cr=cr)).sudo()
                if dialled := calls_sudo.search([("request_token", "=", token)]):
                    return dialled.id, False
                calls_sudo._give_up_dials(line)
                if calls_sudo.search_count([("dial_extension_id", "=", line.id)]):
                    raise self._dialling_already()
                call_sudo = calls_sudo.create(values)
                call_sudo._notify()
                cr.flush()
                return call_sudo.id, True
        except UniqueViolation:
            # two clicks at the same moment
            raise self._dialling_already() from None

    @api.model
    def _dialling_already(self):
        return UserError(
            self.env._(
                "A call is being dialled from your desk already. Lift the handset or "
                "hang up first."
            )
        )

    @api.model
    def _request_token(self):
        """The same for each run of one request, another for each request."""
        if not request:
            return uuid.uuid4().hex
        environ = request.httprequest.environ
        return environ.setdefault("noojee.request_token", uuid.uuid4().hex)

    @api.model
    def _give_up_dials(self, line=None):
        """Release extensions whose dial never showed up as a channel."""
        domain = [
            ("dial_extension_id", "!=", False),
            ("started_at", "<", fields.Datetime.now() - DIAL_PENDING),
        ]
        if line:
            domain.append(("dial_extension_id", "=", line.id))
        calls = self.search(domain)
        calls.filtered("channel_ids").dial_extension_id = False
        calls.filtered("dial_extension_id")._end("unknown")
        calls._notify()
        calls.flush_recordset()

    @api.model
    def _send_dial(self, call_id, line, digits):
        """Ask the PBX, with no transaction of ours open, and store its answer."""
        failure = session_id = None
        maybe_dialled = False
        try:
            session_id = line.pbx_id._ask(
                lambda client: client.dial(
                    digits,
                    line.number,
                    line._answer_string(),
                    technology=line.technology,
                )
            ).session_id
        except PbxAway as error:
            failure = str(error)
        except NoojeeError as error:
            failure = line.pbx_id._explain(error)
            maybe_dialled = error.maybe_done
        self._keep_dial_answer(call_id, session_id, failure, maybe_dialled)

    @api.model
    def _keep_dial_answer(self, call_id, *answer):
        for attempts_left in reversed(range(LOCK_ATTEMPTS)):
            try:
                with self.env.registry.cursor() as cr:
                    # sudo: users do not write calls
                    call_sudo = self.browse(call_id).with_env(self.env(cr=cr)).sudo()
                    return call_sudo._store_dial_answer(*answer)
            except LockError:
                # an error now would tell that nothing was dialled
                if not attempts_left:
                    raise
                time.sleep(LOCK_SECONDS)

    def _store_dial_answer(self, session_id, failure, maybe_dialled):
        # the call's events may have come before this answer: lock, then look
        self.lock_for_update()
        if session_id:
            self.session_id = session_id
        if failure and not self.channel_ids:
            self.failure_reason = failure
            # a desk may ring although no answer came: its events will tell, and
            # until then no second dial must make it ring twice
            if not maybe_dialled:
                self._end("cancelled")
            self._notify()

    def _end(self, outcome):
        self.write(
            {
                "state": "ended",
                "outcome": outcome,
                "ended_at": fields.Datetime.now(),
                "dial_extension_id": False,
            }
        )
