from odoo import api, fields, models
from odoo.exceptions import UserError

# at the PBX, or perhaps
THERE = ("sent", "sending", "waiting")
# why a lead is not to be called any more → the template's disposition for it
CLOSING = {
    "won": "won_disposition_id",
    "lost": "lost_disposition_id",
    "deleted": "lost_disposition_id",
    "blacklisted": "blacklist_disposition_id",
}


class NoojeeLeadPush(models.Model):
    """What follows when a lead that is in a campaign changes, closes or goes."""

    _inherit = "noojee.lead.push"

    @api.model
    def _note_changed(self, domain):
        """Have lines looked at after commit: what is told to the PBX is found then."""
        changed = self.search(
            [("state", "in", THERE), ("is_stale", "=", False), *domain]
        )
        if changed:
            changed.write({"is_stale": True})
            changed.filtered(
                lambda push: push.state == "sent"
            ).due_at = fields.Datetime.now()
            self._wake()

    def action_update(self):
        """Look at once whether the PBX is to be told of something."""
        self._check_may_push()
        # sudo: nobody writes the outbox; these are among those that may be seen
        there_sudo = self.sudo().filtered(lambda push: push.state == "sent")
        if not there_sudo:
            raise UserError(self.env._("Only what is in a campaign can be updated."))
        there_sudo._want_update()

    def _want_update(self):
        """Have the PBX told of what has changed, whatever the template says."""
        now = fields.Datetime.now()
        self.write({"is_stale": True, "is_update_wanted": True, "due_at": now})
        self._wake()

    def _choose_task(self):
        """What the PBX is to be told now.

        :return: whether it is to be told anything
        """
        closing = self._closing()
        if not self.sent_at:
            return self._choose_first(closing)
        if closing:
            return self._choose_withdrawal()
        if self._has_news():
            self.task = "update"
            return True
        self.write({"state": "sent", "is_stale": False, "is_update_wanted": False})
        return False

    def _choose_first(self, closing):
        """Of a lead that the PBX does not have, or nobody knows."""
        self.task = "insert"
        # the check of each number refuses a blacklisted one with its own words
        if closing in (None, "blacklisted"):
            return True
        if not self.is_maybe_done:
            reason = self._closing_words()
            self.write({"state": "withdrawn", "reason": reason, "is_stale": False})
            return False
        if self._closing_disposition():
            self.task = "withdraw"
        return True

    def _choose_withdrawal(self):
        if self._closing_disposition():
            self.task = "withdraw"
            return True
        reason = self.env._(
            "%(why)s It stays in the campaign: the template names no disposition for "
            "that.",
            why=self._closing_words(),
        )
        self.write({"state": "sent", "is_stale": False, "reason": reason})
        return False

    def _has_news(self):
        """Whether the PBX has other values than the lead."""
        is_wanted = self.is_update_wanted or self.campaign_id.template_id.auto_update
        if not is_wanted:
            return False
        try:
            values = self._values()
        except UserError as error:
            self.reason = str(error)
            return False
        known = self.sent_values or {}
        return any(known.get(name) != text for name, text in values.items())

    def _closing(self):
        """Why the lead is not to be called any more: a key of ``CLOSING``, or None."""
        lead = self.lead_id
        if not lead:
            return "deleted"
        if lead.won_status == "won":
            return "won"
        if lead.won_status == "lost" or not lead.active:
            return "lost"
        phones = self.campaign_id.template_id._phone_fields()
        numbers = [field._value_of(lead)[2] for field in phones]
        return "blacklisted" if self._blacklisted([*filter(None, numbers)]) else None

    def _closing_disposition(self):
        template = self.campaign_id.template_id
        disposition = template[CLOSING[self._closing() or "lost"]]
        return disposition.filtered("active")

    def _closing_words(self):
        match self._closing():
            case "deleted":
                return self.env._("The lead has been deleted.")
            case "won":
                return self.env._("The lead is won.")
            case "lost":
                if self.lead_id.won_status != "lost":
                    return self.env._("The lead is archived.")
                return self.env._("The lead is lost.")
            case "blacklisted":
                return self.env._("The number is on the phone blacklist.")
        return self.env._("The lead was withdrawn.")

    # === LEADS THAT BECOME ONE, AND THOSE THAT GO === #

    @api.model
    def _follow_merge(self, kept, others):
        """Lines of leads that become one: one of them stays in each campaign, by the
        key that the PBX knows."""
        lines = self.search(
            [
                ("lead_id", "in", (kept | others).ids),
                ("state", "!=", "withdrawn"),
            ],
            order="sent_at, id",
        )
        for same in lines.grouped("campaign_id").values():
            own = same.filtered(lambda line: line.lead_id == kept)
            known = same.filtered("sent_at")
            stays = (own & known) or known[:1] or own or same[:1]
            (same - stays)._leave(
                self.env._("It was merged into %(lead)s.", lead=kept.name)
            )
            # a lead is in a campaign once: those that leave are written first
            self.env.flush_all()
            stays.lead_id = kept
        self._note_changed([("lead_id", "=", kept.id)])

    def _leave(self, reason):
        """These have no lead any more."""
        unsent = self.filtered(
            lambda p: (
                p.state in ("queued", "waiting", "refused")
                and not p.sent_at
                and not p.is_maybe_done
            )
        )
        unsent.write({"state": "withdrawn", "reason": reason})
        self.write({"lead_id": False})
        self._note_changed([("id", "in", (self - unsent).ids)])
