from odoo import models


class NoojeeCall(models.Model):
    """Calls in which voice signatures are taken."""

    _inherit = "noojee.call"

    def _absorb(self, others):
        takes = self.env["noojee.voice.signature"].search(
            [("call_id", "in", others.ids)]
        )
        takes.call_id = self
        return super()._absorb(others)

    def _erase(self):
        takes = self.env["noojee.voice.signature"].search([("call_id", "in", self.ids)])
        result = super()._erase()
        takes._erase()
        return result
