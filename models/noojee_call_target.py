from odoo import models
from odoo.exceptions import UserError

from ..client import CallState, LineState
from .noojee_call_ingest import INVENTED

# what runs at a desk that rings, or whose far side does; and later
RINGING = (LineState.RINGING_AGENT, LineState.RINGING_CLIENT)
CONNECTED = (LineState.ON_CALL, LineState.ON_HOLD)


class NoojeeCall(models.Model):
    """Naming a channel to the PBX, so that it acts on that one and on no other."""

    _inherit = "noojee.call"

    def _target(self, channel):
        """The id by which the PBX knows a channel of this call.

        :raise UserError: when it cannot be told from another call at that desk.
        """
        if not channel.unique_call_id.startswith(INVENTED):
            return channel.unique_call_id
        return self._unique_id_at(channel.extension_number, channel.state)

    def _unique_id_at(self, number, state="dialing"):
        """The id of what runs at a desk, where that can only be this call.

        A bare extension would do for the PBX, and end the wrong one of two calls.
        (noojee-api.md section 3)

        :param str state: of this call there
        :raise UserError: when it cannot be told from another call.
        """
        self.ensure_one()
        states = self._ask(lambda client: client.check_state([number], timeout=0))
        found = states.get(number, CallState())
        expected = CONNECTED if state == "connected" else RINGING
        if (
            not found.unique_call_id
            or found.line_state not in expected
            or self._is_another(found)
        ):
            raise self._no_channel()
        return found.unique_call_id

    def _is_another(self, found):
        # sudo: whose call it is does not matter
        channels_sudo = self.env["noojee.call.channel"].sudo()
        domain = [
            ("pbx_id", "=", self.sudo().pbx_id.id),
            ("unique_call_id", "=", found.unique_call_id),
            ("call_id", "!=", self.id),
        ]
        return bool(channels_sudo.search_count(domain, limit=1))

    def _no_channel(self):
        return UserError(
            self.env._(
                "The phone system has not reported this call at your desk, or it has "
                "ended. Use the handset."
            )
        )
