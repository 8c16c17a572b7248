from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain

from .noojee_call import RUNNING


class NoojeeExtension(models.Model):
    """Who sits at a desk: signing on and off, and what follows from a change."""

    _inherit = "noojee.extension"

    # === CHANGES OF THE USER, WHOEVER MAKES THEM === #

    @api.model_create_multi
    def create(self, vals_list):
        extensions = super().create(vals_list)
        extensions._follow_occupants({})
        return extensions

    def write(self, vals):
        before = {extension: extension._occupant() for extension in self}
        result = super().write(vals)
        self._follow_occupants(before)
        return result

    def unlink(self):
        users = self.filtered("active").user_id
        # sudo: nobody writes the history, it follows
        self.env["noojee.sign.on"].sudo()._close(self)
        result = super().unlink()
        self._tell_line(users)
        return result

    def _occupant(self):
        """Who sits there now; nobody sits at an archived desk."""
        return self.user_id if self.active else self.user_id.browse()

    def _follow_occupants(self, before):
        """Keep who sat where, and tell the users concerned.

        :param dict before: who sat at each of these desks before the change
        """
        changed = self.filtered(
            lambda line: line._occupant() != before.get(line, line.user_id.browse())
        )
        if not changed:
            return
        # sudo: nobody writes the history, it follows
        self.env["noojee.sign.on"].sudo()._follow(changed.sudo())
        users = changed.user_id
        for line in changed:
            users |= before.get(line, users)
        self._tell_line(users)

    @api.model
    def _tell_line(self, users):
        """Tell each user's browsers, at commit, which line is his now."""
        for user in users:
            # sudo: a user may be told of his own line
            line_sudo = self.sudo()._line_of(user)
            user._bus_send("noojee.phone/line", line_sudo._payload())
            # another PBX may be away, or back
            circuit_sudo = self.env["noojee.circuit"].sudo()._of(line_sudo.pbx_id)
            user._bus_send("noojee.phone/away", circuit_sudo._payload())

    @api.model
    def _line_of(self, user):
        """The user's line, whichever of his companies he looks at now."""
        lines = self.with_context(allowed_company_ids=user.company_ids.ids)
        return lines.search(
            [
                ("user_id", "=", user.id),
                ("active", "=", True),
                ("company_id", "in", user.company_ids.ids),
            ],
            limit=1,
        )

    def _payload(self):
        """This line as its user's browser shows it.

        :return: ``{"number", "pbx", "is_fixed", "answers_by_itself"}``; False for none
        """
        if not self:
            return False
        self.ensure_one()
        return {
            "number": self.number,
            "pbx": self.pbx_id.name,
            "is_fixed": self.desk == "fixed",
            "answers_by_itself": bool(self._answer_string()),
        }

    # === WHAT A PERSON DOES === #

    @api.model
    def get_desks(self):
        """The shared desks that are open to the user, his own and free ones first.

        :return: list of ``{"id", "number", "pbx", "occupant": name or False,
            "is_mine"}``; empty for a user with a fixed desk, who has nothing to do
        """
        desks_sudo = self._open_desks()
        user = self.env.user
        desks_sudo = desks_sudo.sorted(
            lambda desk: (desk.user_id != user, bool(desk.user_id))
        )
        return [
            {
                "id": desk.id,
                "number": desk.number,
                "pbx": desk.pbx_id.name,
                "occupant": desk.user_id.name,
                "is_mine": desk.user_id == user,
            }
            for desk in desks_sudo
        ]

    def sign_on(self, take_over=False):
        """Sit down at this shared desk, leaving the one where the user sat.

        :param bool take_over: whether somebody who sits there is signed off
        :return: the line as :meth:`_payload` describes it
        :raise UserError: in plain words, when the user does not sit there now.
        """
        self.ensure_one()
        own_sudo = self._own_shared_desk()
        # sudo: users do not write extensions but by signing on
        desk_sudo = self.sudo()
        if desk_sudo not in self._open_desks():
            raise UserError(
                self.env._(
                    "This desk is not open to you. An administrator allows desks "
                    "under Noojee → Configuration → Extensions."
                )
            )
        if own_sudo == desk_sudo:
            return desk_sudo._payload()
        (own_sudo | desk_sudo)._lock_seat()
        own_sudo._check_leaving()
        desk_sudo._check_taking(take_over)
        try:
            with self.env.cr.savepoint():
                own_sudo.user_id = False
                # in the database first: a user has one line
                own_sudo.flush_recordset()
                desk_sudo.user_id = self.env.user
                desk_sudo.flush_recordset()
        except UniqueViolation:
            # the user signs on elsewhere at the same moment
            raise self._seat_changes() from None
        return desk_sudo._payload()

    @api.model
    def sign_off(self):
        """Leave the shared desk where the user sits.

        :raise UserError: in plain words, when he still sits there.
        """
        own_sudo = self._own_shared_desk()
        own_sudo._lock_seat()
        own_sudo._check_leaving()
        own_sudo.user_id = False
        return False

    @api.model
    def _open_desks(self):
        """The shared desks that the user may sign on to, with sudo."""
        self._check_phone_user()
        user = self.env.user
        if self._line_of(user).desk == "fixed":
            return self.sudo().browse()
        domain = (
            Domain("desk", "=", "shared")
            & Domain("company_id", "in", user.company_ids.ids)
            & Domain("pbx_id.active", "=", True)
            & Domain("allowed_user_ids", "in", [False, user.id])
        )
        # sudo: who is allowed where is read by administrators only
        return self.sudo().search(domain)

    @api.model
    def _own_shared_desk(self):
        """The shared desk where the user sits, or none, with sudo.

        :raise UserError: when he has a fixed desk.
        """
        self._check_phone_user()
        line = self._line_of(self.env.user)
        if line.desk == "fixed":
            raise UserError(
                self.env._(
                    "Desk %(number)s is always yours: there is nothing to sign on to "
                    "or off from.",
                    number=line.number,
                )
            )
        # sudo: users do not write extensions but by signing on and off
        return line.sudo()

    @api.model
    def _check_phone_user(self):
        # of the model alone: the desk may be in a company that is not looked at now
        self.browse().check_access("read")

    def _lock_seat(self):
        """Let nobody else sit down here or leave until this transaction ends."""
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise self._seat_changes() from None

    def _seat_changes(self):
        return UserError(
            self.env._(
                "Somebody signs on or off at this desk at this very moment. Look again "
                "who sits there."
            )
        )

    def _check_taking(self, take_over):
        if self.user_id and not take_over:
            raise UserError(
                self.env._(
                    "%(name)s sits at desk %(number)s. Choose another one, or take it "
                    "over.",
                    name=self.user_id.name,
                    number=self.number,
                )
            )
        if self._has_running_call():
            raise UserError(
                self.env._(
                    "A call runs at desk %(number)s. Choose another one, or wait until "
                    "it has ended.",
                    number=self.number,
                )
            )

    def _check_leaving(self):
        if self._has_running_call():
            raise UserError(
                self.env._(
                    "A call runs at your desk %(number)s. Hang up first.",
                    number=self.number,
                )
            )

    def _has_running_call(self):
        channels = self.env["noojee.call.channel"].search_count(
            [("extension_id", "in", self.ids), ("state", "in", RUNNING)], limit=1
        )
        return channels or self.env["noojee.call"].search_count(
            [("dial_extension_id", "in", self.ids), ("state", "in", RUNNING)], limit=1
        )
