from odoo import api, fields, models
from odoo.fields import Domain

from .noojee_call_ingest import INVENTED
from .noojee_call_join import SESSION_LIFE


class NoojeeCall(models.Model):
    """What a restart of the PBX ends: its numbers begin anew, and what was asked of it
    before is forgotten."""

    _inherit = "noojee.call"

    @api.model
    def _leave_former_life(self, pbx, extensions, before):
        """Have the PBX's own numbers of earlier calls mean these no more.

        :param list extensions: numbers of those that are told to be of another life
        :param datetime before: when it was met, by the database's clock
        :return: those of the calls' channels that nothing was told of since
        """
        # sudo: events come from the PBX, not from a user
        channels_sudo = self.env["noojee.call.channel"].sudo()
        earliest = fields.Datetime.now() - SESSION_LIFE
        former_sudo = channels_sudo.search(
            Domain("pbx_id", "=", pbx.id)
            & Domain("extension_number", "in", extensions)
            & Domain("wire_call_id", "!=", False)
            & Domain("create_date", "<=", before)
            # later such numbers are not believed any more
            & (Domain("state", "!=", "ended") | Domain("started_at", ">", earliest))
        )
        silent_sudo = former_sudo.filtered(lambda row: row.write_date <= before)
        for channel_sudo in former_sudo:
            channel_sudo.wire_call_id = False
            if channel_sudo.unique_call_id.startswith(INVENTED):
                channel_sudo.unique_call_id += f"-{channel_sudo.id}"
        return silent_sudo

    @api.model
    def _give_up_swallowed(self, lines, before):
        """Release extensions whose dial a restart of the PBX has swallowed: nothing of
        its former life comes about any more.

        :param datetime before: when the new life was met, by the database's clock
        """
        calls = self.search(
            [
                ("dial_extension_id", "in", lines.ids),
                ("create_date", "<=", before),
                ("channel_ids", "=", False),
                # one that is under way may have reached the new life
                "|",
                *(("failure_reason", "!=", False), ("session_id", "!=", False)),
            ]
        )
        # its number may be another call's now
        calls.session_id = False
        calls._end("cancelled")
        calls._notify()
