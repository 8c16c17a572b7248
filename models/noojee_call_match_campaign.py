from odoo import api, models
from odoo.fields import Domain


class NoojeeCall(models.Model):
    """Leads that the PBX's dialler calls."""

    _inherit = "noojee.call"

    @api.model
    def _add_campaigns(self, candidates, pbx):
        """Note which of the candidates' leads are in a campaign of the PBX now."""
        leads = {
            work.id: (candidate, work)
            for candidate in candidates
            for work in (*candidate.works, candidate.record)
            if work._name == "crm.lead"
        }
        if not leads:
            return
        # sudo: that a lead is in a campaign is no secret to who may see the lead
        pushes_sudo = self.env["noojee.lead.push"].sudo()
        there = pushes_sudo.search_fetch(
            Domain("lead_id", "in", list(leads))
            & Domain("pbx_id", "=", pbx.id)
            # also while an update of it waits
            & Domain("sent_at", "!=", False)
            & Domain("state", "not in", ("withdrawn", "refused")),
            ["lead_id", "campaign_id"],
            # the last one sent comes last, and stays
            order="sent_at, id",
        )
        for push_sudo in there:
            candidate, lead = leads[push_sudo.lead_id.id]
            candidate.campaign_lead = lead
            candidate.campaign = push_sudo.campaign_id.name

    @api.model
    def _only_lead(self, number, pbx):
        """The open lead with a number, where it is nobody else's; else None."""
        candidates = self._candidates(number, pbx, None) if number else []
        if len(candidates) != 1:
            return None
        [candidate] = candidates
        works = (*candidate.works, candidate.record)
        leads = {work for work in works if work._name == "crm.lead"}
        return leads.pop() if len(leads) == 1 else None
