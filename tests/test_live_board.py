from datetime import timedelta
from unittest.mock import MagicMock, patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.models import noojee_missed_follow
from odoo.addons.noojee.models.noojee_live_board import CHANNEL

from .call_common import NUMBER
from .missed_common import STRANGER, MissedCommon


@tagged("post_install", "-at_install", "noojee")
class TestLiveBoard(MissedCommon):
    """What a supervisor sees of the desks of his teams."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what demo data brings stays out of it
        (cls.env["noojee.pbx"].search([]) - cls.pbx).active = False

    def board(self, user=None):
        return self.env["noojee.live.board"].with_user(user or self.chloe).get_board()

    def desk(self, number, user=None):
        desks = self.board(user)["desks"]
        return next(desk for desk in desks if desk["number"] == number)

    def channels(self, user, name):
        # as the websocket's worker asks for a browser
        session = MagicMock()
        session.session.uid = user.id
        websocket = self.env["ir.websocket"].with_user(user)
        with patch("odoo.addons.bus.models.ir_websocket.wsrequest", new=session):
            return websocket._build_bus_channel_list([name])

    # === WHOSE DESKS === #

    def test_desks_of_the_teams_led(self):
        numbers = [desk["number"] for desk in self.board()["desks"]]
        self.assertEqual(numbers, ["101", "102"])
        numbers = [desk["number"] for desk in self.board(self.admin)["desks"]]
        self.assertEqual(numbers, ["101", "102", "103"])
        self.team.user_id = self.dana
        self.assertFalse(self.board()["desks"])

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_users_have_no_board(self):
        with self.assertRaises(AccessError):
            self.board(self.anna)

    def test_who_sits_nowhere_is_told_apart(self):
        self.desk_102.user_id = False
        board = self.board()
        self.assertEqual([desk["number"] for desk in board["desks"]], ["101"])
        self.assertEqual(
            [other["user"]["name"] for other in board["others"]], ["Ben Osei"]
        )

    def test_archived_team_is_led_by_nobody(self):
        self.inbound("Ringing")
        call = self.call().with_user(self.chloe)
        self.assertTrue(call.has_access("read"))
        self.team.active = False
        self.assertFalse(self.board()["desks"])
        self.assertFalse(call.has_access("read"))

    def test_call_of_before_somebody_sat_there(self):
        """That the desk is busy is to be seen, not with whom."""
        self.inbound("Ringing", "Connected", desks=("103",), caller=STRANGER)
        self.desk_101.user_id = False
        self.desk_103.user_id = self.anna
        [call] = self.desk("103")["calls"]
        self.assertEqual((call["state"], call["is_hidden"]), ("connected", True))
        told = {name: call[name] for name in ("number", "name", "company", "record")}
        self.assertFalse(any(told.values()))
        [call] = self.desk("103", self.admin)["calls"]
        self.assertFalse(call["is_hidden"])
        self.assertTrue(call["number"])

    def test_call_that_is_told_of_under_two_ids(self):
        """By the listener and by a notice: it is one row, and its words count once."""
        first, second = next(self.serial), next(self.serial)
        told = {
            "callerId": STRANGER,
            "inbound": True,
            "secondaryUniqueCallId": f"{first}.0",
        }
        for unique_id in (first, second):
            rows = [("101", status, told) for status in ("Ringing", "Connected")]
            self.events(unique_id, *rows)
        call = self.call()
        self.assertEqual(len(call.channel_ids), 2)
        [row] = self.desk("101")["calls"]
        self.assertEqual((row["id"], row["state"]), (call.id, "connected"))
        for channel in call.channel_ids:
            channel.answered_at -= timedelta(seconds=60)
        for unique_id in (first, second):
            self.events(unique_id, ("101", "Hungup", told))
        seconds = self.board()["totals"]["talk_seconds"]
        self.assertAlmostEqual(seconds, 60, delta=5)

    def test_who_left_the_team_is_gone(self):
        self.ben.crm_team_member_ids.active = False
        self.assertEqual([d["number"] for d in self.board()["desks"]], ["101"])

    def test_other_companies_desks(self):
        other = self.env["res.company"].create({"name": "B"})
        self.admin.write({"company_ids": [(4, other.id)]})
        board = self.env["noojee.live.board"].with_user(self.admin)
        self.assertFalse(
            board.with_context(allowed_company_ids=other.ids).get_board()["desks"]
        )

    # === WHAT HAPPENS THERE === #

    def test_from_ringing_to_the_end(self):
        unique_id = next(self.serial)
        self.assertFalse(self.desk("101")["calls"])
        self.inbound("Ringing", unique_id=unique_id)
        [call] = self.desk("101")["calls"]
        self.assertEqual(
            (call["state"], call["is_called"], call["name"], call["number"]),
            ("ringing", True, "Priya Raman", "(03) 7010 9876"),
        )
        self.assertEqual(
            call["record"], {"model": "res.partner", "id": self.customer.id}
        )
        self.inbound("Connected", unique_id=unique_id)
        [call] = self.desk("101")["calls"]
        self.assertEqual(call["state"], "connected")
        self.assertTrue(call["since"])
        self.assertFalse(call["is_recorded"])
        self.call()._recording_started("S1")
        [call] = self.desk("101")["calls"]
        self.assertTrue(call["is_recorded"])
        self.inbound("Hungup", unique_id=unique_id)
        self.assertFalse(self.desk("101")["calls"])
        self.assertEqual(self.desk("101")["counts"]["answered"], 1)

    def test_dial_before_its_channel_is_told(self):
        self.action_call(self.customer)
        [call] = self.desk("101")["calls"]
        self.assertEqual((call["state"], call["name"]), ("dialing", "Priya Raman"))

    def test_colleagues_are_named(self):
        row = {"inbound": False, "outboundDestination": "102", "callerId": "101"}
        other = {"inbound": True, "callerId": "101"}
        self.events(8, ("101", "Dialing Out", row), ("102", "Ringing", other))
        self.assertEqual(self.desk("101")["calls"][0]["name"], "Ben Osei")
        self.assertEqual(self.desk("102")["calls"][0]["name"], "Anna Berg")

    def test_customer_who_may_not_be_read_stays_a_number(self):
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.customer.id})]",
            }
        )
        self.inbound("Ringing")
        [call] = self.desk("101")["calls"]
        self.assertEqual(
            (call["name"], call["company"], call["record"]), ("", "", False)
        )
        self.assertEqual(call["number"], "(03) 7010 9876")

    def test_pbx_that_nobody_listens_to(self):
        [pbx] = self.board()["pbxs"]
        self.assertEqual((pbx["is_listening"], pbx["away"]), (False, False))
        self.env["noojee.listener"]._subscriptions(
            self.pbx
        ).seen_at = fields.Datetime.now()
        [pbx] = self.board()["pbxs"]
        self.assertTrue(pbx["is_listening"])
        self.pbx.sudo().circuit_ids.write(
            {
                "failing_since": fields.Datetime.now(),
                "retry_at": fields.Datetime.now(),
                "reason": "No route",
            }
        )
        [pbx] = self.board()["pbxs"]
        self.assertEqual(pbx["away"]["reason"], "No route")

    # === TODAY === #

    def test_counts_of_today(self):
        self.inbound("Ringing", "Connected", "Hungup")
        self.missed(desks=("101", "102"), caller=STRANGER)
        self.talked()
        self.call().channel_ids.write(
            {
                "answered_at": fields.Datetime.now() - timedelta(seconds=90),
                "ended_at": fields.Datetime.now(),
            }
        )
        yesterday = self.talked()
        yesterday.channel_ids.started_at = fields.Datetime.now() - timedelta(days=1)
        row = {"callerId": "102", "inbound": True}
        self.events(9, ("101", "Ringing", row), ("101", "Hungup", row))
        board = self.board()
        counts = {d["number"]: d["counts"] for d in board["desks"]}
        self.assertEqual(
            counts["101"],
            {"answered": 1, "missed": 1, "outbound": 1, "talk_seconds": 90},
        )
        self.assertEqual(counts["102"]["missed"], 1)
        # one call that two desks missed
        self.assertEqual(board["totals"]["missed"], 1)
        self.assertEqual(board["totals"]["talk_seconds"], 90)

    def test_customer_who_was_passed_on_counts_for_both(self):
        """The next desk may be told the colleague's number."""
        call = self.inbound("Ringing", "Connected", unique_id=9)
        self.inbound("Hungup", unique_id=9)
        row = {"callerId": "101", "inbound": True, "secondaryUniqueCallId": "9.0"}
        self.events(10, *(("102", s, row) for s in ("Ringing", "Connected", "Hungup")))
        self.assertEqual(len(call.channel_ids), 2)
        for desk in ("101", "102"):
            self.assertEqual(self.desk(desk)["counts"]["answered"], 1)

    def test_word_with_the_colleague_is_no_attempt(self):
        self.inbound("Ringing", "Connected", unique_id=9)
        row = {
            "callerId": "101",
            "inbound": False,
            "outboundDestination": "102",
            "secondaryUniqueCallId": "9.0",
        }
        for status in ("Dialing Out", "Connected", "Hungup"):
            self.events(10, ("101", status, row))
        self.inbound("Hungup", unique_id=9)
        self.assertEqual(len(self.call().channel_ids), 2)
        self.assertEqual(self.desk("101")["counts"]["outbound"], 0)

    def test_click_that_was_hung_up_at_the_own_desk_is_no_attempt(self):
        row = {"isClickToDialCall": True, "inbound": False}
        self.events(9, ("101", "Ringing", row), ("101", "Hungup", row))
        board = self.board()
        self.assertEqual(board["totals"]["outbound"], 0)
        self.assertEqual(self.desk("101")["counts"]["outbound"], 0)

    def test_counts_go_with_the_user(self):
        self.missed(desks=("101",))
        self.desk_101.user_id = False
        self.desk_103.user_id = self.anna
        self.missed(desks=("103",))
        self.assertEqual(self.desk("103")["counts"]["missed"], 2)

    def test_desk_of_nobody_counts_for_itself(self):
        self.missed(desks=("103",))
        self.assertEqual(self.desk("103", self.admin)["counts"]["missed"], 1)

    # === CHANGES === #

    def test_only_supervisors_are_told(self):
        company = self.env.company
        for name in (CHANNEL, noojee_missed_follow.CHANNEL):
            self.assertIn((company, name), self.channels(self.chloe, name))
            for user in (self.anna, self.env.ref("base.public_user")):
                channels = self.channels(user, name)
                self.assertNotIn((company, name), channels)
                self.assertNotIn(name, channels)

    def news(self):
        self.env.cr.precommit.run()
        return self.env["bus.bus"].search(
            [("message", "like", '"noojee.live_board/changed"')]
        )

    def test_one_message_for_a_batch_that_names_nobody(self):
        before = self.news()
        self.missed(desks=("101", "102"))
        [message] = self.news() - before
        desks = (self.desk_101 | self.desk_102).ids
        self.assertIn(f'"desks":{desks}'.replace(" ", ""), message.message)
        self.assertNotIn("Priya", message.message)

    def test_who_signs_on_or_off_is_told(self):
        before = self.news()
        self.desk_102.user_id = False
        self.assertTrue(self.news() - before)

    # === COST === #

    def test_queries_do_not_grow_with_the_desks(self):
        users = self.env["res.users"].create(
            [{"name": f"U{i}", "login": f"noojee_u{i}"} for i in range(20)]
        )
        self.inbound("Ringing", desks=("101", "102"))
        self.board()
        few = self.queries()
        self.team.member_ids |= users
        self.env["noojee.extension"].create(
            [
                {"pbx_id": self.pbx.id, "number": f"2{i:02}", "user_id": user.id}
                for i, user in enumerate(users)
            ]
        )
        desks = tuple(f"2{i:02}" for i in range(20))
        self.inbound("Ringing", desks=desks, caller=STRANGER)
        for desk in desks:
            self.inbound("Ringing", "Connected", desks=(desk,), caller=NUMBER)
        self.assertLessEqual(self.queries(), few + 3)

    def queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.board()
        return self.env.cr.sql_log_count - before
