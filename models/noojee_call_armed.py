from odoo import api, models

from ..client import CallStatus


class NoojeeCall(models.Model):
    """The next call with a customer that a command waits for."""

    _inherit = "noojee.call"

    @api.model
    def _ingest(self, pbx, events, **options):
        changed = super()._ingest(pbx, events, **options)
        if any(event.status is CallStatus.CONNECTED for event in events):
            self.env["noojee.command"]._wake_armed(changed)
        return changed

    @api.model
    def _link_caller(self, call_sudo, record):
        result = super()._link_caller(call_sudo, record)
        self.env["noojee.command"]._wake_armed(call_sudo)
        return result
