from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env.user.has_group("noojee.group_user"):
            # a click on a phone field ties its call to records of these
            info["noojee_models"] = self.env["noojee.call"]._record_models()
        return info
