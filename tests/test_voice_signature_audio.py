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
        # a sheet that was sent before tells the other one
        [note] = [note for note in self.notes() if "more of its audio" in note]
        self.assertIn(leg.sha256, note)
        self.assertIn(expected, note)

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
        # whoever took it is asked to call again
        [activity] = self.order.activity_ids
        self.assertEqual(activity.user_id, self.anna)
        self.assertEqual(activity.summary, "Take the voice signature")
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

    def test_person_for_whom_somebody_else_was_on_the_line(self):
        take = self.with_audio()
        other = self.env["res.partner"].create({"name": "Dev Raman"})
        take.sudo().call_id.write({"partner_id": other.id, "record_ref": False})
        self.customer.phone = False
        admin = new_test_user(
            self.env, "eraser", "noojee.group_admin,base.group_partner_manager"
        )
        self.customer.with_user(admin).action_noojee_erase()
        self.env.invalidate_all()
        take = take.sudo()
        self.assertFalse(any(take.passage_ids.mapped("text")) or take.order_content)
        self.assertEqual(take.audio_state, "deleted")
        self.assertEqual(take.call_id.partner_id, other)

    def test_agent_plays_it(self):
        take = self.with_audio()
        action = take.action_play()
        self.assertEqual(action["tag"], "noojee.play_recording")
        self.assertEqual(action["params"]["id"], take.recording_id.id)

    def test_verified(self):
        take = self.with_audio()
        self.assertEqual(take.action_verify()["params"]["type"], "success")
        leg = take.sudo().recording_id.leg_ids
        self.assertTrue(leg.verified_at)
        leg._attachment_sudo().raw = b"something else"
        told = take.action_verify()["params"]
        self.assertEqual(told["type"], "danger")
        self.assertIn("the audio", told["message"])

    def test_digest_that_was_altered_with_the_audio(self):
        take = self.with_audio()
        leg = take.sudo().recording_id.leg_ids
        leg._attachment_sudo().raw = b"something else"
        leg.sha256 = hashlib.sha256(b"something else").hexdigest()
        self.assertIn("the audio", take.action_verify()["params"]["message"])

    def test_text_that_was_altered(self):
        take = self.with_audio()
        self.env.cr.execute(
            "UPDATE noojee_voice_signature SET order_content = '{}' WHERE id = %s",
            [take.id],
        )
        self.env.invalidate_all()
        told = take.action_verify()["params"]
        self.assertEqual(told["message"], "Not as it was signed: the order's text.")

    def test_audio_in_which_the_answers_are_not(self):
        call = self.connect()
        take = self.start(call)
        self.answer(take, "Order")
        self.later(take, 300)
        self.answer(take, "Price")
        self.do(take.stop)
        self.hang_up(call)
        self.fetch(take)
        parts = take.audio_parts
        # where the PBX tells no length nothing is known
        take.sudo().audio_parts = [{**part, "seconds": 0} for part in parts]
        self.assertFalse(take.audio_doubt)
        take.sudo().audio_parts = [{**part, "seconds": 12} for part in parts]
        self.assertIn("lasts 12 seconds only", take.audio_doubt)
        take.sudo().audio_parts = [{**part, "seconds": 299} for part in parts]
        self.assertFalse(take.audio_doubt)

    @mute_logger("odoo.sql_db")
    def test_nothing_is_sent_without_the_digest(self):
        take = self.signed()
        with self.assertRaisesRegex(UserError, "not here yet"):
            take.action_send()

    def test_nothing_is_sent_of_what_is_void(self):
        take = self.with_audio()
        self.order.action_cancel()
        self.commit_checks()
        with self.assertRaisesRegex(UserError, "is not signed"):
            take.action_send()
