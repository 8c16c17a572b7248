import hashlib
import ipaddress
import secrets

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import consteq


class NoojeePbx(models.Model):
    """Who may send notices of this PBX's calls."""

    _inherit = "noojee.pbx"

    @api.constrains("notice_addresses")
    def _check_notice_addresses(self):
        for pbx in self:
            try:
                pbx._notice_networks()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(addresses)s” is not a list of addresses. It should look "
                        "like 192.0.2.7, 10.1.0.0/16.",
                        addresses=pbx.notice_addresses,
                    )
                ) from error

    def action_new_notice_token(self):
        """Make a new token for inbound notices and show it, once."""
        self.ensure_one()
        self.check_access("write")
        token = secrets.token_urlsafe(32)
        # sudo: no group may read or write the digest directly
        self.sudo().notice_token_digest = self._digest(token)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Token for notices"),
            "res_model": "noojee.notice.token",
            "view_mode": "form",
            "target": "new",
            "context": {"default_pbx_id": self.id, "default_token": token},
        }

    @api.model
    def _digest(self, token):
        return hashlib.sha256(token.encode()).hexdigest()

    def _accepts_token(self, token):
        """Whether this is the token made last; no token was made: never."""
        self.ensure_one()
        # sudo: the caller is the PBX, known by the token alone
        digest = self.sudo().notice_token_digest
        return bool(digest and token) and consteq(digest, self._digest(token))

    def _accepts_address(self, address):
        """Whether notices may come from there.

        :param str address: as Odoo knows it; behind a proxy only in its proxy mode
        """
        self.ensure_one()
        networks = self._notice_networks()
        if not networks:
            return True
        try:
            sender = ipaddress.ip_address(address)
        except ValueError:
            return False
        # a server that listens on IPv6 sees IPv4 wrapped up
        sender = getattr(sender, "ipv4_mapped", None) or sender
        return any(sender in network for network in networks)

    def _notice_networks(self):
        """:raise ValueError: where what stands there is no list of networks"""
        # sudo: the caller is the PBX
        written = self.sudo().notice_addresses or ""
        return [
            ipaddress.ip_network(word, strict=False)
            for word in written.replace(",", " ").split()
        ]
