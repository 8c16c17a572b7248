from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..client import Conventions, NoojeeClient, NoojeeError, RecordingBase

STANDARD = Conventions()
SETTABLE_NAMES = (
    "tag_target",
    "tag_tag",
    "tag_agent",
    "retrieve_tag",
    "retrieve_unique_id",
    "retrieve_call_record_id",
    "retrieve_leg",
)


class NoojeePbx(models.Model):
    """A Noojee PBX: where it is, how it is spoken to, and whether it answers."""

    _name = "noojee.pbx"
    _description = "Noojee PBX"
    # activities for its administrators; no field is tracked, the key least of all
    _inherit = ["mail.thread", "mail.activity.mixin", "noojee.recording.policy"]
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
    # together the 5 seconds after which whoever dials is told
    connect_timeout = fields.Float(
        string="Time to connect", default=2.0, required=True, help="In seconds."
    )
    read_timeout = fields.Float(
        string="Time to answer", default=3.0, required=True, help="In seconds."
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
    tag_agent = fields.Char(
        string="Tag: agent",
        required=True,
        default=STANDARD.tag_agent,
        help="Parameter of the method tag that names the login which owns the leg.",
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
        string="International prefix",
        default="0011",
        required=True,
        help="What the PBX's dial plan wants before the country code of a number "
        "abroad.",
    )

    # Missed calls
    missed_minutes = fields.Integer(
        string="Tell administrators after, minutes",
        default=15,
        help="How long a missed call that is no sales team's and no user's may wait "
        "until somebody takes it. Then this PBX's administrators get an activity. "
        "0: never.",
    )

    # Notices
    notice_token_digest = fields.Char(copy=False, groups=fields.NO_ACCESS)
    notice_addresses = fields.Char(
        string="Notices only from",
        groups="noojee.group_admin",
        help="IP addresses or networks of those who send notices, separated by commas: "
        "192.0.2.7, 10.1.0.0/16. Empty: from anywhere.",
    )
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
            ("ok", "Listening"),
            ("away", "Does not answer"),
            ("failing", "Listening, with errors"),
            ("unheard", "No process listens"),
            ("incomplete", "Set-up not complete"),
        ],
        compute="_compute_status",
        groups="noojee.group_admin",
    )
    status_details = fields.Char(compute="_compute_status", groups="noojee.group_admin")

    @api.onchange("base_url")
    def _onchange_base_url(self):
        """The key was given for another host: ask for it again."""
        stored = self._origin
        if not stored.has_api_key or self._host(self.base_url) == self._host(
            stored.base_url
        ):
            self.has_api_key = stored.has_api_key
            return None
        self.has_api_key = False
        return {
            "warning": {
                "title": self.env._("Another host"),
                "message": self.env._(
                    "The stored API key is sent to no other host than the one that it "
                    "was given for. Give the key of %(address)s as well.",
                    address=self.base_url,
                ),
            }
        }

    @api.model
    def _host(self, address):
        """Scheme, host and port of an address: what must be the same for the key to
        be sent there."""
        parts = urlsplit((address or "").strip())
        try:
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        except ValueError:
            # the constraint on addresses tells
            port = None
        return parts.scheme, (parts.hostname or "").lower(), port

    def _compute_new_api_key(self):
        self.new_api_key = False

    def _inverse_new_api_key(self):
        for pbx in self:
            if key := (pbx.new_api_key or "").strip():
                # sudo: no group may read or write the stored key directly
                pbx.sudo().api_key = key
        # saving a form reads it back in the same request
        self.invalidate_recordset(["new_api_key"], flush=False)

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

    @api.depends(
        "circuit_ids.failing_since",
        "listener_ids.seen_at",
        "listener_ids.last_event_at",
        "listener_ids.lag",
        "listener_ids.last_error",
        "listener_ids.incident",
    )
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
        listeners = self.listener_ids
        error = listeners._error_words()
        if not listeners._is_listening():
            # what the cron, in a listener's place, met with tells more
            return "unheard", error or listeners._describe()
        if error:
            return "failing", error
        return "ok", listeners._describe()

    def _administrators(self):
        """Those who look after this PBX."""
        self.ensure_one()
        group = self.env.ref("noojee.group_admin")
        return group.all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )

    def _today_of(self, user):
        """The user's day; this PBX's where he has no time zone."""
        zone = user.tz or self.tz
        return fields.Date.context_today(self.with_context(tz=zone))

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

    def write(self, vals):
        key = vals.get("api_key") or (vals.get("new_api_key") or "").strip()
        if "base_url" in vals and not key:
            host = self._host(vals["base_url"])
            moved = self.filtered(lambda pbx: self._host(pbx.base_url) != host)
            # sudo: no group may write the stored key directly; whoever may change the
            # address must not have the key sent to a host of his own
            moved.sudo().api_key = False
        return super().write(vals)

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
                raise UserError(self._explain_in_full(error)) from None
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
                # the form reads the base that was found
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_extensions(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_extension_action"
        )
        action["domain"] = [("pbx_id", "=", self.id)]
        action["context"] = {"default_pbx_id": self.id}
        return action
