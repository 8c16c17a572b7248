import json

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.client import CallEvent

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestSignOn(NoojeeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what demo data brings stays out of it
        (cls.env["noojee.pbx"].search([]) - cls.pbx).active = False
        cls.dana, cls.emil = (
            new_test_user(
                cls.env, f"noojee_{name.lower()}", "noojee.group_user", name=name
            )
            for name in ("Dana", "Emil")
        )
        cls.desk_110, cls.desk_111 = cls.env["noojee.extension"].create(
            [
                {"pbx_id": cls.pbx.id, "number": number, "desk": "shared"}
                for number in ("110", "111")
            ]
        )

    def desks(self, user):
        return self.env["noojee.extension"].with_user(user).get_desks()

    def numbers(self, user):
        return [desk["number"] for desk in self.desks(user)]

    def sign_on(self, user, desk, **options):
        line = desk.with_user(user).sign_on(**options)
        self.env.flush_all()
        return line

    def sign_off(self, user):
        line = self.env["noojee.extension"].with_user(user).sign_off()
        self.env.flush_all()
        return line

    def rows(self, number):
        return self.env["noojee.sign.on"].search(
            [("pbx_id", "=", self.pbx.id), ("number", "=", number)]
        )

    def history(self, desk):
        rows = self.rows(desk.number)
        return [(row.user_id, bool(row.until)) for row in rows]

    def event(self, desk, status="Ringing", unique_id="1.1"):
        row = {"status": status, "callerId": "0370109876", "inbound": True}
        event = CallEvent.from_wire(
            desk.number, {**row, "uniqueCallId": unique_id}, "UTC"
        )
        return self.env["noojee.call"]._ingest(self.pbx, [event])

    # === WHICH DESKS === #

    def test_shared_desks_are_open_to_everybody_unless_users_are_named(self):
        self.assertEqual(self.numbers(self.dana), ["110", "111"])
        self.desk_110.allowed_user_ids = self.emil
        self.assertEqual(self.numbers(self.dana), ["111"])
        self.assertEqual(self.numbers(self.emil), ["110", "111"])

    def test_desk_of_an_archived_user_is_not_open_to_everybody(self):
        self.desk_110.allowed_user_ids = self.emil
        self.emil.active = False
        self.env.invalidate_all()
        self.assertEqual(self.numbers(self.dana), ["111"])

    def test_own_desk_and_free_ones_come_first(self):
        self.sign_on(self.emil, self.desk_110)
        self.assertEqual(
            self.desks(self.dana),
            [
                {
                    "id": self.desk_111.id,
                    "number": "111",
                    "pbx": "Test PBX",
                    "occupant": False,
                    "is_mine": False,
                },
                {
                    "id": self.desk_110.id,
                    "number": "110",
                    "pbx": "Test PBX",
                    "occupant": "Emil",
                    "is_mine": False,
                },
            ],
        )
        self.assertTrue(self.desks(self.emil)[0]["is_mine"])

    def test_archived_desks_are_not_offered(self):
        self.desk_110.active = False
        self.assertEqual(self.numbers(self.dana), ["111"])
        self.pbx.active = False
        self.assertFalse(self.numbers(self.dana))

    def test_user_with_a_fixed_desk_has_nothing_to_do(self):
        self.assertFalse(self.desks(self.anna))
        with self.assertRaisesRegex(UserError, "Desk 101 is always yours"):
            self.sign_on(self.anna, self.desk_110)
        with self.assertRaisesRegex(UserError, "Desk 101 is always yours"):
            self.sign_off(self.anna)
        self.assertFalse(self.desk_110.user_id)

    # === SIGNING ON AND OFF === #

    def test_signing_on_and_off(self):
        line = self.sign_on(self.dana, self.desk_110)
        self.assertEqual(
            line,
            {
                "number": "110",
                "pbx": "Test PBX",
                "is_fixed": False,
                "answers_by_itself": False,
            },
        )
        state = self.env["noojee.call"].with_user(self.dana).get_phone_state()
        self.assertEqual(state["line"], line)
        self.assertIs(self.sign_off(self.dana), False)
        state = self.env["noojee.call"].with_user(self.dana).get_phone_state()
        self.assertIs(state["line"], False)
        self.assertFalse(self.desk_110.user_id)

    def test_line_tells_whether_its_handset_answers_by_itself(self):
        state = self.env["noojee.call"].with_user(self.anna).get_phone_state()
        self.assertTrue(state["line"]["answers_by_itself"])
        self.assertTrue(state["line"]["is_fixed"])
        self.assertEqual(
            self.env["noojee.extension"].with_user(self.anna).get_desks(), []
        )

    def test_one_desk_at_a_time(self):
        self.sign_on(self.dana, self.desk_110)
        self.sign_on(self.dana, self.desk_111)
        self.assertFalse(self.desk_110.user_id)
        self.assertEqual(self.desk_111.user_id, self.dana)
        self.assertEqual(self.history(self.desk_110), [(self.dana, True)])
        self.assertEqual(self.history(self.desk_111), [(self.dana, False)])

    def test_signing_on_twice_changes_nothing(self):
        self.sign_on(self.dana, self.desk_110)
        self.sign_on(self.dana, self.desk_110)
        self.assertEqual(self.history(self.desk_110), [(self.dana, False)])

    def test_signing_off_twice_changes_nothing(self):
        self.sign_on(self.dana, self.desk_110)
        self.sign_off(self.dana)
        self.sign_off(self.dana)
        self.assertEqual(self.history(self.desk_110), [(self.dana, True)])

    def test_desks_that_are_not_open(self):
        self.desk_110.allowed_user_ids = self.emil
        for desk in (self.desk_110, self.desk_103, self.desk_102):
            with (
                self.subTest(desk.number),
                self.assertRaisesRegex(UserError, "not open to you"),
            ):
                self.sign_on(self.dana, desk, take_over=True)
        self.assertFalse(self.desk_110.user_id)
        self.assertEqual(self.desk_102.user_id, self.ben)

    def test_users_of_other_apps_do_not_sign_on(self):
        outsider = new_test_user(self.env, "outsider", "base.group_user")
        for attempt in (
            self.desk_110.with_user(outsider).sign_on,
            self.desk_110.with_user(outsider).sign_off,
            self.desk_110.with_user(outsider).get_desks,
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_taken_desk_is_taken_over_on_purpose_only(self):
        self.sign_on(self.emil, self.desk_110)
        with self.assertRaisesRegex(UserError, "Emil sits at desk 110"):
            self.sign_on(self.dana, self.desk_110)
        self.sign_on(self.dana, self.desk_110, take_over=True)
        self.assertEqual(self.desk_110.user_id, self.dana)
        self.assertEqual(
            self.history(self.desk_110), [(self.dana, False), (self.emil, True)]
        )

    # === WHILE A CALL RUNS === #

    def test_no_desk_is_taken_while_a_call_runs_there(self):
        self.sign_on(self.emil, self.desk_110)
        self.event(self.desk_110)
        with self.assertRaisesRegex(UserError, "A call runs at desk 110"):
            self.sign_on(self.dana, self.desk_110, take_over=True)
        self.event(self.desk_110, "Hungup")
        self.sign_on(self.dana, self.desk_110, take_over=True)
        self.assertEqual(self.desk_110.user_id, self.dana)

    def test_own_desk_is_not_left_while_a_call_runs_there(self):
        self.sign_on(self.dana, self.desk_110)
        self.event(self.desk_110, "Connected")
        with self.assertRaisesRegex(UserError, "Hang up first"):
            self.sign_on(self.dana, self.desk_111)
        with self.assertRaisesRegex(UserError, "Hang up first"):
            self.sign_off(self.dana)
        self.event(self.desk_110, "Hungup")
        self.sign_off(self.dana)
        self.assertFalse(self.desk_110.user_id)

    def test_own_desk_is_not_left_while_it_dials(self):
        self.sign_on(self.dana, self.desk_110)
        with self.own_cursors():
            self.env["noojee.call"].with_user(self.dana)._dial("0370109876")
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "Hang up first"):
            self.sign_off(self.dana)

    def test_calls_belong_to_who_sat_there(self):
        self.sign_on(self.dana, self.desk_110)
        self.event(self.desk_110, unique_id="1.1")
        self.event(self.desk_110, "Hungup", unique_id="1.1")
        self.sign_off(self.dana)
        self.sign_on(self.emil, self.desk_110)
        emils = self.event(self.desk_110, unique_id="1.2")
        danas = self.env["noojee.call"].search([("user_id", "=", self.dana.id)])
        self.assertEqual(len(danas), 1)
        self.assertEqual(emils.channel_ids.user_id, self.emil)

    # === WHO SAT WHERE === #

    def test_changes_of_administrators_are_kept(self):
        self.assertEqual(self.history(self.desk_102), [(self.ben, False)])
        self.desk_102.user_id = self.dana
        self.assertEqual(
            self.history(self.desk_102), [(self.dana, False), (self.ben, True)]
        )
        self.desk_102.active = False
        self.assertEqual(self.history(self.desk_102)[0], (self.dana, True))
        self.desk_102.active = True
        self.assertEqual(self.history(self.desk_102)[0], (self.dana, False))
        self.desk_102.unlink()
        rows = self.rows("102")
        self.assertEqual(len(rows), 3)
        self.assertTrue(all(rows.mapped("until")))

    def test_imports_are_kept(self):
        result = self.env["noojee.extension"].load(
            ["pbx_id", "number", "user_id"], [["Test PBX", "120", "Dana"]]
        )
        self.assertFalse(result["messages"])
        [(user, is_over)] = self.history(
            self.env["noojee.extension"].browse(result["ids"])
        )
        self.assertEqual((user, is_over), (self.dana, False))

    def test_whoever_is_archived_leaves_the_desk(self):
        self.sign_on(self.dana, self.desk_110)
        self.dana.active = False
        self.assertFalse(self.desk_110.user_id)
        self.assertEqual(self.history(self.desk_110), [(self.dana, True)])

    @mute_logger("odoo.sql_db")
    def test_one_open_row_for_a_desk_and_for_a_user(self):
        row = self.env["noojee.sign.on"].search([("user_id", "=", self.ben.id)])
        others = [{"extension_id": self.desk_103.id}, {"user_id": self.dana.id}]
        for other in others:
            with self.subTest(other), self.assertRaises(IntegrityError):
                row.copy({"until": False, **other})

    def test_supervisor_reads_those_of_his_teams(self):
        supervisor = new_test_user(
            self.env, "noojee_supervisor", "noojee.group_supervisor"
        )
        rows = self.env["noojee.sign.on"].with_user(supervisor)
        self.assertFalse(rows.search([]))
        team = self.env["crm.team"].create(
            {
                "name": "Desk 102",
                "user_id": supervisor.id,
                "member_ids": [(4, self.ben.id)],
            }
        )
        self.assertEqual(rows.search([]).user_id, self.ben)
        # present members only
        team.member_ids = False
        self.env.flush_all()
        self.assertFalse(rows.search([]))

    def test_users_neither_read_nor_write_the_history(self):
        row = self.env["noojee.sign.on"].search([("user_id", "=", self.anna.id)])
        supervisor = new_test_user(
            self.env, "noojee_supervisor", "noojee.group_supervisor"
        )
        administrator = new_test_user(self.env, "noojee_adm", "noojee.group_admin")
        with self.assertRaises(AccessError):
            row.with_user(self.anna).read(["until"])
        self.assertTrue(row.with_user(administrator).read(["since"]))
        for user in (self.anna, supervisor, administrator):
            for attempt in (
                lambda own: own.write({"until": False}),
                lambda own: own.unlink(),
                lambda own: own.copy(),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    attempt(row.with_user(user))

    def test_administrator_opens_the_history_of_a_desk(self):
        administrator = new_test_user(self.env, "noojee_adm", "noojee.group_admin")
        action = self.desk_102.with_user(administrator).action_open_sign_ons()
        rows = self.env[action["res_model"]].with_user(administrator)
        self.assertEqual(rows.search(action["domain"]).user_id, self.ben)

    # === THE BUS === #

    def told(self, change):
        """What users are told of their lines when something changes."""
        self.env["bus.bus"].sudo().search([]).unlink()
        change()
        self.env.flush_all()
        self.env.cr.precommit.run()
        told = {}
        for row in self.env["bus.bus"].sudo().search([], order="id"):
            message = json.loads(row.message)
            if message["type"] == "noojee.phone/line":
                told[json.loads(row.channel)[-1]] = message["payload"]
        users = self.dana | self.emil | self.ben
        return {
            user.name: told[user.partner_id.id]
            for user in users
            if user.partner_id.id in told
        }

    def test_both_users_are_told(self):
        self.sign_on(self.emil, self.desk_110)
        told = self.told(lambda: self.sign_on(self.dana, self.desk_110, take_over=True))
        self.assertEqual(told["Dana"]["number"], "110")
        self.assertIs(told["Emil"], False)
        told = self.told(lambda: self.sign_off(self.dana))
        self.assertEqual(told, {"Dana": False})

    def test_users_are_told_of_an_administrators_change(self):
        def move():
            self.desk_102.user_id = self.dana

        told = self.told(move)
        self.assertEqual(told["Dana"]["number"], "102")
        self.assertIs(told["Ben Osei"], False)
        told = self.told(self.desk_102.unlink)
        self.assertEqual(told, {"Dana": False})
