from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .command_common import CommandCommon

RENDER_LOGGER = "odoo.addons.mail.models.mail_render_mixin"
FETCH_LOGGER = "odoo.addons.noojee.models.noojee_recording_leg_fetch"


class SignatureCommon(CommandCommon):
    """Anna's order with a line, and a script of two passages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "12 kW solar roof", "list_price": 4200, "taxes_id": False}
        )
        cls.team = cls.env["crm.team"].create({"name": "Field sales"})
        cls.order.write(
            {
                "team_id": cls.team.id,
                "order_line": [Command.create({"product_id": cls.product.id})],
            }
        )
        cls.env["noojee.voice.script"].search([]).active = False
        cls.script = cls.env["noojee.voice.script"].create(
            {
                "name": "Agreement",
                "notice": "May I record this for {{ object.name }}?",
                "passage_ids": [
                    Command.create(
                        {
                            "title": "Order",
                            "body": "You order {{ object.noojee_spoken_lines }}.",
                        }
                    ),
                    Command.create(
                        {
                            "title": "Price",
                            "body": "It is {{ format_amount(object.amount_total, "
                            "object.currency_id) }}. Do you agree?",
                        }
                    ),
                ],
            }
        )
        cls.commit_checks(cls)

    def commit_checks(self):
        """What is compared when a transaction ends."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    @property
    def signatures(self):
        return self.env["noojee.voice.signature"].with_user(self.anna)

    def do(self, method, *args, **kwargs):
        with self.own_cursors():
            result = method(*args, **kwargs)
        self.env.invalidate_all()
        return result

    def assert_refused(self, words, method, *args, **kwargs):
        with self.own_cursors(), self.assertRaisesRegex(UserError, words):
            method(*args, **kwargs)
        self.env.invalidate_all()

    def dialog(self, order=None):
        return self.do(self.signatures.get_dialog, (order or self.order).id)

    def start_args(self, call, order=None):
        order = order or self.order
        told = self.dialog(order)
        version_id = told["scripts"][0]["version_id"]
        return order.id, version_id, call.id, told["order_sha256"]

    def start(self, call=None, order=None, **kwargs):
        """Begin a take.

        :return: it, as its agent sees it
        """
        call = call or self.connect()
        args = self.start_args(call, order)
        payload = self.do(self.signatures.start, *args, **kwargs)
        return self.signatures.browse(payload["id"])

    def later(self, take, seconds):
        """As if so much of the recording had passed."""
        take.sudo().recording_id.started_at -= timedelta(seconds=seconds)

    def answer(self, take, title, answer="yes"):
        passage = take.sudo().passage_ids.filtered(lambda p: p.title == title)
        self.do(take.answer, passage.id, answer)
        return passage

    def read_out(self, call=None, order=None):
        """A take with every passage answered yes, which is not stopped yet."""
        take = self.start(call, order)
        for passage in take.sudo().passage_ids.filtered(lambda p: not p.is_notice):
            self.do(take.answer, passage.id, "yes")
        return take

    def signed(self, call=None, order=None):
        """The same, stopped."""
        take = self.read_out(call, order)
        self.do(take.stop)
        self.assertEqual(take.state, "signed", take.reason)
        return take

    def fetch(self, take):
        """What the job does when it is due."""
        recording = take.sudo().recording_id
        recording.fetch_due_at = fields.Datetime.now() - timedelta(seconds=1)
        with self.own_cursors(), mute_logger(FETCH_LOGGER):
            self.env.ref("noojee.ir_cron_fetch_recordings").method_direct_trigger()
        self.env.invalidate_all()

    def with_audio(self):
        """The same, with its audio at home."""
        call = self.connect()
        take = self.signed(call)
        self.hang_up(call)
        self.fetch(take)
        self.assertEqual(take.audio_state, "stored")
        return take
