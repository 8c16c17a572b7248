from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# what only notices tell of may have lost its end: no call is silent for longer
UNHEARD = timedelta(hours=4)
# what a PBX has reported within this time it reports still
LATELY = timedelta(days=7)


class NoojeeCall(models.Model):
    """Closing what the PBX does not know any more."""

    _inherit = "noojee.call"

    @api.model
    def _sweep(self, pbx, extensions, running, spoken_of, read_at, untold=(), left=()):
        """Close the channels that the PBX no longer knows, by any of their ids: those
        that notices told of may have one of a dial plan's own making.

        :param list extensions: numbers of the extensions whose state was read
        :param running: events of that read: all that runs there
        :param spoken_of: events of what happened since
        :param datetime read_at: when it was read, by the database's clock: what
            changed since is not touched
        :param untold: numbers of those whose state the PBX did not tell: what runs
            there is closed when nothing was heard of it for long
        :param left: channels that changed since in nothing but that their PBX's
            numbers mean them no more
        """
        alive = {
            (event.extension, unique_id)
            for event in (*running, *spoken_of)
            for unique_id in self._ids_of(event)
        }
        gone = self._open_channels(
            pbx, Domain("extension_number", "in", [*extensions, *untold])
        ).filtered(
            lambda channel: (
                (channel.write_date <= read_at or channel in left)
                and not alive & self._keys_of(channel)
            )
        )
        silent = gone.filtered(
            lambda channel: channel.write_date < fields.Datetime.now() - UNHEARD
        )
        told = gone.filtered(lambda channel: channel.extension_number in extensions)
        reported = told.filtered("is_polled")
        if told - reported and self._reports_all(pbx):
            reported = told
        (silent | reported)._forget()

    @api.model
    def _reports_all(self, pbx):
        """Whether a PBX tells the listener of calls that were not dialled from Odoo.

        An older one reports what it is asked for (monitored) alone: the others' calls
        are known by notices, and end by them.
        """
        # sudo: events come from the PBX, not from a user
        channels_sudo = self.env["noojee.call.channel"].sudo()
        earliest = fields.Datetime.now() - LATELY
        others = (
            Domain("pbx_id", "=", pbx.id)
            & Domain("is_polled", "=", True)
            & Domain("is_click_to_dial", "=", False)
            & Domain("call_id.request_token", "=", False)
        )
        # each has an index of its own
        lately = Domain("state", "!=", "ended") | (
            Domain("state", "=", "ended") & Domain("started_at", ">", earliest)
        )
        return bool(channels_sudo.search_count(others & lately, limit=1))

    @api.model
    def _close_unwatched(self, pbx, extensions):
        """Close what runs at desks of which nothing is heard any more.

        :param list extensions: numbers that are followed
        """
        self._open_channels(
            pbx, Domain("extension_number", "not in", extensions)
        )._forget()

    @api.model
    def _close_unheard(self, pbx):
        """Close what runs at a PBX that nobody listens to and of which nothing is
        heard any more."""
        self._unheard_channels(pbx)._forget()

    @api.model
    def _unheard_channels(self, pbx):
        # of one that is archived no notice is taken either
        followed = pbx.extension_ids.filtered("active") if pbx.active else []
        earliest = fields.Datetime.now() - UNHEARD
        return self._open_channels(
            pbx,
            Domain("extension_number", "not in", [desk.number for desk in followed])
            | Domain("write_date", "<", earliest),
        )

    @api.model
    def _open_channels(self, pbx, domain):
        # sudo: events come from the PBX, not from a user
        channels_sudo = self.env["noojee.call.channel"].sudo()
        is_open = Domain("pbx_id", "=", pbx.id) & Domain("state", "!=", "ended")
        return channels_sudo.search(is_open & domain)
