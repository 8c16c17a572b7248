import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

from ..client import NoojeeError
from .reference import KnownReference
from .transaction import repeat

# a dial whose channel has not shown up by then is given up (noojee-api.md section 4)
DIAL_PENDING = timedelta(seconds=60)


class NotToBeCalled(UserError):
    """Nothing was dialled because of what ``_may_call`` found; ``check`` tells it as
    the browser shows it. An error, so that code without a person gets the words."""

    def __init__(self, message, check):
        super().__init__(message)
        self.check = check


class NoojeeCall(models.Model):
    """Dialling: the design's *Click*."""

    _inherit = "noojee.call"

    dialled_ref = KnownReference(
        selection="_selection_record_models",
        string="Dialled about",
        index="btree_not_null",
        help="What the call was about when it was dialled, whatever was said since.",
    )
    dialled_partner_id = fields.Many2one(
        "res.partner", string="Dialled for", index="btree_not_null"
    )

    @api.model
    def dial(
        self,
        number,
        res_model=None,
        res_id=None,
        activity_id=None,
        partner_id=None,
        override=None,
    ):
        """Ring the user's desk and then the number.

        :param str number: as written, in the form of the record's country, or the
            word that stands for it, see :meth:`_dial_word`
        :param str res_model: name and
        :param int res_id: id of the record that the call is about, if any
        :param int activity_id: of the activity that the call is made for, if any
        :param int partner_id: of the customer, where the record does not tell
        :param override: True or the reason, to call in spite of what may be overridden
        :return: the call as :meth:`_payload` describes it; or ``{"check": …}`` as
            :meth:`_check_payload` describes it, and nothing was dialled
        :raise UserError: in plain words, when it was not dialled.
        """
        record, activity, partner = self._about_to_read(
            res_model, res_id, activity_id, partner_id
        )
        meant = self._number_meant(number)
        try:
            with self._unseen(number, meant):
                return self._dial(meant, record, partner, activity, override)
        except NotToBeCalled as refusal:
            return {"check": refusal.check}

    @api.model
    def _about_to_read(self, res_model, res_id, activity_id, partner_id):
        """What a call is to be about, by the user's own rights.

        :return: ``(record or None, activity, partner)``
        """
        record = self._record_to_read(res_model, res_id) if res_model else None
        activity = self.env["mail.activity"].browse(activity_id or []).exists()
        partner = self.env["res.partner"].browse(partner_id or []).exists()
        activity.check_access("read")
        partner.check_access("read")
        return record, activity, partner

    @api.model
    def _dial_action(self, number, record, partner=None, word=None):
        """Dial for a button of the record's form.

        :param str word: what the browser dials it by, where that is another one
        :return: client action that shows the call, or why nothing was dialled
        :raise UserError: in plain words, when it was not dialled.
        """
        try:
            with self._unseen(word or number, number):
                call = self._dial(number, record, partner=partner)
        except NotToBeCalled as refusal:
            tag, params = "noojee.show_check", {"check": refusal.check}
        else:
            tag, params = "noojee.show_call", {"call": call}
        return {"type": "ir.actions.client", "tag": tag, "params": params}

    @api.model
    def _dial(
        self,
        number,
        record=None,
        partner=None,
        activity=None,
        override=None,
        before_wait=None,
    ):
        """Dial from the user's line.

        Odoo runs a request again when its transaction collides, and a call must not
        be dialled twice: the call is committed in a cursor of its own before the PBX
        is asked, and found there by the request's token when it runs again. The
        request's own transaction stays open meanwhile, but neither writes nor locks a
        row of ours.

        :param str number: as a person wrote it
        :param record: that the call is about
        :param partner: the customer, where it is not to be found by the record
        :param activity: that the call is made for, if any
        :param override: True or the reason, to call in spite of what may be overridden
        :param before_wait: as of ``noojee.pbx._ask``
        :return: the call as ``_payload`` describes it
        :raise NotToBeCalled: by the blacklist or the calling hours.
        :raise UserError: in plain words, when it was not dialled; from what went wrong
            on the wire.
        """
        line = self._own_line()
        partner = partner or self._partner_of(record)
        digits, e164 = line.pbx_id._dial_form(number, self._country_of(record, partner))
        findings = self._may_call(e164, record, partner)
        if findings and not (override and all(f["can_override"] for f in findings)):
            raise self._not_to_be_called(number, findings, record, partner, activity)
        activity = activity or (record and self._to_call_of(record)[:1])
        values = {"activity_id": activity.id if activity else False}
        if findings:
            values["overridden_rules"] = ". ".join(f["title"] for f in findings)
            values["override_reason"] = isinstance(override, str) and (
                self._checked_note(override)
            )
        call_id, options = self._store_dial(line, number, e164, record, partner, values)
        cause = None
        if options is not None:
            cause = self._send_dial(call_id, line, digits, options, before_wait)
        # a cursor of its own: the present one sees the database as it was before
        with self.env.registry.cursor() as cr:
            call = self.browse(call_id).with_env(self.env(cr=cr))._in_all_companies()
            if call.failure_reason:
                raise UserError(call.failure_reason) from cause or None
            return call._payload(self.env.user)

    @api.model
    def _own_line(self):
        # whichever of the user's companies is chosen: the desk stays where it is
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
    def _record_to_read(self, res_model, res_id):
        """A record that calls can be about and the user may read; empty if deleted."""
        if res_model not in self._record_models():
            raise UserError(self.env._("Calls cannot be tied to such a record."))
        record = self.env[res_model].browse(res_id).exists()
        record.check_access("read")
        return record

    @api.model
    def _not_to_be_called(self, number, findings, record, partner, activity):
        words = " ".join(f"{f['title']}. {f['message']}" for f in findings)
        check = self._check_payload(number, findings, record, partner, activity)
        return NotToBeCalled(words, check)

    @api.model
    def _check_payload(self, number, findings, record, partner, activity):
        """Why a number is not dialled, for the browser.

        :return: ``{"number", "name", "findings": as _may_call tells them, with
            "opens_at" in ISO 8601, "can_override", "can_remind", "supervisor": the
            name of whom to ask or False, "res_model", "res_id", "partner_id",
            "activity_id": as they were given to dial}``
        """
        target = self._activity_record(record, partner)
        supervisor = self._supervisor_of(record, self.env.user, findings)
        about = target or record
        return {
            "number": number,
            "name": self._name_of(record, partner) or "",
            "findings": [
                {**finding, "opens_at": self._iso(finding["opens_at"])}
                for finding in findings
            ],
            "can_override": all(finding["can_override"] for finding in findings),
            "can_remind": bool(target) and all(f["opens_at"] for f in findings),
            "supervisor": bool(target) and supervisor.name,
            "res_model": about and about._name or False,
            "res_id": about and about.id or False,
            "partner_id": partner.id,
            "activity_id": activity and activity.id or False,
        }

    @api.model
    def _store_dial(self, line, number, e164, record, partner, values):
        """Store a call to be dialled, for good.

        :param dict values: further ones of the call
        :return: ``(id, further words of the dial)``; None for these where the same
            request has dialled it before
        :raise UserError: while another call is being dialled at this extension.
        """
        line.pbx_id._check_usable()
        token = self._request_token(line, number)
        values = {
            "pbx_id": line.pbx_id.id,
            "company_id": line.company_id.id,
            "direction": "outbound" if e164 else "internal",
            "number": number,
            "number_e164": e164,
            "user_id": self.env.user.id,
            "dial_extension_id": line.id,
            "request_token": token,
            **values,
        }
        if record or partner:
            about = record and f"{record._name},{record.id}"
            values["partner_id"] = values["dialled_partner_id"] = partner.id
            values["record_ref"] = values["dialled_ref"] = about
        else:
            values |= self._match_values(e164 or number, line.pbx_id, self.env.user)

        def store():
            with self.env.registry.cursor() as cr:
                # sudo: users do not create calls but by dialling
                calls_sudo = self.with_env(self.env(cr=cr)).sudo()
                if dialled := calls_sudo.search([("request_token", "=", token)]):
                    return dialled.id, None
                calls_sudo._give_up_dials(line)
                if calls_sudo.search_count([("dial_extension_id", "=", line.id)]):
                    raise self._dialling_already()
                call_sudo = calls_sudo.create(values)
                # whatever comes of it, others are called first now
                call_sudo.activity_id.noojee_put_off_at = fields.Datetime.now()
                call_sudo._log_override()
                options = call_sudo._dial_options()
                call_sudo._notify()
                cr.flush()
                return call_sudo.id, options

        # two clicks at the same moment: the second finds the first
        return repeat(store)

    def _dial_options(self):
        """Further words of this call's dial (noojee-api.md section 3)."""
        return {}

    def _log_override(self):
        """Say on the record that a rule was overridden, by whom and why."""
        about = self._activity_record(self.record_ref, self.partner_id)
        if not self.overridden_rules or not about:
            return
        body = self.env._(
            "%(number)s is called in spite of this: %(rules)s.",
            number=self._number_to_all(),
            rules=self.overridden_rules,
        )
        if self.override_reason:
            reason = self.override_reason
            body += " " + self.env._("Reason: %(reason)s", reason=reason)
        about._message_log(body=body)

    @api.model
    def _dialling_already(self):
        return UserError(
            self.env._(
                "A call is being dialled from your desk already. Lift the handset or "
                "hang up first."
            )
        )

    @api.model
    def _request_token(self, line, number):
        """The same for each run of one request, another for each request, and for
        each call that one request dials."""
        if not request:
            return uuid.uuid4().hex
        environ = request.httprequest.environ
        token = environ.setdefault("noojee.request_token", uuid.uuid4().hex)
        return f"{token} {line.id} {number}"

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
    def _send_dial(self, call_id, line, digits, options, before_wait):
        """Ask the PBX, with the call stored for good, and store its answer.

        :return: why it was not dialled, or None
        """
        failure = session_id = crash = cause = None
        maybe_dialled = False
        # read before the wait, which may have no transaction open
        desk, technology = line.number, line.technology
        answer_string = line._answer_string()
        try:
            session_id = line.pbx_id._ask(
                lambda client: client.dial(
                    digits, desk, answer_string, technology=technology, **options
                ),
                before_wait,
            ).session_id
        except NoojeeError as error:
            failure = line.pbx_id._explain(error)
            maybe_dialled = error.maybe_done
            cause = error
        except UserError as error:
            failure = str(error)
            cause = error
        except Exception as error:
            # whatever it is, nobody may be left with a call that is dialled for ever
            failure = self.env._("Odoo could not place this call. Try again.")
            crash = error
        self._store_dial_answer(call_id, session_id, failure, maybe_dialled)
        if crash:
            raise crash
        return cause

    @api.model
    def _store_dial_answer(self, call_id, session_id, failure, maybe_dialled):
        """Store what the PBX answered, in a cursor of its own: the call's events may
        be taken in at the same moment."""

        def store():
            with self.env.registry.cursor() as cr:
                # sudo: users do not write calls
                call_sudo = self.browse(call_id).with_env(self.env(cr=cr)).sudo()
                if session_id:
                    call_sudo.session_id = session_id
                if failure and not call_sudo.channel_ids:
                    call_sudo._fail_dial(failure, maybe_dialled)

        repeat(store)

    def _fail_dial(self, failure, maybe_dialled):
        users = self.env["res.users"]
        self.failure_reason = users._noojee_words_to_all(failure, self.number)
        # a desk may ring although no answer came: its events will tell, and until
        # then no second dial must make it ring twice
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
