import os

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .recording_common import RecordingCommon


@tagged("post_install", "-at_install", "noojee")
class TestRecordingVerify(RecordingCommon):
    """Whether what is kept is what the PBX sent."""

    def setUp(self):
        super().setUp()
        self.recording = self.recorded()
        self.fetch()
        self.leg = self.recording.leg_ids[1]

    def verify(self):
        return self.recording.with_user(self.anna).action_verify()["params"]

    def path(self, leg):
        attachment = leg._attachment_sudo()
        return attachment._full_path(attachment.store_fname)

    def test_intact(self):
        params = self.verify()
        self.assertEqual(params["type"], "success")
        self.assertEqual(params["message"], "All 3 legs are as the PBX sent them.")
        self.assertTrue(self.recording.verified_at)

    def check_wrong(self, verification):
        params = self.verify()
        self.assertEqual(params["type"], "danger")
        self.assertIn("S00001 · Leg 2", params["message"])
        self.assertEqual(
            self.recording.leg_ids.mapped("verification"),
            ["intact", verification, "intact"],
        )

    def change(self, change):
        """The file of one leg, not of whatever else has the same bytes."""
        attachment = self.leg._attachment_sudo()
        kept = attachment.raw
        path = self.path(self.leg)

        def restore():
            with open(path, "wb") as file:
                file.write(kept)

        self.addCleanup(restore)
        change(path)

    def test_altered(self):
        def alter(path):
            with open(path, "r+b") as file:
                file.seek(1000)
                file.write(b"!")

        self.change(alter)
        self.check_wrong("altered")

    def test_lost_file(self):
        self.change(os.unlink)
        self.check_wrong("lost")

    def test_lost_row(self):
        self.leg._attachment_sudo().unlink()
        self.check_wrong("lost")

    def test_kept_in_the_database(self):
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        attachment = self.leg._attachment_sudo()
        attachment.raw = attachment.raw
        self.assertFalse(attachment.store_fname)
        self.assertEqual(self.verify()["type"], "success")

    def test_nothing_to_verify(self):
        self.recording.leg_ids.state = "purged"
        with self.assertRaisesRegex(UserError, "no audio to verify"):
            self.verify()

    def test_whose_recording_it_is(self):
        with self.assertRaises(AccessError):
            self.recording.with_user(self.ben).action_verify()
