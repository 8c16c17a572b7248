import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..client import NoojeeError


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
        help="Who this line's recordings belong to on the PBX. Without it only the "
        "PBX's recording managers may hear them."
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
        self._ask(
            lambda client: client.dial(
                self.number,
                self.number,
                self._answer_string(),
                technology=self.technology,
                phone_caption=self.env._("Test ring"),
            )
        )

    def read_test_ring(self):
        """Where a test ring stands.

        :return: ``waiting`` (nothing rings yet, or no more), ``ringing`` or
            ``answered``. (noojee-api.md section 3, ``checkState``)
        """
        self._check_test_ring()
        state = self._ask(lambda client: client.check_state([self.number], timeout=0))
        match state[self.number].message if self.number in state else "":
            case "Ringing Agent":
                return "ringing"
            case "Ringing Client" | "On Call" | "On Hold":
                return "answered"
        return "waiting"

    def stop_test_ring(self):
        """Hang up what rings at this desk."""
        self._check_test_ring()
        state = self._ask(lambda client: client.check_state([self.number], timeout=0))
        unique_id = state[self.number].unique_call_id if self.number in state else ""
        if unique_id:
            self._ask(lambda client: client.hangup(unique_id))

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
