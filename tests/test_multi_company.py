import contextlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.client import CallEvent

from .common import API_KEY, NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestMultiCompany(NoojeeCommon):
    """Company A is the tests' own; B has a PBX with a desk 101 as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what demo data brings stays out of it
        (cls.env["noojee.pbx"].search([]) - cls.pbx).active = False
        cls.company_a = cls.env.company
        cls.company_b = cls.env["res.company"].create(
            {"name": "Company B", "country_id": cls.env.ref("base.au").id}
        )
        cls.pbx_b = cls.pbx.copy({"name": "PBX of B", "company_id": cls.company_b.id})
        cls.pbx_b.new_api_key = API_KEY
        cls.lena = cls.new_user("lena", "group_user", cls.company_b)
        cls.desk_b = cls.env["noojee.extension"].create(
            {"pbx_id": cls.pbx_b.id, "number": "101", "user_id": cls.lena.id}
        )

    @classmethod
    def new_user(cls, login, group, *companies):
        return new_test_user(
            cls.env,
            f"noojee_{login}",
            f"noojee.{group}",
            name=login.title(),
            company_id=companies[0].id,
            company_ids=[(6, 0, [company.id for company in companies])],
        )

    def ring(self, pbx, desk="101", unique_id="1.1", **fields):
        row = {"status": "Ringing", "callerId": "0370109876", "inbound": True}
        row |= {"uniqueCallId": unique_id, "canAnswer": True, **fields}
        event = CallEvent.from_wire(desk, row, "UTC")
        return self.env["noojee.call"]._ingest(pbx, [event], is_polled=True)

    def rows(self, record, user):
        """Those of a record's model that a user reads."""
        return self.env[record._name].with_user(user).search([])

    # === TWO COMPANIES === #

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_nothing_of_another_company_is_read(self):
        call = self.ring(self.pbx_b)
        command = self.env["noojee.command"].create(
            {
                "kind": "start_recording",
                "company_id": self.company_b.id,
                "pbx_id": self.pbx_b.id,
                "state": "failed",
            }
        )
        result = self.env["noojee.call.result"].create(
            {"name": "Sold", "company_id": self.company_b.id}
        )
        number = self.env["noojee.number"].create(
            {
                "number": "+61491570006",
                "record_ref": f"res.partner,{self.customer.id}",
                "company_id": self.company_b.id,
            }
        )
        missed = self.env["noojee.missed.call"].create(
            {
                "pbx_id": self.pbx_b.id,
                "company_id": self.company_b.id,
                "user_id": self.lena.id,
            }
        )
        records = [
            self.pbx_b,
            self.env["noojee.hour.list"]._of(self.pbx_b),
            result,
            number,
            missed,
            self.desk_b,
            self.env["noojee.sign.on"].search([("user_id", "=", self.lena.id)]),
            self.env["noojee.listener"]._subscriptions(self.pbx_b),
            self.pbx_b.circuit_ids,
            call,
            call.channel_ids,
            command,
        ]
        administrator = self.new_user("adam", "group_admin", self.company_a)
        of_b = self.new_user("berta", "group_admin", self.company_b)
        for record in records:
            for user in (self.anna, administrator):
                with self.subTest(record._name, user=user.name):
                    self.assertTrue(record)
                    if self.env[record._name].with_user(user).has_access("read"):
                        self.assertFalse(record & self.rows(record, user))
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["id", "create_date"])
            with self.subTest(record._name, user=of_b.name):
                self.assertEqual(record & self.rows(record, of_b), record)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_nobody_acts_in_another_company(self):
        call = self.ring(self.pbx_b)
        self.desk_b.desk = "shared"
        administrator = self.new_user("adam", "group_admin", self.company_a)
        extensions = self.env["noojee.extension"].with_user(administrator)
        refused = [
            lambda: call.with_user(self.anna).action_answer(),
            lambda: call.with_user(self.anna).action_hang_up(),
            lambda: call.with_user(administrator).action_open_record(),
            lambda: self.pbx_b.with_user(administrator).action_test_connection(),
            lambda: self.pbx_b.with_user(administrator).action_new_notice_token(),
            lambda: self.pbx_b.with_user(administrator).write({"name": "Mine"}),
            lambda: self.desk_b.with_user(administrator).start_test_ring(),
            lambda: self.desk_b.with_user(administrator).write({"user_id": False}),
            lambda: self.desk_b.with_user(administrator).action_open_sign_ons(),
            lambda: extensions.create({"pbx_id": self.pbx_b.id, "number": "120"}),
        ]
        for attempt in refused:
            with self.assertRaises(AccessError):
                attempt()
        for method in ("answer", "hangup", "dial", "checkState"):
            self.assertFalse(self.simulator.requests(method))

    def test_desk_of_another_company_is_not_signed_on_to(self):
        emil = self.new_user("emil", "group_user", self.company_a)
        self.desk_b.write({"desk": "shared", "user_id": False})
        self.assertFalse(self.env["noojee.extension"].with_user(emil).get_desks())
        with self.assertRaisesRegex(UserError, "not open to you"):
            self.desk_b.with_user(emil).sign_on(take_over=True)
        self.assertFalse(self.desk_b.user_id)

    def test_users_sit_and_are_allowed_in_their_companies_only(self):
        emil = self.new_user("emil", "group_user", self.company_a)
        with self.assertRaises(UserError):
            self.desk_b.user_id = emil
        with self.assertRaises(UserError):
            self.desk_b.write({"desk": "shared", "allowed_user_ids": emil.ids})

    def test_whoever_loses_the_company_leaves_the_desk(self):
        self.lena.write(
            {"company_ids": [(4, self.company_a.id)], "company_id": self.company_a.id}
        )
        self.assertEqual(self.desk_b.user_id, self.lena)
        self.lena.company_ids = [(3, self.company_b.id)]
        self.assertFalse(self.desk_b.user_id)

    def test_user_of_two_companies_dials_from_his_own_line(self):
        """Whichever company he looks at, the phone on his desk is the same."""
        self.lena.company_ids = [(4, self.company_a.id)]
        # a dead address: what is asked of the other PBX fails
        self.pbx.base_url = "http://127.0.0.1:1"
        calls = (
            self.env["noojee.call"]
            .with_user(self.lena)
            .with_context(allowed_company_ids=self.company_a.ids)
        )
        self.assertEqual(calls.get_phone_state()["line"]["pbx"], "PBX of B")
        with self.own_cursors():
            dialled = calls.dial("0370109876")
        call = self.env["noojee.call"].browse(dialled["id"])
        self.assertEqual(call.pbx_id, self.pbx_b)
        self.assertEqual(call.company_id, self.company_b)
        self.assertEqual(
            [running["id"] for running in calls.get_phone_state()["calls"]], call.ids
        )
        with self.own_cursors():
            calls.browse(call.id).action_hang_up()
        self.assertTrue(self.simulator.requests("hangup"))

    def test_user_of_two_companies_signs_on_in_both(self):
        emil = self.new_user("emil", "group_user", self.company_a, self.company_b)
        desk_a = self.desk_103
        (desk_a | self.desk_b).write({"desk": "shared", "user_id": False})
        extensions = (
            self.env["noojee.extension"]
            .with_user(emil)
            .with_context(allowed_company_ids=self.company_a.ids)
        )
        self.assertEqual(
            {desk["pbx"] for desk in extensions.get_desks()}, {"Test PBX", "PBX of B"}
        )
        extensions.browse(self.desk_b.id).sign_on()
        self.assertEqual(self.desk_b.user_id, emil)
        extensions.browse(desk_a.id).sign_on()
        self.assertEqual(desk_a.user_id, emil)
        self.assertFalse(self.desk_b.user_id)

    def test_supervisor_sees_his_team_in_his_companies_only(self):
        sven = self.new_user("sven", "group_supervisor", self.company_a)
        team = self.env["crm.team"].create(
            {
                "name": "Both",
                "company_id": False,
                "user_id": sven.id,
                "member_ids": [(4, self.anna.id), (4, self.lena.id)],
            }
        )
        annas, lenas = self.ring(self.pbx), self.ring(self.pbx_b)
        seen = self.rows(annas, sven)
        self.assertIn(annas, seen)
        self.assertNotIn(lenas, seen)
        self.assertIn(annas.channel_ids, self.rows(annas.channel_ids, sven))
        # members that have left do not count
        team.member_ids = [(3, self.anna.id)]
        self.env.flush_all()
        self.assertNotIn(annas, self.rows(annas, sven))

    # === SEVERAL PBXS === #

    def second_pbx(self):
        """Another PBX of company A, with Emil at its desk 101."""
        pbx = self.pbx.copy({"name": "Second PBX"})
        pbx.new_api_key = API_KEY
        emil = self.new_user("emil", "group_user", self.company_a)
        self.env["noojee.extension"].create(
            {"pbx_id": pbx.id, "number": "101", "user_id": emil.id}
        )
        return pbx, emil

    def test_equal_desks_of_two_pbxs_are_kept_apart(self):
        pbx, emil = self.second_pbx()
        annas = self.ring(self.pbx, isQueueCall=True)
        # the same desk number, caller and unique id on the other PBX
        emils = self.ring(pbx, isQueueCall=True)
        self.assertNotEqual(annas, emils)
        self.assertEqual(annas.channel_ids.user_id, self.anna)
        self.assertEqual(emils.channel_ids.user_id, emil)
        states = {
            user: self.env["noojee.call"].with_user(user).get_phone_state()["calls"]
            for user in (self.anna, emil)
        }
        self.assertEqual([call["id"] for call in states[self.anna]], annas.ids)
        self.assertEqual([call["id"] for call in states[emil]], emils.ids)
        # a state read of one PBX closes nothing of the other
        asked_at = emils.channel_ids.write_date
        self.sweep(["101"], pbx=pbx, asked_at=asked_at)
        self.assertEqual((annas.state, emils.state), ("ringing", "ended"))

    def test_extensions_of_another_pbx_are_outside_numbers(self):
        pbx, _emil = self.second_pbx()
        self.assertEqual(self.pbx._dial_form("102"), ("102", False))
        with self.assertRaises(UserError):
            pbx._dial_form("102")
        call = self.ring(pbx, callerId="102")
        self.assertEqual(call.direction, "inbound")
        self.assertFalse(call.partner_id)

    def test_dialling_goes_through_the_users_own_pbx(self):
        pbx, emil = self.second_pbx()
        # the stored key goes to no other host
        self.pbx.write({"base_url": "http://127.0.0.1:1", "new_api_key": API_KEY})
        with self.own_cursors():
            self.env["noojee.call"].with_user(emil).dial("0370109876")
            # not assertRaises: it would take back what the failure left behind
            with contextlib.suppress(UserError):
                self.env["noojee.call"].with_user(self.anna).dial("0370109876")
        self.assertEqual(len(self.simulator.requests("dial")), 1)
        # the one that does not answer takes nothing from the other
        self.env.invalidate_all()
        self.assertTrue(self.pbx.circuit_ids.failing_since)
        self.assertFalse(pbx.circuit_ids.failing_since)

    def test_listeners_of_two_pbxs_keep_their_own_numbers(self):
        pbx, _emil = self.second_pbx()
        listeners = self.env["noojee.listener"]
        both = listeners._subscriptions(self.pbx) | listeners._subscriptions(pbx)
        self.assertEqual(both.mapped("extensions"), ["101,102,103", "101"])
        both[0].sequence_number = "7"
        self.assertEqual(both.mapped("sequence_number"), ["7", "0"])

    def test_notice_token_of_one_pbx_opens_no_other(self):
        self.pbx.action_new_notice_token()
        token = self.pbx.action_new_notice_token()["context"]["default_token"]
        self.pbx_b.action_new_notice_token()
        self.assertTrue(self.pbx._accepts_token(token))
        self.assertFalse(self.pbx_b._accepts_token(token))

    # === SECRETS === #

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_no_group_reads_the_key_or_the_token(self):
        self.pbx.action_new_notice_token()
        administrator = self.new_user("adam", "group_admin", self.company_a)
        groups = "base.group_system,base.group_allow_export,noojee.group_admin"
        system = new_test_user(self.env, "noojee_system", groups)
        for user in (self.anna, administrator, system):
            for name in ("api_key", "notice_token_digest"):
                pbx = self.pbx.with_user(user)
                attempts = [
                    lambda p, n: p.read([n]),
                    lambda p, n: p.search([(n, "=like", "k%")]),
                    lambda p, n: p.search([], order=n),
                    lambda p, n: p.formatted_read_group([], [n]),
                    lambda p, n: p.mapped(n),
                    lambda p, n: p.extension_ids.search([(f"pbx_id.{n}", "!=", False)]),
                    lambda p, n: p.write({n: "mine"}),
                ]
                for number, attempt in enumerate(attempts):
                    with (
                        self.subTest(user=user.login, field=name, attempt=number),
                        self.assertRaises(AccessError),
                    ):
                        attempt(pbx, name)
        exported = self.pbx.with_user(system).export_data(["name", "new_api_key"])
        self.assertNotIn(API_KEY, str(exported))
        with self.assertRaises(AccessError):
            self.pbx.with_user(system).export_data(["api_key"])
        with self.assertRaises(AccessError):
            self.desk_101.with_user(system).export_data(["pbx_id/api_key"])
        read = self.pbx.with_user(system).read()[0]
        self.assertNotIn("api_key", read)
        self.assertFalse(read["new_api_key"])
        self.assertNotIn(API_KEY, str(read))
