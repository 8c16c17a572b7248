import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..client import ApiError, CallState, KeyRefused, LineState, NoojeeError
from .transaction import repeat

NOTHING_RUNS = (LineState.IDLE, LineState.HUNG_UP)


class NoojeeExtension(models.Model):
    """A line of a PBX: a desk, its handset and whoever sits there now."""

    _name = "noojee.extension"
    _description = "Noojee extension"
    _order = "pbx_id, number, id"
    _rec_name = "number"
    _rec_names_search = ["number", "user_id.name"]
    _check_company_auto = True

    pbx_id = fields.Many2one(
        "noojee.pbx",
        string="PBX",
        required=True,
        ondelete="cascade",
        default=lambda self: self._default_pbx_id(),
    )
    company_id = fields.Many2one(related="pbx_id.company_id", store=True)
    active = fields.Boolean(default=True)
    number = fields.Char(required=True)
    technology = fields.Selection(
        [("SIP", "SIP"), ("PJSIP", "PJSIP")], required=True, default="SIP"
    )
    profile_id = fields.Many2one("noojee.handset.profile", string="Handset profile")
    handset_ip = fields.Char(string="Handset address")
    noojee_login = fields.Char(
        string="Noojee login",
        help="Who this line's recordings belong to on the PBX. Without it only the "
        "PBX's recording managers may hear them.",
    )
    user_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        index=True,
        check_company=True,
        help="Who sits there now.",
    )
    desk = fields.Selection(
        [("fixed", "Fixed"), ("shared", "Shared")],
        required=True,
        default="fixed",
        help="At a fixed desk sits whom an administrator sets there. At a shared desk "
        "users sign on and off by themselves.",
    )
    allowed_user_ids = fields.Many2many(
        "res.users",
        string="Allowed users",
        domain=[("share", "=", False)],
        # a desk whose only user was archived must not be open to everybody
        context={"active_test": False},
        check_company=True,
        groups="noojee.group_admin",
        help="Who may sign on to this shared desk. Empty: every Noojee user of the "
        "company.",
    )

    _pbx_number_unique = models.Constraint(
        "unique(pbx_id, number)", "This PBX has an extension of this number already."
    )
    _user_unique = models.UniqueIndex(
        "(user_id) WHERE user_id IS NOT NULL AND active IS TRUE",
        "This user has a line already. Take it from the other extension first.",
    )

    @api.model
    def _default_pbx_id(self):
        return self.env["noojee.pbx"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )

    @api.depends("number", "user_id.name")
    def _compute_display_name(self):
        for line in self:
            # sudo: the name of a colleague is no secret inside the company
            name = line.sudo().user_id.name
            line.display_name = f"{line.number} · {name}" if name else line.number

    @api.constrains("number")
    def _check_number(self):
        for line in self:
            if not re.fullmatch(r"[0-9*#]{1,20}", line.number or ""):
                raise ValidationError(
                    self.env._(
                        "“%(number)s” is not an extension: give its digits alone, "
                        "without the technology.",
                        number=line.number,
                    )
                )

    @api.constrains("profile_id", "handset_ip")
    def _check_handset_ip(self):
        for line in self:
            if "{ip}" in (line.profile_id.answer_string or "") and not line.handset_ip:
                raise ValidationError(
                    self.env._(
                        "Handsets of the profile %(profile)s need the handset's "
                        "address: give it for extension %(number)s.",
                        profile=line.profile_id.name,
                        number=line.number,
                    )
                )

    def _answer_string(self):
        """What makes this line's handset answer by itself; empty: it will ring."""
        self.ensure_one()
        string = self.profile_id.answer_string or ""
        return string.replace("{ip}", self.handset_ip or "")

    def action_open_sign_ons(self):
        """Show who sat at this desk."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_sign_on_action"
        )
        action["domain"] = [("extension_id", "=", self.id)]
        return action

    # === TEST RING === #

    def start_test_ring(self):
        """Ring this desk, sending its auto-answer string.

        The desk calls its own number: the PBX goes on to that only when the handset
        was answered, and the test hangs up then. (noojee-api.md section 3, ``dial``)

        :raise UserError: in plain words, when the PBX did not ring the desk.
        """
        self._check_test_ring()
        self._check_idle()
        ring_id = self._store_test_ring()
        try:
            session_id = self.pbx_id._ask(
                lambda client: client.dial(
                    self.number,
                    self.number,
                    self._answer_string(),
                    technology=self.technology,
                    phone_caption=self.env._("Test ring"),
                )
            ).session_id
        except NoojeeError as error:
            if not error.maybe_done:
                self._write_test_ring(ring_id, None)
            raise UserError(self.pbx_id._explain(error)) from None
        except UserError:
            self._write_test_ring(ring_id, None)
            raise
        self._write_test_ring(ring_id, {"session_id": session_id})

    def read_test_ring(self):
        """Where a test ring stands.

        :return: ``waiting`` (nothing rings yet, or no more), ``ringing`` or
            ``answered``. (noojee-api.md section 3, ``checkState``)
        """
        self._check_test_ring()
        match self._test_ring_state().line_state:
            case LineState.RINGING_AGENT:
                return "ringing"
            case LineState.RINGING_CLIENT | LineState.ON_CALL | LineState.ON_HOLD:
                return "answered"
        return "waiting"

    def stop_test_ring(self):
        """Hang up the test, and nothing else that runs at this desk."""
        self._check_test_ring()
        state = self._test_ring_state()
        if state.unique_call_id and state.line_state is not LineState.HUNG_UP:
            self._ask(lambda client: client.hangup(state.unique_call_id))

    def _check_idle(self):
        """:raise UserError: while anything runs at this desk: a test would end it."""
        state = self._check_state(self.number)
        # sudo: whether a colleague is dialling decides, not who may see it
        is_dialling = (
            self.env["noojee.call"]
            .sudo()
            .search_count([("dial_extension_id", "=", self.id)], limit=1)
        )
        if is_dialling or state.line_state not in NOTHING_RUNS:
            raise UserError(
                self.env._(
                    "Desk %(number)s is in a call. Test it when it is free.",
                    number=self.number,
                )
            )

    def _check_state(self, target):
        try:
            states = self.pbx_id._ask(
                lambda client: client.check_state([target], timeout=0)
            )
        except NoojeeError as error:
            if isinstance(error, ApiError) and not isinstance(error, KeyRefused):
                # it does not know a call that has ended
                return CallState()
            raise UserError(self.pbx_id._explain(error)) from None
        return states.get(target, CallState())

    def _test_ring_state(self):
        """What the PBX tells of the test ring's own channel."""
        # sudo: nobody writes test rings, they note what happened
        ring_sudo = self.env["noojee.test.ring"].sudo()._at(self.ids)[:1]
        if not ring_sudo:
            return CallState()
        if ring_sudo.unique_call_id:
            return self._check_state(ring_sudo.unique_call_id)
        # no event has told its channel: the desk was idle, so it is the first there
        state = self._check_state(self.number)
        if state.unique_call_id and not self._is_call(state.unique_call_id):
            values = {"unique_call_id": state.unique_call_id}
            self._write_test_ring(ring_sudo.id, values)
            return state
        return CallState()

    def _is_call(self, unique_id):
        # sudo: whose call it is does not matter
        channels_sudo = self.env["noojee.call.channel"].sudo()
        domain = [("pbx_id", "=", self.pbx_id.id), ("unique_call_id", "=", unique_id)]
        return bool(channels_sudo.search_count(domain, limit=1))

    def _store_test_ring(self):
        """Note a test before it rings: its events may come before the PBX's answer.

        In a cursor of its own, as the request may run twice but the desk must not.
        """
        with self.env.registry.cursor() as cr:
            # sudo: nobody writes test rings, they note what happened
            rings_sudo = self.env["noojee.test.ring"].with_env(self.env(cr=cr)).sudo()
            return rings_sudo.create({"extension_id": self.id}).id

    def _write_test_ring(self, ring_id, values):
        """:param values: None: there is no such ring"""

        def write():
            with self.env.registry.cursor() as cr:
                # sudo: nobody writes test rings, they note what happened
                rings_sudo = (
                    self.env["noojee.test.ring"].with_env(self.env(cr=cr)).sudo()
                )
                ring_sudo = rings_sudo.browse(ring_id)
                if values is None:
                    ring_sudo.unlink()
                else:
                    ring_sudo.write(values)

        repeat(write)
        self.env["noojee.test.ring"].invalidate_model()

    def action_test_ring(self):
        """Open the dialogue that rings this desk and tells what happens."""
        self._check_test_ring()
        return {
            "type": "ir.actions.client",
            "tag": "noojee.test_ring",
            "target": "new",
            "name": self.env._("Test ring at extension %(number)s", number=self.number),
            "params": {
                "extension_id": self.id,
                "number": self.number,
                "profile": self.profile_id.name or "",
                "answer_string": self._answer_string(),
            },
        }

    def _check_test_ring(self):
        self.ensure_one()
        self.check_access("write")

    def _ask(self, question):
        try:
            return self.pbx_id._ask(question)
        except NoojeeError as error:
            raise UserError(self.pbx_id._explain(error)) from None
