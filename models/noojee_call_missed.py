import logging
from collections import Counter
from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Domain

from .noojee_call_ingest import is_anonymous
from .transaction import try_part

_logger = logging.getLogger(__name__)


class NoojeeCall(models.Model):
    """Which missed number a call belongs to, and which it settles."""

    _inherit = "noojee.call"

    missed_call_id = fields.Many2one(
        "noojee.missed.call",
        string="Missed number",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        help="The entry of the missed numbers that counts this call.",
    )

    _reached_idx = models.Index(
        "(number_e164, answered_at) WHERE answered_at IS NOT NULL"
    )

    def _follow_missed(self):
        """List those of these calls that nobody answered, and close the entries of
        the numbers that these calls reached.

        Repeats change nothing.
        """
        missed = self.filtered(lambda call: call._is_to_be_listed())
        answered = self.filtered("answered_at")
        reached = answered.filtered(
            lambda call: call.direction != "internal" and call._missed_number()
        )
        # in a later round of a queue, or the PBX told it later
        after_all = answered.filtered(
            lambda call: call.missed_call_id.state in ("open", "claimed")
        )
        if not missed and not reached and not after_all:
            return
        # sudo: the lists follow the calls, whoever changed them
        entries_sudo = self.env["noojee.missed.call"].sudo()

        def follow():
            entries_sudo._take_back(after_all.sudo())
            entries_sudo._close_reached(reached.sudo())
            entries_sudo._put(missed.sudo())

        if error := try_part(self.env, follow):
            _logger.error("Missed calls are not listed: %s", self.ids, exc_info=error)

    def _link_caller(self, call_sudo, record):
        """As before; and whoever is to call back finds the call in his list."""
        result = super()._link_caller(call_sudo, record)
        call_sudo._plan_call_back()
        return result

    @api.model
    def _to_call_models(self):
        return [*super()._to_call_models(), "noojee.missed.call"]

    @api.model
    def dial(self, number, res_model=None, res_id=None, *more, **options):
        """Ring the user's desk and then the number; a missed number is dialled as it
        was kept, and is about nothing: nobody knows whose it is."""
        if res_model == "noojee.missed.call":
            entry = self.env[res_model].browse(res_id).exists()
            entry.check_access("read")
            word = self._dial_word(entry._noojee_number(), entry, self.env.user)
            number, res_model, res_id = word or number, None, None
        return super().dial(number, res_model, res_id, *more, **options)

    def _plan_call_back(self):
        # sudo: the entry follows the call, which was the user's to write about
        entry_sudo = self.sudo().missed_call_id
        if entry_sudo.state in ("open", "claimed"):
            entry_sudo._follow_last_call()
            entry_sudo._schedule_call_back()
            entry_sudo._tell_lists()

    def _is_to_be_listed(self):
        return (
            self.state == "ended"
            and self.outcome == "missed"
            and self.direction == "inbound"
            and not self.missed_call_id
        )

    def _missed_number(self):
        """The caller's number as entries are found by it; False for the anonymous."""
        number = self.number_e164 or (self.number or "").strip()
        return not is_anonymous(number) and number

    def _not_reached_since(self):
        """Those of these missed calls whose number has not been talked with meanwhile:
        their events may come late."""
        if not self:
            return self
        reached = self._read_group(
            Domain("number_e164", "in", [*filter(None, self.mapped("number_e164"))])
            & Domain("answered_at", ">=", min(self.mapped("started_at")))
            & Domain("company_id", "in", self.company_id.ids),
            ["number_e164", "company_id"],
            ["answered_at:max"],
        )
        last_at = {(number, company): moment for number, company, moment in reached}
        return self.filtered(
            lambda call: (
                last_at.get((call.number_e164, call.company_id), datetime.min)
                < call.started_at
            )
        )

    def _missed_for(self):
        """Who is to call back.

        The salesperson of the lead or order that the call is about, else of the
        customer. Nobody's customer: the user at whose desk it rang; a queue call goes
        to its team's list. The PBX does not tell the queue's name, so the team is the
        one that most of the rung desks' users belong to, by their main sales team.

        :return: ``(user, team)``, one of them empty; both where no team is known
        """
        users = self.channel_ids.filtered("is_called").user_id
        users = users.filtered(lambda user: user._noojee_may_call_back(self.company_id))
        if owner := self._customer_owner():
            return owner, self.env["crm.team"]
        if self.is_queue_call or not users:
            return users.browse(), self._queue_team(users)
        called = self.user_id if self.user_id in users else users[0]
        return called, self.env["crm.team"]

    def _customer_owner(self):
        for record in (self._existing_record(), self.partner_id):
            if not record or "user_id" not in record:
                continue
            owner = record.user_id
            if self._may_call_back(owner):
                return owner
        return self.env["res.users"]

    def _may_call_back(self, owner):
        """Whether the owner of a customer can be asked to call back: who has no phone
        finds it at the customer alone."""
        if owner._noojee_may_call_back(self.company_id):
            return True
        return bool(
            owner.active
            and not owner.share
            and self.company_id in owner.company_ids
            and self._call_back_record(owner)
        )

    def _call_back_record(self, user):
        """The customer, or what the call is about, where an activity of the user's can
        stand: as far as he may read it."""
        known = self and self._activity_record(self._existing_record(), self.partner_id)
        if not user or not known:
            return None
        own = known.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return known if own.has_access("read") else None

    def _queue_team(self, users):
        teams = Counter(
            user.sale_team_id
            for user in users
            if user.sale_team_id.company_id
            in (self.company_id, user.company_id.browse())
        )
        teams.pop(self.env["crm.team"], None)
        return min(
            teams,
            key=lambda team: (-teams[team], team.id),
            default=self.env["crm.team"],
        )

    def _reached_words(self):
        """Who talked with the number, for whoever was to call it back."""
        answered = self._answered()
        who = answered.filtered("user_id")[:1].user_id.name or self.user_id.name
        if not who:
            desk = answered[:1].extension_number
            return self.env._("Reached at desk %(number)s.", number=desk)
        return self.env._("Reached by %(user)s.", user=who)

    def _absorb(self, others):
        """As before; and what was counted as several missed calls is one."""
        counts = Counter(call.missed_call_id for call in others if call.missed_call_id)
        entries = self.env["noojee.missed.call"]
        entries.search([("closed_call_id", "in", others.ids)]).closed_call_id = self
        result = super()._absorb(others)
        if counts and not self.missed_call_id:
            self.missed_call_id = next(iter(counts))
            counts[self.missed_call_id] -= 1
        for entry, count in counts.items():
            entry._uncount(count)
        return result
