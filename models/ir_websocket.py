from odoo import models

from .noojee_live_board import CHANNEL


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let supervisors into what open live boards are told, and nobody else."""
        if CHANNEL in channels:
            channels = [channel for channel in channels if channel != CHANNEL]
            if self.env.user.has_group("noojee.group_supervisor"):
                companies = self.env.user.company_ids
                channels += [(company, CHANNEL) for company in companies]
        return super()._build_bus_channel_list(channels)
