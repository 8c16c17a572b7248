"""What open live boards are told of: calls, who sits where, PBXs that come and go."""

from odoo import models


class NoojeeCall(models.Model):
    _inherit = "noojee.call"

    def _tell(self):
        result = super()._tell()
        desks = self.channel_ids.extension_id | self.dial_extension_id
        # a dial that failed is tied to no desk any more
        without_desk = self.filtered(
            lambda call: not (call.channel_ids or call.dial_extension_id)
        )
        desks |= without_desk.user_id.noojee_extension_ids
        if desks:
            self.env["noojee.live.board"]._tell(self.company_id, desks)
        return result


class NoojeeExtension(models.Model):
    _inherit = "noojee.extension"

    def _follow_occupants(self, before):
        result = super()._follow_occupants(before)
        self.env["noojee.live.board"]._tell(self.company_id)
        return result


class NoojeeCircuit(models.Model):
    _inherit = "noojee.circuit"

    def _write_and_tell(self, values):
        result = super()._write_and_tell(values)
        self.env["noojee.live.board"]._tell(self.pbx_id.company_id)
        return result
