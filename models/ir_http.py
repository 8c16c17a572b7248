from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env.user.has_group("noojee.group_user"):
            # a click on a phone field ties its call to records of these
            models = self.env["noojee.call"]._record_models()
            info["noojee_models"] = models
            # and a follow-up can be planned on these
            info["noojee_activity_models"] = [
                name for name in models if "activity_ids" in self.env[name]
            ]
            # and whoever calls can be made one of these
            info["noojee_can_create"] = [
                name
                for name in ("res.partner", "crm.lead")
                if self.env[name].has_access("create")
            ]
        return info
