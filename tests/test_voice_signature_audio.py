import hashlib

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .voice_signature_common import SignatureCommon


@tagged("post_install", "-at_install", "noojee")
class TestVoiceSignatureAudio(SignatureCommon):
    """The audio of a take: fetched later, digested, and gone one day."""

    def admin(self):
        return new_test_user(self.env, "keeper", "noojee.group_admin")

    def bytes_of(self, take):
        legs = take.sudo().recording_id.leg_ids.sorted(
            lambda leg: (leg.started_at, leg.number)
        )
        return b"".join(leg._attachment_sudo().raw for leg in legs)

    def test_digest_comes_with_the_audio(self):
        call = self.connect()
        take = self.signed(call)
        self.assertEqual((take.state, take.audio_state), ("signed", "pending"))
        self.assertFalse(take.audio_sha256)
        self.hang_up(call)
        self.fetch(take)
        self.assertEqual((take.state, take.audio_state), ("signed", "stored"))
        content = self.bytes_of(take)
        self.assertEqual(take.audio_sha256, hashlib.sha256(content).hexdigest())
        self.assertEqual(take.audio_size, len(content))

    def test_digest_of_several_parts(self):
        take = self.with_audio()
        leg = take.sudo().recording_id.leg_ids
        self.assertEqual(take.audio_sha256, leg.sha256)
        content = leg._attachment_sudo().raw
        more = leg.copy(
            {
                "number": leg.number + 1,
                "state": "stored",
                "sha256": hashlib.sha256(content + b"more").hexdigest(),
            }
        )
        more._attachment_sudo().raw = content + b"more"
        take.sudo().recording_id._derive_state()
        expected = hashlib.sha256(content + content + b"more").hexdigest()
        self.assertEqual(take.audio_sha256, expected)
        self.assertEqual(len(take.audio_parts), 2)

    def test_audio_that_never_comes(self):
        call = self.connect()
        take = self.signed(call)
        self.hang_up(call)
        recording = take.sudo().recording_id
        recording.write({"fetch_due_at": False, "reason": "The PBX has lost it."})
        recording.state = "failed"
        self.assertEqual((take.state, take.audio_state), ("incomplete", "missing"))
        self.assertEqual(take.reason, "The audio never came: The PBX has lost it.")
        self.assertFalse(self.order._noojee_is_signed())
        # an administrator tries again, and it is there
        recording.action_fetch()
        self.fetch(take)
        self.assertEqual((take.state, take.audio_state), ("signed", "stored"))
        self.assertFalse(take.reason)

    def test_audio_that_comes_after_the_order_was_changed(self):
        call = self.connect()
        take = self.signed(call)
        self.hang_up(call)
        recording = take.sudo().recording_id
        recording.write({"fetch_due_at": False, "reason": "It is lost."})
        recording.state = "failed"
        self.order.order_line.product_uom_qty = 2
        recording.action_fetch()
        self.fetch(take)
        self.assertEqual(take.state, "void")

    def test_failure_that_is_tried_again_is_none_yet(self):
        call = self.connect()
        take = self.signed(call)
        self.hang_up(call)
        recording = take.sudo().recording_id
        self.assertTrue(recording.fetch_due_at)
        recording.state = "failed"
        self.assertEqual((take.state, take.audio_state), ("signed", "pending"))

    def test_deleted_audio_leaves_the_digest(self):
        take = self.with_audio()
        digest = take.audio_sha256
        take.sudo().recording_id.with_user(self.admin()).action_purge()
        self.env.invalidate_all()
        self.assertEqual((take.state, take.audio_state), ("signed", "deleted"))
        self.assertEqual(take.audio_sha256, digest)

    def test_audio_that_is_deleted_before_it_came(self):
        call = self.connect()
        take = self.signed(call)
        self.hang_up(call)
        take.sudo().recording_id._purge("Its time was over.")
        self.assertEqual((take.state, take.audio_state), ("incomplete", "missing"))
        self.assertIn("was deleted", take.reason)

    def test_person_who_is_erased(self):
        take = self.with_audio()
        digests = take.audio_sha256, take.order_sha256
        admin = new_test_user(
            self.env, "eraser", "noojee.group_admin,base.group_partner_manager"
        )
        self.customer.with_user(admin).action_noojee_erase()
        self.env.invalidate_all()
        take = take.sudo()
        self.assertFalse(any(take.passage_ids.mapped("text")))
        self.assertFalse(take.order_content)
        self.assertEqual((take.audio_sha256, take.order_sha256), digests)
        self.assertEqual((take.state, take.audio_state), ("signed", "deleted"))
        self.assertTrue(take.signed_at)
        # a change is noticed all the same
        self.order.order_line.product_uom_qty = 2
        self.commit_checks()
        self.assertEqual((take.state, take.reason), ("void", "The order was changed."))

    def test_agent_plays_it(self):
        take = self.with_audio()
        action = take.action_play()
        self.assertEqual(action["tag"], "noojee.play_recording")
        self.assertEqual(action["params"]["id"], take.recording_id.id)

    @mute_logger("odoo.sql_db")
    def test_nothing_is_sent_without_the_digest(self):
        take = self.signed()
        with self.assertRaisesRegex(UserError, "not here yet"):
            take.action_send()
