import itertools

from odoo import models

from .noojee_live_board import CHANNEL as LIVE_BOARD
from .noojee_missed_follow import CHANNEL as MISSED

FOR_SUPERVISORS = {LIVE_BOARD, MISSED}


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let supervisors into what open live boards and lists of missed calls are
        told, and nobody else."""
        wanted = FOR_SUPERVISORS.intersection(filter(_is_name, channels))
        if wanted:
            channels = [channel for channel in channels if channel not in wanted]
            if self.env.user.has_group("noojee.group_supervisor"):
                channels += itertools.product(self.env.user.company_ids, wanted)
        return super()._build_bus_channel_list(channels)


def _is_name(channel):
    return isinstance(channel, str)
