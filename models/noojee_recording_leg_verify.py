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
        chunks = self._stored_chunks()
        if chunks is None:
            return None
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
        return digest.hexdigest()

    def _combined_digest(self):
        """SHA-256 of the audio of these, one after the other; of one alone its own."""
        if len(self) == 1:
            return self.sha256
        digest = hashlib.sha256()
        for leg in self:
            for chunk in leg._stored_chunks() or ():
                digest.update(chunk)
        return digest.hexdigest()

    def _stored_chunks(self):
        """The bytes that are kept, never all at once; None where nothing is."""
        attachment_sudo = self._attachment_sudo()
        if not attachment_sudo:
            return None
        if not attachment_sudo.store_fname:
            return [attachment_sudo.raw or b""]
        path = attachment_sudo._full_path(attachment_sudo.store_fname)
        return _chunks(path) if os.path.isfile(path) else None


def _chunks(path):
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
