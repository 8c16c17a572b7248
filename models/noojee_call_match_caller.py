from odoo import api, fields, models
from odoo.exceptions import UserError


class NoojeeCall(models.Model):
    """*This is the caller*: what a person says about who stands behind a number."""

    _inherit = "noojee.call"

    caller_told_by_id = fields.Many2one(
        "res.users",
        string="Caller told by",
        ondelete="set null",
        copy=False,
        help="Who said last who it was.",
    )
    remembered_ids = fields.One2many(
        "noojee.number",
        "call_id",
        string="Remembered numbers",
        help="What a person said at this call.",
    )

    def get_candidates(self):
        """Who may stand behind this call's number, best first.

        :return: see :meth:`_match`, as the asking user may see them
        """
        call_sudo = self._call_to_link()
        number = call_sudo.number_e164 or call_sudo.number
        is_dialler = call_sudo._may_be_diallers()
        return self._match(number, call_sudo.pbx_id, self.env.user, is_dialler)

    def this_is_the_caller(self, res_model, res_id):
        """Say who it is: the call is about that record, and its number is remembered
        for the record's contact; where several of a company have it, for the company.
        What was said at this call before was wrong: it is forgotten.

        :return: ``{"remembered_id": id of the ``noojee.number``, or False where
            nothing new had to be remembered, "name": for whom it is remembered}``
        :raise UserError: when a call cannot be about such a record.
        """
        call_sudo = self._call_to_link()
        record = self._in_all_companies()._record_to_read(res_model, res_id)
        if not record:
            raise UserError(
                self.env._("This record was deleted meanwhile. Choose another one.")
            )
        return self._link_caller(call_sudo, record)

    def get_new_record_context(self, res_model):
        """What the form of a new contact or lead of the caller starts with.

        :param str res_model: ``res.partner`` or ``crm.lead``
        :return: context with default values
        """
        call_sudo = self._call_to_link()
        number = {}
        # whoever does not see it has it remembered when he says that this is the caller
        if self.env.user._noojee_sees_numbers():
            number["default_phone"] = self._number_to_write(call_sudo)
        if res_model != "crm.lead":
            return number
        title = call_sudo._payload_number(self.env.user)["number"]
        title = title or self.env._("withheld number")
        customer = call_sudo.with_env(self._in_all_companies().env).partner_id
        customer = customer._filtered_access("read")
        return {
            "default_type": "lead",
            "default_name": self.env._("Call from %(number)s", number=title),
            # a customer's lead has his number, and would change it
            **({"default_partner_id": customer.id} if customer else number),
        }

    def forget_caller(self):
        """Undo what was said at this call: its number is forgotten, and the call is
        again about what it was dialled for, or whose its number tells."""
        call_sudo = self._call_to_link()
        if call_sudo.caller_told_by_id:
            call_sudo._forget_told()
            call_sudo.write(
                {**self._values_before_said(call_sudo), "caller_told_by_id": False}
            )
            call_sudo._plan_call_back()
            call_sudo._update_chatter()
        # another tab may have done it
        call_sudo._notify()

    # === STEPS === #

    def _call_to_link(self):
        """This call with sudo, when it is the user's to say whose it is: it was at his
        desk, or at one of his team's.

        :raise AccessError: when it is not.
        """
        self.ensure_one()
        self._in_all_companies().check_access("read")
        # sudo: users only read calls
        return self.sudo()

    @api.model
    def _values_before_said(self, call_sudo):
        """Whose a call was before anybody said who it is."""
        record = call_sudo.dialled_ref and call_sudo.dialled_ref.exists()
        partner = call_sudo.dialled_partner_id
        if record or partner:
            return {
                "partner_id": partner.id,
                "record_ref": record and f"{record._name},{record.id}",
            }
        user = call_sudo.user_id or self.env.user
        number = call_sudo.number_e164 or call_sudo.number
        is_dialler = call_sudo._may_be_diallers()
        return self._match_values(number, call_sudo.pbx_id, user, is_dialler)

    @api.model
    def _number_to_write(self, call_sudo):
        number = call_sudo.number_e164
        return number and (
            self._phone_format_number(
                number, call_sudo.pbx_id.country_id, "INTERNATIONAL"
            )
            or number
        )

    def _link_caller(self, call_sudo, record):
        partner = self._partner_of(record)
        call_sudo._forget_told()
        owner = self._remembered_owner(call_sudo, record)
        remembered_sudo = self.env["noojee.number"].sudo()
        if call_sudo.number_e164 and not self._is_known_as(call_sudo, owner):
            remembered_sudo = remembered_sudo._remember(
                call_sudo.number_e164, owner, self._partner_of(owner), call_sudo
            )
        call_sudo.write(
            {
                "record_ref": f"{record._name},{record.id}",
                "partner_id": partner.id,
                "caller_told_by_id": self.env.uid,
            }
        )
        call_sudo._update_chatter()
        call_sudo._notify()
        return {
            "remembered_id": remembered_sudo.id,
            "name": self._name_of_owner(owner),
        }

    def _forget_told(self):
        """Forget the number as it was told at this call, by whomever."""
        told = self.remembered_ids
        told.filtered(lambda number: number.number == self.number_e164).unlink()

    @api.model
    def _name_of_owner(self, owner):
        return owner.name if "name" in owner else owner.display_name

    def _payload_told(self, user):
        """What the user said of who it is: ``{"name", "is_remembered"}`` or False."""
        if self.caller_told_by_id != user:
            return False
        own = self._as_seen_by(user)
        # sudo: users only read what is remembered for records that they may read
        number = self.sudo().remembered_ids[:1]
        owner = number.with_env(own.env).sudo().record_ref
        owner = owner and self._readable(owner.with_env(own.env))
        record = owner or own._existing_record() or own.partner_id
        name = self._name_of_owner(self._readable(record)) if record else ""
        return {"name": name, "is_remembered": bool(owner)}

    def _remembered_owner(self, call_sudo, record):
        """Whom to remember a number for: people call, not orders; and where several of
        a company call from it, it is the company's."""
        partner = self._partner_of(record)
        if not partner or not partner.has_access("read"):
            return record
        company = partner.commercial_partner_id
        if company == partner or not company.has_access("read"):
            return partner
        # sudo: a colleague of his whom the user may not see has the number all the same
        others_sudo = partner.sudo().search_count(
            [
                ("phone_sanitized", "=", call_sudo.number_e164),
                ("commercial_partner_id", "=", company.id),
                ("id", "!=", partner.id),
            ],
            limit=1,
        ) or self.env["noojee.number"].sudo().search_count(
            [
                ("number", "=", call_sudo.number_e164),
                ("company_id", "=", call_sudo.company_id.id),
                ("partner_id.commercial_partner_id", "=", company.id),
                ("partner_id", "!=", partner.id),
            ],
            limit=1,
        )
        return company if others_sudo else partner

    @api.model
    def _is_known_as(self, call_sudo, owner):
        """Whether the number alone tells so already."""
        known = self._match_values(
            call_sudo.number_e164, call_sudo.pbx_id, self.env.user
        )
        if owner._name == "res.partner":
            return known["partner_id"] == owner.id
        return known["record_ref"] == f"{owner._name},{owner.id}"
