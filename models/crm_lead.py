from odoo import models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "noojee.call.mixin"]

    def _noojee_open_domain(self):
        return self.env["noojee.call"]._open_lead()

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        # sudo: nobody writes calls; they follow the leads that become one
        calls_sudo = self.env["noojee.call"].sudo()
        calls_sudo._about(opportunities).record_ref = self
        calls_sudo._about(opportunities, "dialled_ref").dialled_ref = self
        # sudo: users only read what is remembered; it follows them too
        numbers_sudo = self.env["noojee.number"].sudo()._about(opportunities)
        numbers_sudo.record_ref = self
        # sudo: nobody writes the outbox; campaigns go on with the lead that stays
        self.env["noojee.lead.push"].sudo()._follow_merge(self, opportunities)
        # sudo: nobody writes results; they follow too
        results_sudo = self.env["noojee.campaign.result"].sudo()
        results_sudo.search([("lead_id", "in", opportunities.ids)]).lead_id = self
        return result
