from odoo import models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "noojee.call.mixin"]

    def _noojee_open_domain(self):
        return self.env["noojee.call"]._open_lead()
