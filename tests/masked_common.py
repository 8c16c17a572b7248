import json
import re

from odoo import fields

from .call_common import NUMBER
from .missed_common import STRANGER, MissedCommon

MASKED = "0491 ••• •44"
# parts of the numbers that nobody without the group may find anywhere
SECRETS = ("915776", "577644", "701098", "109876")


class MaskedCommon(MissedCommon):
    """Anna and Ben have the phone, and see no number whole; Chloe leads them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # may save lists as files
        cls.anna.group_ids |= cls.env.ref("base.group_allow_export")
        # the demo data know another Priya
        cls.customer.name = "Yolanda Raman"
        cls.team.noojee_blacklist_policy = "warn"
        cls.order = cls.env["sale.order"].create({"partner_id": cls.customer.id})

    def setUp(self):
        super().setUp()
        self.all_see_numbers(False)

    def all_see_numbers(self, value, env=None):
        settings = (env or self.env)["res.config.settings"].create({})
        settings.group_noojee_see_numbers = value
        settings.execute()
        self.env.invalidate_all()

    def happen(self):
        """Calls of each kind at Anna's desk, one of them recorded."""
        self.missed_queue()
        self.missed(caller=STRANGER)
        talked = self.talked(number=STRANGER)
        talked.with_user(self.anna).this_is_the_caller("sale.order", self.order.id)
        recorded = self.outbound("Dialing Out", "Connected", unique_id=41)
        recorded._recording_started(False, self.order)
        self.outbound("Hungup", unique_id=41)
        self.env["noojee.recording.leg"].create(
            {
                "recording_id": recorded.recording_ids.id,
                "pbx_id": self.pbx.id,
                "unique_id": "41.101",
                "call_record_id": "70041",
                "number": 1,
                "source": "101",
                "destination": NUMBER,
                "did": STRANGER,
                "started_at": fields.Datetime.now(),
                "duration": 12,
                "state": "stored",
            }
        )
        self.outbound("Ringing", "Hungup", number="102")
        return talked

    def assert_secret(self, what, name=""):
        text = what if isinstance(what, str) else json.dumps(what, default=str)
        text = re.sub(r"[\s().+\-\u2010-\u2015]", "", text)
        for secret in SECRETS:
            self.assertNotIn(secret, text, name)

    def phone(self, user=None):
        return self.env["noojee.call"].with_user(user or self.anna)
