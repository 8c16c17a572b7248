import hashlib
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import consteq

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.phone_validation.tools import phone_validation

from ..client import (
    ApiError,
    CannotConnect,
    CannotConnectReason,
    Conventions,
    HttpError,
    KeyRefused,
    NoojeeClient,
    NoojeeError,
    NotJson,
    RecordingBase,
    TimedOut,
)

STANDARD = Conventions()
SETTABLE_NAMES = (
    "tag_target",
    "tag_tag",
    "retrieve_tag",
    "retrieve_unique_id",
    "retrieve_call_record_id",
    "retrieve_leg",
)


class NoojeePbx(models.Model):
    """A Noojee PBX: where it is, how it is spoken to, and whether it answers."""

    _name = "noojee.pbx"
    _description = "Noojee PBX"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    # Connection
    base_url = fields.Char(
        string="Address",
        required=True,
        help="For example https://pbx.example.com. What follows the host is added.",
    )
    api_key = fields.Char(copy=False, groups=fields.NO_ACCESS)
    new_api_key = fields.Char(
        string="API key",
        compute="_compute_new_api_key",
        inverse="_inverse_new_api_key",
        groups="noojee.group_admin",
        help="Given out by Noojee's support. It is stored, and never shown again.",
    )
    has_api_key = fields.Boolean(compute="_compute_has_api_key")
    connect_timeout = fields.Float(
        string="Time to connect", default=5.0, required=True, help="In seconds."
    )
    read_timeout = fields.Float(
        string="Time to answer", default=5.0, required=True, help="In seconds."
    )
    verify_tls = fields.Boolean(string="Verify the certificate", default=True)
    recording_base = fields.Selection(
        [
            (RecordingBase.CURRENT.value, "Current (njadmin)"),
            (RecordingBase.OLDER.value, "Older (servicemanager)"),
        ],
        string="Recordings at",
        default=RecordingBase.CURRENT.value,
        required=True,
        help="Where this PBX keeps its recording methods. The connection test "
        "finds out.",
    )

    # Names that no public source tells (noojee-api.md sections 3 and 5, [C, settable])
    tag_target = fields.Char(
        string="Tag: call",
        required=True,
        default=STANDARD.tag_target,
        help="Parameter of the method tag that names the call.",
    )
    tag_tag = fields.Char(
        string="Tag: tag",
        required=True,
        default=STANDARD.tag_tag,
        help="Parameter of the method tag that holds the tag.",
    )
    retrieve_tag = fields.Char(
        string="Retrieve: tag",
        required=True,
        default=STANDARD.retrieve_tag,
        help="Parameter of the method retrieve that names a recording by its tag.",
    )
    retrieve_unique_id = fields.Char(
        string="Retrieve: call",
        required=True,
        default=STANDARD.retrieve_unique_id,
        help="Parameter of the method retrieve that names a recording by its call.",
    )
    retrieve_call_record_id = fields.Char(
        string="Retrieve: call record",
        required=True,
        default=STANDARD.retrieve_call_record_id,
        help="Parameter of the method retrieveByCallRecordId.",
    )
    retrieve_leg = fields.Char(
        string="Retrieve: leg",
        required=True,
        default=STANDARD.retrieve_leg,
        help="Parameter of both methods that names the leg.",
    )

    # Place
    country_id = fields.Many2one(
        "res.country",
        required=True,
        default=lambda self: self.env.company.country_id,
        help="Numbers of this country are dialled in their national form.",
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="The PBX sends its times without a zone.",
    )
    international_prefix = fields.Char(
        default="0011",
        required=True,
        help="What the PBX's dial plan wants before the country code of a number "
        "abroad.",
    )

    # Notices
    notice_token_digest = fields.Char(copy=False, groups=fields.NO_ACCESS)
    notice_url = fields.Char(
        string="Notice address",
        compute="_compute_notice_url",
        groups="noojee.group_admin",
    )

    extension_ids = fields.One2many("noojee.extension", "pbx_id")
    extension_count = fields.Integer(compute="_compute_extension_count")
    circuit_ids = fields.One2many(
        "noojee.circuit", "pbx_id", groups="noojee.group_admin"
    )
    listener_ids = fields.One2many(
        "noojee.listener", "pbx_id", groups="noojee.group_admin"
    )
    status = fields.Selection(
        [
            ("ok", "Answers, calls are followed"),
            ("away", "Does not answer"),
            ("unheard", "Answers, but nothing follows its calls"),
            ("incomplete", "Set-up not complete"),
        ],
        compute="_compute_status",
        groups="noojee.group_admin",
    )
    status_details = fields.Char(compute="_compute_status", groups="noojee.group_admin")

    def _compute_new_api_key(self):
        self.new_api_key = False

    def _inverse_new_api_key(self):
        for pbx in self:
            if key := (pbx.new_api_key or "").strip():
                # sudo: no group may read or write the stored key directly
                pbx.sudo().api_key = key

    @api.depends("api_key")
    def _compute_has_api_key(self):
        for pbx in self:
            # sudo: whether there is a key may be told, the key may not
            pbx.has_api_key = bool(pbx.sudo().api_key)

    def _compute_notice_url(self):
        for pbx in self:
            base_url = pbx.get_base_url()
            pbx.notice_url = pbx.id and f"{base_url}/noojee/notice/{pbx.id}"

    @api.depends("extension_ids")
    def _compute_extension_count(self):
        counts = dict(
            self.env["noojee.extension"]._read_group(
                [("pbx_id", "in", self.ids)], ["pbx_id"], ["__count"]
            )
        )
        for pbx in self:
            pbx.extension_count = counts.get(pbx, 0)

    @api.depends("circuit_ids.failing_since", "listener_ids.last_poll_at")
    @api.depends_context("uid")
    def _compute_status(self):
        for pbx in self:
            pbx.status, pbx.status_details = pbx._read_status()

    def _read_status(self):
        circuit = self.circuit_ids[:1]
        if not self.has_api_key or not self.extension_ids:
            return "incomplete", self.env._(
                "Give the API key, and at least one extension."
            )
        if circuit.failing_since:
            return "away", self.env._(
                "Since %(since)s: %(reason)s",
                since=fields.Datetime.context_timestamp(
                    self, circuit.failing_since
                ).strftime("%H:%M"),
                reason=circuit.reason,
            )
        if not self.listener_ids._is_listening():
            return "unheard", self.env._(
                "Start the listener process: odoo noojee_listen -d %(database)s. "
                "Until then calls are followed once a minute and cards come late.",
                database=self.env.cr.dbname,
            )
        return "ok", False

    @api.constrains("base_url")
    def _check_base_url(self):
        for pbx in self:
            try:
                NoojeeClient(pbx.base_url, "").close()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is not an address of a PBX. It should look like "
                        "https://pbx.example.com.",
                        address=pbx.base_url,
                    )
                ) from error

    @api.constrains("connect_timeout", "read_timeout")
    def _check_timeouts(self):
        for pbx in self:
            if not (0 < pbx.connect_timeout <= 30 and 0 < pbx.read_timeout <= 30):
                raise ValidationError(
                    self.env._("Time-outs must be between 0 and 30 seconds.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        pbxs = super().create(vals_list)
        # sudo: nobody writes circuits, they note what happened
        self.env["noojee.circuit"].sudo().create([{"pbx_id": pbx.id} for pbx in pbxs])
        return pbxs

    # === ACTIONS === #

    def action_test_connection(self):
        """Ask the PBX for its health and find its recording methods.

        :raise UserError: in plain words, when the PBX cannot be used.
        """
        self.ensure_one()
        self.check_access("write")
        with self._client() as client:
            try:
                health = client.system_health()
                base = client.find_recording_base()
            except NoojeeError as error:
                raise UserError(self._explain(error)) from None
        self.recording_base = base.value
        # sudo: nobody writes circuits, they note what happened
        self.sudo().circuit_ids._close()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("%(pbx)s answers", pbx=self.name),
                "message": self._describe_health(health),
                "sticky": False,
                # the form shows the base that was found
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_new_notice_token(self):
        """Make a new token for inbound notices and show it, once."""
        self.ensure_one()
        self.check_access("write")
        token = secrets.token_urlsafe(32)
        # sudo: no group may read or write the digest directly
        self.sudo().notice_token_digest = self._digest(token)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Token for notices"),
            "res_model": "noojee.notice.token",
            "view_mode": "form",
            "target": "new",
            "context": {"default_pbx_id": self.id, "default_token": token},
        }

    def action_open_extensions(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_extension_action"
        )
        action["domain"] = [("pbx_id", "=", self.id)]
        action["context"] = {"default_pbx_id": self.id}
        return action

    # === SPEAKING TO THE PBX === #

    def _client(self):
        """A client for this PBX. Use it as a context manager.

        :raise UserError: when no key was given yet.
        """
        self.ensure_one()
        # sudo: users may call without being able to read the key
        pbx_sudo = self.sudo()
        if not pbx_sudo.api_key:
            raise UserError(
                self.env._(
                    "%(pbx)s has no API key yet. An administrator sets it under "
                    "Noojee → Configuration → PBX.",
                    pbx=self.name,
                )
            )
        return NoojeeClient(
            pbx_sudo.base_url,
            pbx_sudo.api_key,
            connect_timeout=pbx_sudo.connect_timeout,
            read_timeout=pbx_sudo.read_timeout,
            verify=pbx_sudo.verify_tls,
            time_zone=pbx_sudo.tz,
            conventions=pbx_sudo._conventions(),
        )

    def _conventions(self):
        return Conventions(
            recording_base=RecordingBase(self.recording_base),
            **{name: self[name] for name in SETTABLE_NAMES},
        )

    def _ask(self, question):
        """Put one question to the PBX, minding the circuit.

        :param question: function of a :class:`NoojeeClient`
        :return: what ``question`` returned
        :raise NoojeeError: what went wrong on the wire
        :raise PbxAway: at once, without a request, while the PBX is known to be away
        """
        self.ensure_one()
        # sudo: nobody writes circuits, they note what happened
        circuit_sudo = self.env["noojee.circuit"].sudo()._of(self)
        circuit_sudo._check()
        with self._client() as client:
            try:
                answer = question(client)
            except NoojeeError as error:
                if self._is_away(error):
                    circuit_sudo._open(self._explain(error))
                raise
        circuit_sudo._close()
        return answer

    @staticmethod
    def _is_away(error):
        """Whether this failure says that the PBX does not answer anybody now."""
        if isinstance(error, HttpError):
            return error.status >= 500
        return isinstance(error, (CannotConnect, TimedOut, NotJson))

    def _explain(self, error):
        """What a client's error means, in plain words with what to do."""
        if isinstance(error, CannotConnect):
            return self._explain_no_connection(error)
        if isinstance(error, TimedOut):
            return self.env._(
                "%(pbx)s did not answer in time. Try again in a moment; if it stays "
                "so, ask whoever looks after the phone system.",
                pbx=self.name,
            )
        if isinstance(error, KeyRefused):
            return self.env._(
                "%(pbx)s refused the API key. An administrator should check it with "
                "Noojee's support.",
                pbx=self.name,
            )
        if isinstance(error, HttpError) and error.status < 500:
            return self.env._(
                "What answers at %(address)s is not a Noojee server (HTTP %(status)s). "
                "An administrator should check the address.",
                address=self.base_url,
                status=error.status,
            )
        if isinstance(error, HttpError):
            return self.env._(
                "%(pbx)s has an internal error or is being maintained (HTTP "
                "%(status)s). Try again in a few minutes.",
                pbx=self.name,
                status=error.status,
            )
        if isinstance(error, NotJson):
            return self.env._(
                "%(pbx)s answered something that is not from Noojee's API. It may be "
                "under maintenance, or the address may be wrong.",
                pbx=self.name,
            )
        if isinstance(error, ApiError):
            return self.env._(
                "%(pbx)s refused: %(message)s (code %(code)s).",
                pbx=self.name,
                message=error.message,
                code=error.code,
            )
        return str(error)

    def _explain_no_connection(self, error):
        match error.reason:
            case CannotConnectReason.NAME_NOT_FOUND:
                return self.env._(
                    "No server has the name in %(address)s. An administrator should "
                    "check the address.",
                    address=self.base_url,
                )
            case CannotConnectReason.REFUSED:
                return self.env._(
                    "Nothing answers at %(address)s: the connection was refused. Is "
                    "the phone system running, and is the port right?",
                    address=self.base_url,
                )
            case CannotConnectReason.CERTIFICATE:
                return self.env._(
                    "The certificate of %(address)s cannot be trusted. Renew it, or, "
                    "on a network of your own, switch its verification off.",
                    address=self.base_url,
                )
        return self.env._(
            "The connection to %(pbx)s broke off. Try again in a moment.",
            pbx=self.name,
        )

    def _describe_health(self, health):
        if not health:
            return self.env._("It tells nothing about its health (an older system).")
        figures = [
            (self.env._("load %(figure)s"), health.load_average),
            (self.env._("processor %(figure)s %%"), health.cpu_percent),
            (self.env._("%(figure)s MB of memory free"), health.memory_available_mb),
            (self.env._("%(figure)s %% of disk free"), health.free_disk_space_percent),
        ]
        told = [
            words % {"figure": f"{value:g}"}
            for words, value in figures
            if value is not None
        ]
        return ", ".join(told) or self.env._("It tells nothing about its health.")

    # === NUMBERS === #

    def _dial_form(self, number, country=None):
        """The digits that the PBX's dial plan wants for a number.

        :param str number: as a person wrote it
        :param country: of the number where it is written in a national form
        :return: ``(digits to dial, E.164 or False for an extension)``
        :raise UserError: when it is not a number, saying why.
        """
        self.ensure_one()
        number = (number or "").strip()
        if not number:
            raise UserError(self.env._("There is no number to call."))
        # sudo: which numbers are extensions is no secret inside the company
        if self.sudo().extension_ids.filtered(lambda line: line.number == number):
            return number, False
        parsed = phone_validation.phone_parse(number, (country or self.country_id).code)
        e164 = f"+{parsed.country_code}{self._national_significant(parsed)}"
        if parsed.country_code == self.country_id.phone_code:
            formatted = phone_validation.phone_format(
                e164,
                self.country_id.code,
                self.country_id.phone_code,
                force_format="NATIONAL",
            )
            return "".join(filter(str.isdigit, formatted)), e164
        return f"{self.international_prefix}{e164[1:]}", e164

    @staticmethod
    def _national_significant(parsed):
        # leading zeros belong to some countries' numbers (Italy's)
        zeros = "0" * (parsed.number_of_leading_zeros or 1)
        return f"{zeros if parsed.italian_leading_zero else ''}{parsed.national_number}"

    def _local_format(self, number):
        """A number as people of the PBX's country write it."""
        self.ensure_one()
        country = self.country_id
        return (
            self._phone_format_number(number, country, force_format="NATIONAL")
            or number
        )

    # === NOTICES === #

    @api.model
    def _digest(self, token):
        return hashlib.sha256(token.encode()).hexdigest()

    def _accepts_token(self, token):
        """Whether this is the token made last; no token was made: never."""
        self.ensure_one()
        # sudo: the caller is the PBX, known by the token alone
        digest = self.sudo().notice_token_digest
        return bool(digest and token) and consteq(digest, self._digest(token))
