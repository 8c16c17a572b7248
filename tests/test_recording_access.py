from contextlib import suppress

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .recording_common import RecordingCommon

PIXEL = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="
PASSWORD = "noojee_password"


@tagged("post_install", "-at_install", "noojee")
class TestRecordingAccess(RecordingCommon, HttpCase):
    """Nobody comes to the audio but by the addon's own door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {
            "user": "noojee.group_user",
            "supervisor": "noojee.group_supervisor",
            "admin": "noojee.group_admin",
            "system": "noojee.group_admin,base.group_system",
            "download": "noojee.group_user,noojee.group_download",
            "portal": "base.group_portal",
        }
        cls.users = {
            name: new_test_user(cls.env, f"noojee_{name}", group, password=PASSWORD)
            for name, group in groups.items()
        }
        cls.env["crm.team"].create(
            {
                "name": "Inside sales",
                "user_id": cls.users["supervisor"].id,
                "member_ids": [(6, 0, cls.users["user"].ids)],
            }
        )

    def setUp(self):
        super().setUp()
        # a call of the user's own, of the supervisor's team
        self.desk_101.user_id = self.users["user"]
        self.recording = self.recorded()
        self.recording.call_id.user_id = self.users["user"]
        self.fetch()
        self.leg = self.recording.leg_ids[0]
        self.assertEqual(self.leg.state, "stored")
        self.attachment = self.leg._attachment_sudo()

    def test_who_sees_the_recording(self):
        expected = {
            "user": True,
            "supervisor": True,
            "admin": True,
            "system": True,
            "download": False,
            "portal": False,
        }
        for name, is_seen in expected.items():
            with self.subTest(name):
                recording = self.recording.with_user(self.users[name])
                self.assertEqual(recording.has_access("read"), is_seen)
                leg = self.leg.with_user(self.users[name])
                self.assertEqual(leg.has_access("read"), is_seen)
        self.assertFalse(self.recording.with_user(self.ben).has_access("read"))
        self.assertFalse(self.leg.with_user(self.ben).has_access("read"))

    def test_nobody_reads_or_writes_the_field(self):
        for name, user in self.users.items():
            leg = self.leg.with_user(user)
            for act in (
                lambda leg=leg: leg.read(["audio"]),
                lambda leg=leg: leg.search([("audio", "!=", False)]),
                lambda leg=leg: leg.write({"audio": "AAAA"}),
                lambda leg=leg: leg.write({"state": "purged"}),
                lambda leg=leg: leg.unlink(),
            ):
                with self.subTest(name), self.assertRaises(AccessError):
                    act()
            # not everybody may export anything
            with self.subTest(name), self.assertRaises(UserError):
                leg.export_data(["audio"])
            if leg.has_access("read"):
                self.assertNotIn("audio", leg.read()[0])
                self.assertNotIn("audio", leg.fields_get())

    def test_nobody_reads_the_attachment(self):
        for name, user in self.users.items():
            attachments = self.env["ir.attachment"].with_user(user)
            for domain in (
                [("id", "=", self.attachment.id)],
                [("res_model", "=", "noojee.recording.leg")],
                [
                    ("res_model", "=", "noojee.recording.leg"),
                    ("res_field", "=", "audio"),
                ],
                [("res_field", "=", "audio"), ("res_id", "=", self.leg.id)],
                [("checksum", "=", self.attachment.checksum), ("id", "!=", False)],
            ):
                # who reads no legs is refused
                with self.subTest(name, domain=domain), suppress(AccessError):
                    self.assertFalse(attachments.search(domain))
            attachment = self.attachment.with_user(user)
            for act in (
                lambda attachment=attachment: attachment.read(["raw"]),
                lambda attachment=attachment: attachment.read(["datas"]),
                lambda attachment=attachment: attachment.generate_access_token(),
                lambda attachment=attachment: attachment.write({"public": True}),
                lambda attachment=attachment: attachment.write({"res_field": False}),
                lambda attachment=attachment: attachment.copy({"res_field": False}),
                lambda attachment=attachment: attachment.unlink(),
            ):
                with self.subTest(name), self.assertRaises(AccessError):
                    act()

    def test_other_attachments_are_what_they_were(self):
        attachments = self.env["ir.attachment"].with_user(self.users["user"])
        own = attachments.create({"name": "n", "raw": b"n"})
        self.assertEqual(attachments.search([("id", "=", own.id)]), own)
        self.assertEqual(own.raw, b"n")
        self.env.user.partner_id.image_1920 = PIXEL
        image = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_field", "=", "image_1920"),
                ("res_id", "=", self.env.user.partner_id.id),
            ]
        )
        self.assertTrue(image.with_user(self.users["user"]).raw)

    def test_audio_goes_with_its_recording(self):
        self.recording.unlink()
        self.assertFalse(self.attachment.exists())

    def test_views(self):
        hour = self.env["noojee.recording.hour"].create(
            {"pbx_id": self.pbx.id, "hour": fields.Datetime.now()}
        )
        for records, name in (
            (self.recording, "user"),
            (hour, "admin"),
            (self.pbx, "admin"),
            (self.env["noojee.find.recordings"], "supervisor"),
        ):
            user = self.users[name]
            with self.subTest(records._name):
                self.assertTrue(Form(records.with_user(user)))
                views = [(False, "list"), (False, "search")]
                records.with_user(user).get_views(views)

    def beside_the_audio(self):
        """Rows that lead to the audio, each with the field that does."""
        return [
            (self.recording, "leg_ids"),
            (self.recording.call_id, "recording_ids"),
            (self.leg, "recording_id"),
            (self.leg, "sha256"),
        ]

    def test_no_other_model_holds_audio(self):
        binary = [
            (name, field)
            for name, model in self.env.registry.items()
            if name.startswith("noojee.") and not model._abstract
            for field in model._fields
            if model._fields[field].type in ("binary", "image")
        ]
        self.assertEqual(binary, [("noojee.recording.leg", "audio")])

    @mute_logger("odoo.http")
    def test_not_among_others_in_an_archive(self):
        for name, user in self.users.items():
            self.authenticate(user.login, PASSWORD)
            words = {
                "file_ids": str(self.attachment.id),
                "zip_name": "all.zip",
                "csrf_token": Request.csrf_token(self),
            }
            with self.subTest(name):
                self.assertFalse(self.url_open("/mail/attachment/zip", words).ok)

    def assert_no_audio(self, path):
        response = self.url_open(path)
        self.assertNotIn(b"RIFF", response.content)
        self.assertNotIn("audio", response.headers.get("Content-Type", ""))

    def test_no_address_serves_it(self):
        leg, attachment = self.leg.id, self.attachment.id
        paths = (
            f"/web/content/{attachment}",
            f"/web/content/{attachment}?download=1",
            f"/web/content/noojee.recording.leg/{leg}/audio",
            f"/web/content?model=noojee.recording.leg&id={leg}&field=audio",
            f"/web/content?model=ir.attachment&id={attachment}&field=raw",
            f"/web/content?model=ir.attachment&id={attachment}&field=datas",
            f"/web/image/{attachment}",
            f"/web/image/noojee.recording.leg/{leg}/audio",
            f"/web/image?model=noojee.recording.leg&id={leg}&field=audio",
            f"/web/image/ir.attachment/{attachment}/raw",
            f"/web/image/{attachment}-{self.attachment.checksum}",
            f"/web/content/{attachment}?access_token=1",
            f"/mail/attachment/pdf_first_page/{attachment}",
            *(
                f"/web/{kind}/{record._name}/{record.id}/{field}"
                for kind in ("content", "image")
                for record, field in self.beside_the_audio()
            ),
        )
        for name in (*self.users, None):
            if name:
                self.authenticate(self.users[name].login, PASSWORD)
            else:
                self.authenticate(None, None)
            for path in paths:
                with self.subTest(f"{name}: {path}"), mute_logger("odoo.http"):
                    self.assert_no_audio(path)
