from odoo import models
from odoo.fields import Domain

from .noojee_campaign_result_take_in import same_word


class NoojeeCampaignResult(models.Model):
    """Which lead a call record is of."""

    _inherit = "noojee.campaign.result"

    def _link(self):
        """Find the lead: by the key that it was sent with, by the PBX's own number of
        it, or by a phone number that is nobody else's.

        :return: whether there is anything more to be done
        """
        self.ensure_one()
        if self.erased_at:
            self.state = "done"
            return False
        desk = self._desk()
        self.user_id = self._agent(desk) or self.user_id
        self.push_id = self.push_id or self._find_push()
        if self._is_told_by_odoo():
            # an agent who says the same later has called
            self.push_id.told_disposition = False
            self.write(
                {
                    "lead_id": self.push_id.lead_id.id,
                    "state": "done",
                    "reason": self.env._("Odoo told this disposition: nobody called."),
                }
            )
            return False
        if not self.lead_id:
            self._find_lead()
        return True

    def _find_push(self):
        pushes = self.env["noojee.lead.push"]
        of_pbx = Domain("pbx_id", "=", self.pbx_id.id)
        push = pushes
        if self.lead_key:
            push = pushes.search(of_pbx & Domain("lead_key", "=", self.lead_key))
        if not push and self.wire_lead_id:
            # no source tells that another campaign has other numbers
            same = Domain("wire_lead_id", "=", self.wire_lead_id)
            same &= Domain("campaign_id", "=", self.campaign_id.id)
            push = pushes.search(of_pbx & same, order="id desc", limit=1)
        if push and self.wire_lead_id and not push.wire_lead_id:
            # other records may tell of it by that alone
            push.wire_lead_id = self.wire_lead_id
        return push

    def _find_lead(self):
        push = self.push_id
        if push.lead_id:
            is_key = push.lead_key == self.lead_key
            self._take_lead(push.lead_id, "key" if is_key else "number")
        elif push:
            self.reason = self.env._("The lead has been deleted.")
        elif lead := self.env["noojee.call"]._only_lead(self.number_e164, self.pbx_id):
            self._take_lead(lead, "phone")

    def _take_lead(self, lead, way):
        if reason := self._company_fault(lead):
            self.reason = reason
            return
        self.write({"lead_id": lead.id, "found_by": way, "reason": False})

    def _is_told_by_odoo(self):
        """Whether this is but the echo of a disposition that Odoo sent with an update
        or a withdrawal: no agent called."""
        told = self.push_id.told_disposition
        if not told or not same_word(self.disposition, told):
            return False
        if self.turn > 1 and self.push_id.state == "withdrawn":
            # of a call that was worked off before: the PBX closed its lead for us
            return True
        return not (self.unique_id or self.agent_login or self.has_duration)

    def _dialled_number(self):
        """The number that was called, else that of the lead."""
        return self.phone_number or self.lead_id.phone

    # === WHO === #

    def _desk(self):
        """The line of the agent, or none."""
        lines = self.env["noojee.extension"]
        if not self.agent_login:
            return lines
        return lines.search(
            [
                ("pbx_id", "=", self.pbx_id.id),
                ("noojee_login", "=ilike", escaped(self.agent_login)),
            ],
            limit=1,
        )

    def _agent(self, desk):
        """Who sat at the agent's desk then; else the only user of that login or
        name."""
        if desk:
            return self._sat_at(desk) or desk.user_id
        if not self.agent_login:
            return self.env["res.users"]
        word = escaped(self.agent_login)
        of_company = Domain("company_ids", "in", self.company_id.ids)
        users = self.env["res.users"].search(
            of_company & Domain("login", "=ilike", word)
        )
        users = users or self.env["res.users"].search(
            of_company & Domain("name", "=ilike", word)
        )
        return users if len(users) == 1 else users.browse()

    def _sat_at(self, desk):
        sign_on = self.env["noojee.sign.on"].search(
            Domain("pbx_id", "=", self.pbx_id.id)
            & Domain("number", "=", desk.number)
            & Domain("since", "<=", self.started_at)
            & (Domain("until", "=", False) | Domain("until", ">", self.started_at)),
            limit=1,
        )
        return sign_on.user_id


def escaped(word):
    """A word in which no sign stands for others."""
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
