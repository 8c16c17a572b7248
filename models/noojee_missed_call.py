from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .transaction import repeat


class NoojeeMissedCall(models.Model):
    """A number to be called back: the unanswered calls of one caller, until somebody
    reaches him.

    It is for whom the last of these calls was for, unless somebody has claimed it.
    Nobody writes entries over RPC: they follow the calls, people call the methods
    below. What belongs to nobody in particular is claimed once. Anonymous callers of a
    user or team are one entry: it tells how many there were, nobody can call them.
    """

    _name = "noojee.missed.call"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Missed number"
    _order = "last_at desc, id desc"
    # whoever reads it may be given an activity on it
    _mail_post_access = "read"

    name = fields.Char(string="Caller", compute="_compute_name")
    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True)
    number = fields.Char(
        string="International number",
        groups="noojee.group_see_numbers",
        help="International where it could be read. Empty: the caller hid it.",
    )
    local_number = fields.Char(
        string="Number",
        compute="_compute_local_number",
        compute_sudo=True,
        search="_search_local_number",
        help="As the user may see it.",
    )
    is_hidden = fields.Boolean(
        string="Hidden number",
        compute="_compute_is_hidden",
        compute_sudo=True,
        help="The caller hid the number: nobody can call it.",
    )
    user_id = fields.Many2one(
        "res.users", string="For", index="btree_not_null", help="Whose customer it is."
    )
    team_id = fields.Many2one("crm.team", string="Sales team", index="btree_not_null")
    rung_user_ids = fields.Many2many(
        "res.users",
        string="Rang at",
        help="Who may take it where it is no team's: at whose desks it rang.",
    )
    state = fields.Selection(
        [("open", "Open"), ("claimed", "Taken"), ("done", "Done")],
        required=True,
        default="open",
    )
    count = fields.Integer(string="Calls", default=0)
    first_at = fields.Datetime(string="First call")
    last_at = fields.Datetime(string="Last call")
    waiting_hours = fields.Float(compute="_compute_waiting_hours")
    noojee_attempt_count = fields.Integer(
        string="Call attempts",
        compute="_compute_noojee_attempt_count",
        help="How often the number was called since, answered or not.",
    )
    call_ids = fields.One2many("noojee.call", "missed_call_id", string="Missed calls")
    last_call_id = fields.Many2one("noojee.call", ondelete="set null", index=True)
    claimed_by_id = fields.Many2one(
        "res.users", string="Taken by", index="btree_not_null"
    )
    claimed_at = fields.Datetime(string="Taken at")
    done_at = fields.Datetime(string="Done at")
    done_by_id = fields.Many2one("res.users", string="Done by")
    closed_call_id = fields.Many2one(
        "noojee.call",
        string="Reached in",
        ondelete="set null",
        index="btree_not_null",
        help="The call in which the number was reached.",
    )
    activity_id = fields.Many2one(
        "mail.activity",
        string="Call back",
        ondelete="set null",
        index="btree_not_null",
        help="For whoever is to call back: on the customer, or on this entry while "
        "nobody knows who called.",
    )

    _open_unique = models.UniqueIndex(
        "(company_id, COALESCE(number, ''),"
        " (CASE WHEN number IS NULL THEN COALESCE(user_id, 0) ELSE 0 END),"
        " (CASE WHEN number IS NULL THEN COALESCE(team_id, 0) ELSE 0 END))"
        " WHERE state != 'done'",
        "This number is listed already.",
    )

    @api.depends("last_call_id.partner_id.name", "last_call_id.record_ref")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_name(self):
        for entry in self:
            # sudo: the call may have rung at colleagues' desks alone
            call_sudo = entry.last_call_id.sudo()
            partner = call_sudo.partner_id.sudo(self.env.su)._filtered_access("read")
            record = call_sudo.record_ref and call_sudo.record_ref.exists()
            record = record and record.sudo(self.env.su)._filtered_access("read")
            party = partner or record
            names = [party and party.display_name, entry.local_number]
            entry.name = " · ".join(filter(None, names)) or self.env._("Hidden number")

    def _name_to_all(self):
        """The name as it is stored elsewhere, whoever reads it later."""
        users = self.env["res.users"]
        if users._noojee_all_see_numbers():
            return self.display_name
        number = users._noojee_shown_to_all(self._written_number())
        return number or self.env._("Hidden number")

    @api.depends("name")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = entry.name

    @api.depends("number", "pbx_id")
    @api.depends_context("uid")
    def _compute_local_number(self):
        for entry in self:
            entry.local_number = self.env.user._noojee_shown(entry._written_number())

    @api.model
    def _search_local_number(self, operator, value):
        calls = self.env["noojee.call"]
        return calls._number_domain(operator, value, "number", "number")

    @api.depends("number")
    def _compute_is_hidden(self):
        for entry in self:
            entry.is_hidden = not entry.number

    def _written_number(self):
        """The number as people of the PBX's country write it."""
        return self.number and self.pbx_id._local_format(self.number)

    @api.depends("first_at")
    def _compute_waiting_hours(self):
        now = fields.Datetime.now()
        for entry in self:
            waiting = now - (entry.first_at or now)
            entry.waiting_hours = waiting.total_seconds() / 3600

    @api.depends("number", "first_at")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_noojee_attempt_count(self):
        since = {entry: entry.first_at or entry.create_date for entry in self}
        # sudo: nobody is told the numbers
        numbers = [*filter(None, self.sudo().mapped("number"))]
        calls = self.env["noojee.call"]
        calls = calls.search(
            calls._of_numbers(numbers)
            & Domain("direction", "=", "outbound")
            & Domain("has_rung", "=", True)
            & Domain("started_at", ">=", min(since.values()))
        )
        tries = calls.sudo().grouped("number_e164")
        for entry in self:
            tried = tries.get(entry._noojee_number(), calls.browse())
            entry.noojee_attempt_count = sum(
                call.started_at >= since[entry] for call in tried
            )

    def _noojee_number(self):
        """The number to call, or False; as every record that is to be called."""
        # sudo: it is dialled for whoever may read the entry; see noojee.call._dial_word
        return self.sudo().number

    def _noojee_dial_numbers(self):
        """See noojee.call."""
        self.check_access("read")
        return [self._noojee_number()]

    # === WHAT A PERSON DOES === #

    def action_claim(self):
        """Take this entry of nobody's in particular: it is the user's to call back.

        :raise UserError: where somebody else took it, or the number was reached.
        """
        self.ensure_one()
        self._check_may_claim()
        self._claim()

    def action_call_back(self):
        """Call the number back from the user's line; nobody's entry is taken first.

        :return: client action that shows the call, or why nothing was dialled
        :raise UserError: in plain words, when it was not dialled.
        """
        self.ensure_one()
        is_claimable = self._is_claimable()
        if is_claimable:
            self._check_may_claim()
        else:
            self._in_all_companies().check_access("read")
        # sudo: whether he may call back was asked; the call behind it may have rung at
        # colleagues' desks alone
        entry_sudo = self.sudo()
        if not entry_sudo.number:
            raise UserError(
                self.env._("The caller hid the number: nobody can call it back.")
            )
        calls = self.env["noojee.call"]
        # whoever has no desk leaves it to the others
        calls._own_line()
        if is_claimable:
            self._claim_apart()
        partner_sudo = entry_sudo.last_call_id.partner_id
        return calls._dial_action(
            entry_sudo.number,
            self._readable(entry_sudo._record()),
            self._readable(partner_sudo),
            word=calls._dial_word(entry_sudo.number, self, self.env.user),
        )

    def action_done(self):
        """Nobody need call back any more."""
        self._in_all_companies().check_access("read")
        # sudo: users only read entries; whose these are was looked at
        self.sudo().filtered(lambda entry: entry.state != "done")._close(
            self.env.user, self.env._("Done without a call.")
        )

    def action_give_back(self):
        """Leave an entry that was taken to whoever takes it next.

        :raise UserError: where there is nothing to give back.
        """
        self.ensure_one()
        self._in_all_companies().check_access("read")
        # sudo: as above
        entry_sudo = self.sudo()
        if entry_sudo.state != "claimed":
            raise UserError(
                self.env._("Nobody has this number to call back. Reload the page.")
            )
        entry_sudo._give_back()

    def _give_back(self):
        """Leave it to the owner of the customer who is known by now, else to whoever
        takes it next."""
        giver = self.claimed_by_id
        # others are told first: afterwards who gave it back may not be among them
        self._tell_lists()
        self._drop_call_back()
        self.write(
            {
                "state": "open",
                "claimed_by_id": False,
                "claimed_at": False,
                # whoever was told before took it for settled
                "escalated_at": False,
            }
        )
        user, _team = self._last_for()
        if user != giver:
            self._follow_last_call()
            self._schedule_call_back()
            self._tell_lists()

    def action_open_record(self):
        """Open the customer, or what the call was about; else the entry's calls."""
        self.ensure_one()
        self._in_all_companies().check_access("read")
        # sudo: users do not read calls at colleagues' desks
        record = self._readable(self.sudo()._record())
        return (record or self).get_formview_action()

    def _record(self):
        """What the last call was about, else who called, if that is known."""
        call = self.last_call_id
        return call and call._existing_record() or call.partner_id

    def _readable(self, record):
        """A record that was found with sudo, where the user may read it."""
        if not record:
            return None
        return record.sudo(False)._filtered_access("read") or None

    def _in_all_companies(self):
        return self.with_context(allowed_company_ids=self.env.user.company_ids.ids)

    # === CLAIMING === #

    def _is_claimable(self):
        # sudo: an entry that somebody took cannot be read by the others any more
        entry_sudo = self.sudo()
        return not entry_sudo.user_id and entry_sudo.claimed_by_id != self.env.user

    def _check_may_claim(self):
        """:raise AccessError: where the entry is none of the user's teams'.

        Who took it before, and cannot be read for that, is told by :meth:`_claim`.
        """
        own = self._in_all_companies()
        own.browse().check_access("read")
        # sudo: as above
        entry_sudo = self.sudo().exists()
        user = self.env.user
        if not (
            entry_sudo.company_id in user.company_ids
            and (
                user in entry_sudo.team_id.crm_team_member_ids.user_id
                or user in entry_sudo.rung_user_ids
                or own.has_access("read")
            )
        ):
            raise AccessError(
                self.env._("This call is for another sales team: they call back.")
            )

    def _claim(self):
        """Take the entry, one user after the other."""
        # a row lock that waits, not Odoo's own, which gives up: who comes second is
        # to be told who was first. Then his transaction starts again.
        self.env.cr.execute(
            SQL("SELECT id FROM noojee_missed_call WHERE id = %s FOR UPDATE", self.id),
            log_exceptions=False,
        )
        # sudo: users only read entries; :meth:`_check_may_claim` was asked
        entry_sudo = self.sudo()
        user = self.env.user
        if entry_sudo.state == "done":
            raise UserError(
                self.env._("This number has been dealt with already: nothing to do.")
            )
        if entry_sudo.claimed_by_id == user:
            return
        if owner := entry_sudo.claimed_by_id or entry_sudo.user_id:
            raise UserError(
                self.env._(
                    "%(user)s has taken this call already. Take the next one.",
                    user=owner.name,
                )
            )
        entry_sudo.write(
            {
                "state": "claimed",
                "claimed_by_id": user.id,
                "claimed_at": fields.Datetime.now(),
            }
        )
        entry_sudo._schedule_call_back()
        entry_sudo._tell_lists()

    def _claim_apart(self):
        """Take the entry for good before the PBX is asked: a row that is locked while
        it answers would hold up its events."""

        def claim():
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._claim()

        repeat(claim)
