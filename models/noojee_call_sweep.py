from odoo import api, models
from odoo.fields import Domain


class NoojeeCall(models.Model):
    """Closing what the PBX does not know any more."""

    _inherit = "noojee.call"

    @api.model
    def _sweep(self, pbx, extensions, running, spoken_of, read_at):
        """Close the channels that the PBX no longer knows.

        :param list extensions: numbers of the extensions whose state was read
        :param running: events of that read: all that runs there
        :param set spoken_of: extension and id of each channel that events told of since
        :param datetime read_at: when it was read, by the database's clock: what
            changed since is not touched
        """
        alive = {(event.extension, self._unique_id(event)) for event in running}
        alive |= spoken_of
        open_channels = self._open_channels(
            pbx, Domain("extension_number", "in", extensions)
        )
        open_channels.filtered(
            lambda channel: (
                channel.write_date <= read_at
                and (channel.extension_number, channel.unique_call_id) not in alive
            )
        )._forget()

    @api.model
    def _close_unwatched(self, pbx, extensions):
        """Close what runs at desks of which nothing is heard any more.

        :param list extensions: numbers that are followed
        """
        self._open_channels(
            pbx, Domain("extension_number", "not in", extensions)
        )._forget()

    @api.model
    def _open_channels(self, pbx, domain):
        # sudo: events come from the PBX, not from a user
        channels_sudo = self.env["noojee.call.channel"].sudo()
        is_open = Domain("pbx_id", "=", pbx.id) & Domain("state", "!=", "ended")
        return channels_sudo.search(is_open & domain)
