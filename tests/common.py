import contextlib
import secrets
import time
from urllib.parse import urlsplit

from odoo import SUPERUSER_ID, fields
from odoo.tests import TransactionCase, new_test_user
from odoo.tests.common import _super_send

from odoo.addons.noojee.client import EventBatch
from odoo.addons.noojee.models.poll import News, Poll

from ..simulator.remote import Process

# an id that the database refuses to keep
TOO_LONG_FOR_AN_INDEX = secrets.token_hex(9000)
API_KEY = "k3y-of the/tests"


class NoojeeCommon(TransactionCase):
    """A PBX with three desks, two of them taken, and the simulator behind it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulator = Process(API_KEY)
        cls.addClassCleanup(cls.simulator.stop)
        australia = cls.env.ref("base.au")
        cls.env.company.country_id = australia
        cls.pbx = cls.env["noojee.pbx"].create(
            {
                "name": "Test PBX",
                "base_url": cls.simulator.url,
                "new_api_key": API_KEY,
                "country_id": australia.id,
                "tz": "Australia/Melbourne",
            }
        )
        groups = "noojee.group_user,sales_team.group_sale_salesman_all_leads"
        groups += ",base.group_partner_manager"
        cls.anna = new_test_user(cls.env, "noojee_anna", groups, name="Anna Berg")
        cls.ben = new_test_user(cls.env, "noojee_ben", groups, name="Ben Osei")
        yealink = cls.env.ref("noojee.handset_profile_yealink")
        cls.desk_101, cls.desk_102, cls.desk_103 = cls.env["noojee.extension"].create(
            [
                {
                    "pbx_id": cls.pbx.id,
                    "number": number,
                    "user_id": user and user.id,
                    "profile_id": yealink.id,
                    "noojee_login": login,
                }
                for number, user, login in [
                    ("101", cls.anna, "anna"),
                    ("102", cls.ben, "ben"),
                    ("103", None, "reception"),
                ]
            ]
        )
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Priya Raman",
                "phone": "03 7010 9876",
                "country_id": australia.id,
            }
        )

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        # Odoo's own compares the time-out with a number, and ours is a pair
        if urlsplit(r.url).hostname == "127.0.0.1":
            return _super_send(s, r, **kw)
        return super()._request_handler(s, r, **kw)

    def setUp(self):
        super().setUp()
        self.simulator.control("reset")

    @contextlib.contextmanager
    def own_cursors(self):
        """Let code that opens cursors of its own see this test's records."""
        with self.enter_registry_test_mode():
            yield

    def listen_until(self, condition, seconds=15):
        """Follow the PBX as the listener does until something holds."""
        deadline = time.monotonic() + seconds

        def should_stop():
            self.env.invalidate_all()
            return condition() or time.monotonic() > deadline

        with self.own_cursors(), self.registry.cursor() as cr:
            env = self.env(cr=cr, user=SUPERUSER_ID)
            env["noojee.listener"]._listen(
                env["noojee.pbx"].browse(self.pbx.id), should_stop, 2
            )
        self.env.invalidate_all()
        self.assertTrue(condition(), "what was waited for did not happen")

    def today(self, user=None):
        """The user's day; the PBX's where he has no time zone."""
        zone = (user or self.anna).tz or self.pbx.tz
        return fields.Date.context_today(self.pbx.with_context(tz=zone))

    def call(self):
        """The newest call."""
        return self.env["noojee.call"].search([], limit=1)

    def connect(self, record=None):
        """A call between Anna and the customer, or whoever else a record is of."""
        self.action_call(record or self.customer)
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        return call

    def sweep(self, desks, *running, pbx=None, asked_at=None):
        """The PBX tells of events of all that runs at some desks."""
        poll = Poll(desks, 0, 0, asked_at or self.env.cr.now(), reads_state=True)
        news = News(poll, EventBatch(0, "", running), None)
        self.env["noojee.call"]._sweep(pbx or self.pbx, news)

    def run_commands(self):
        """What the job does where no listener process runs."""
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_run_commands").method_direct_trigger()
        self.env.invalidate_all()

    def action_call(self, record, user=None):
        with self.own_cursors():
            return record.with_user(user or self.anna).action_noojee_call()
