from odoo.tests import Form, tagged
from odoo.tools import html2plaintext

from .voice_signature_common import SignatureCommon

REPORT = "noojee.action_report_voice_signature"


@tagged("post_install", "-at_install", "noojee")
class TestVoiceSignatureReport(SignatureCommon):
    """The evidence sheet, and how it comes to the customer."""

    def sheet(self, take):
        report = self.env["ir.actions.report"].with_user(self.anna)
        content, _kind = report._render_qweb_html(REPORT, take.ids)
        return html2plaintext(content.decode())

    def test_sheet_tells_all(self):
        take = self.with_audio()
        sheet = self.sheet(take)
        for words in (
            take.audio_sha256,
            take.order_sha256,
            take.order_content,
            self.order.name,
            "Priya Raman",
            "Anna Berg",
            "Agreement, version 1 · English",
            take.version_id.digest,
            "7010 9876",
            "On the line",
            "4,200.00",
            "minutes",
            "You order 1 × 12 kW solar roof",
            "Signed",
            "before it",
            "00:0",
        ):
            with self.subTest(words[:20]):
                self.assertIn(words, sheet)

    def test_sheet_in_a_language_that_nobody_speaks_any_more(self):
        french = self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        take = self.with_audio()
        self.customer.lang = "en_US"
        french.active = False
        sheet = self.sheet(take)
        self.assertIn("French", sheet)
        self.assertIn("4,200.00", sheet)

    def test_sheet_of_a_replaced_one(self):
        call = self.connect()
        first = self.signed(call)
        self.signed(call)
        self.assertIn(f"replaces it: {self.order.name}, take 2", self.sheet(first))

    def test_sheet_without_audio(self):
        self.assertIn("Audio still being fetched", self.sheet(self.signed()))

    def test_sheet_of_a_declined_one(self):
        take = self.start()
        self.answer(take, "Order", "no")
        self.do(take.stop)
        sheet = self.sheet(take)
        self.assertIn("Declined", sheet)
        self.assertIn("Answered no: Order", sheet)

    def test_button(self):
        action = self.with_audio().action_evidence()
        self.assertEqual(action["report_name"], "noojee.report_voice_signature")

    def test_mail_to_the_customer(self):
        take = self.with_audio()
        self.customer.email = "priya@example.com"
        action = take.action_send()
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.anna)
            .with_context(**action["context"])
        )
        self.assertEqual(composer.partner_ids[:], self.customer)
        self.assertIn(self.order.name, composer.subject)
        self.assertIn("Dear Priya Raman", html2plaintext(composer.body))
        [attachment] = composer.attachment_ids[:]
        content = html2plaintext(attachment.raw.decode())
        self.assertIn(take.audio_sha256, content)
        self.assertIn(take.order_sha256, content)
        composer.save()._action_send_mail()
        message = self.order.message_ids[0]
        self.assertEqual(message.partner_ids, self.customer)
        # the sheet, and not the audio
        [sent] = message.attachment_ids
        self.assertIn("Voice signature", sent.name)
        self.assertNotIn("audio", sent.mimetype)
