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
    def _sweep(self, pbx, news, left=(), known_at=None):
        """Close the channels that the PBX no longer knows, by any of their ids: those
        that notices told of may have one of a dial plan's own making. Where it did not
        tell what runs, what nothing was heard of for long is closed.

        :param news: :class:`News` of a poll that reads the state; what changed since
            is not touched
        :param left: channels that changed since in nothing but that their PBX's
            numbers mean them no more
        :param datetime known_at: as of :meth:`noojee.call.channel._forget`
        """
        # what happened while both were asked for stands in the second
        alive = {
            (event.extension, unique_id)
            for event in (*news.running, *news.events)
            for unique_id in self._ids_of(event)
        }
        gone = self._open_channels(
            pbx, Domain("extension_number", "in", news.poll.extensions)
        ).filtered(
            lambda channel: (
                (channel.write_date <= news.poll.asked_at or channel in left)
                and not alive & self._keys_of(channel)
            )
        )
        extensions = news.told_extensions
        told = gone.filtered(lambda channel: channel.extension_number in extensions)
        reported = told.filtered("is_polled")
        if told - reported and self._reports_all(pbx):
            reported = told
        silent = self._silent(gone - reported)
        if known_at:
            # notices spoke of these while nobody listened
            silent |= reported.filtered(
                lambda channel: channel not in left and channel.write_date > known_at
            )
        silent._forget_one_by_one()
        (reported - silent)._forget(known_at)

    @api.model
    def _silent(self, channels):
        """Those of which nothing was heard for long."""
        earliest = fields.Datetime.now() - UNHEARD
        return channels.filtered(lambda channel: channel.write_date < earliest)

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
        unheard = self._unheard_channels(pbx)
        silent = self._silent(unheard)
        silent._forget_one_by_one()
        (unheard - silent)._forget()

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
