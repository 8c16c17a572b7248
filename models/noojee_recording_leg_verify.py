import hashlib
import os

from odoo import fields, models

CHUNK = 1024 * 1024


class NoojeeRecordingLeg(models.Model):
    """Whether the audio that is kept is still what the PBX sent."""

    _inherit = "noojee.recording.leg"

    verified_at = fields.Datetime(string="Verified")
    verification = fields.Selection(
        [
            ("intact", "As it came"),
            ("altered", "Altered"),
            ("lost", "Lost"),
        ],
        help="What the last comparison with the SHA-256 found.",
    )

    def _verify(self):
        """Compare the stored bytes of these with the digest taken when they came."""
        now = fields.Datetime.now()
        for leg in self:
            digest = leg._stored_digest()
            found = "intact" if digest == leg.sha256 else "altered"
            leg.write({"verification": found if digest else "lost", "verified_at": now})

    def _stored_digest(self):
        """SHA-256 of what is kept; None where nothing is."""
        attachment_sudo = self._attachment_sudo()
        digest = hashlib.sha256()
        if not attachment_sudo:
            return None
        if not attachment_sudo.store_fname:
            digest.update(attachment_sudo.raw or b"")
            return digest.hexdigest()
        path = attachment_sudo._full_path(attachment_sudo.store_fname)
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()
