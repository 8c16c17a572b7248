import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.client import CallEvent

from .call_common import NUMBER, CallCommon

EARLIER, LATER = "2026-03-02 03:00:00", "2026-03-02 03:12:00"
ODD_TERMS = [
    "",
    " ",
    "%",
    "_",
    "\\",
    "' OR 1=1 --",
    "<b>",
    "😀😀",
    "+",
    "9" * 40,
    "\x00",
]


@tagged("post_install", "-at_install", "noojee")
class TestPanel(CallCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.partner"].create(
            {"name": "Coastal Solar Pty Ltd", "is_company": True}
        )
        # the demo data know another Priya
        cls.customer.write({"name": "Yolanda Raman", "parent_id": cls.company.id})
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Zebra roof",
                "contact_name": "Li Wei",
                "phone": "0491 570 156",
                "user_id": cls.anna.id,
            }
        )
        cls.order = cls.env["sale.order"].create(
            {"partner_id": cls.customer.id, "name": "SO-ZEBRA-42"}
        )

    def parties(self, term, user=None):
        return self.env["noojee.call"].with_user(user or self.anna).search_parties(term)

    def records(self, term, call, user=None):
        calls = self.env["noojee.call"].with_user(user or self.anna)
        return calls.search_records(term, call.id)

    def state(self, user=None):
        return self.env["noojee.call"].with_user(user or self.anna).get_phone_state()

    # === PARTIES === #

    def test_parties_by_name(self):
        self.assertEqual(
            self.parties("yolanda ram"),
            [
                {
                    "model": "res.partner",
                    "id": self.customer.id,
                    "name": "Yolanda Raman",
                    "subtitle": "Coastal Solar Pty Ltd",
                    "number": "(03) 7010 9876",
                    "avatar": f"/web/image/res.partner/{self.customer.id}/avatar_128",
                    "is_wrong_number": False,
                }
            ],
        )

    def test_leads_and_orders(self):
        found = {row["model"]: row for row in self.parties("zebra")}
        self.assertEqual(
            (found["crm.lead"]["name"], found["crm.lead"]["number"]),
            ("Li Wei", "0491 570 156"),
        )
        self.assertEqual(
            (found["sale.order"]["name"], found["sale.order"]["number"]),
            ("Yolanda Raman", "(03) 7010 9876"),
        )
        self.assertEqual(found["sale.order"]["subtitle"], "SO-ZEBRA-42")

    def test_parties_by_number_in_any_form(self):
        for term in (
            "03 7010 98",
            "(03) 7010 9876",
            "0370109876",
            "+61 3 7010",
            "61370109876",
            "0011 61 3 7010 98",
        ):
            with self.subTest(term):
                names = [row["name"] for row in self.parties(term)]
                self.assertIn("Yolanda Raman", names)
                self.assertNotIn("Li Wei", names)
        self.assertEqual([r["name"] for r in self.parties("0491570156")][-1], "Li Wei")

    def test_parties_by_number_as_it_was_copied(self):
        for term in (
            "03–7010–9876",
            "03\u20117010\u20119876",
            "\u202a+61 3 7010 9876\u202c",
            "tel:+61-3-7010-9876",
            "tel:+61370109876;ext=12",
            "03 7010 9876 ext. 12",
            "03 7010 9876 x12",
            "０３７０１０９８７６",
            "٠٣ ٧٠١٠ ٩٨٧٦",
            "📞 03 7010 9876",
            "☎️ (03) 7010 9876",
        ):
            with self.subTest(term):
                self.assertEqual(self.parties(term)[0]["name"], "Yolanda Raman")

    def test_part_of_a_number_that_ends_in_nines(self):
        self.customer.phone = "03 9999 9999"
        for term in ("03 9999", "+613999999", "0399999999"):
            with self.subTest(term):
                self.assertEqual(self.parties(term)[0]["name"], "Yolanda Raman")
        self.assertFalse(self.parties("03 9999 9998"))

    def test_colleague_by_extension(self):
        [row] = self.parties("102")[:1]
        self.assertEqual((row["name"], row["number"]), ("Ben Osei", "102"))

    def test_numbers_are_read_by_the_pbx_of_the_users_line(self):
        germany = self.env.ref("base.de")
        berlin = self.env["noojee.pbx"].create(
            {
                "name": "Berlin",
                "sequence": 99,
                "base_url": "https://berlin.example.com",
                "country_id": germany.id,
                "international_prefix": "00",
                "tz": "Europe/Berlin",
            }
        )
        client = self.env["res.partner"].create(
            {"name": "Frau Klein", "phone": "030 901820", "country_id": germany.id}
        )
        self.desk_102.user_id = False
        self.env["noojee.extension"].create(
            {"pbx_id": berlin.id, "number": "20", "user_id": self.ben.id}
        )
        [row] = self.parties("030 9018", self.ben)
        self.assertEqual((row["id"], row["number"]), (client.id, "030 901820"))
        self.assertFalse(self.parties("030 9018"))
        [row] = self.parties("0011 49 30 9018")
        self.assertEqual(row["number"], "+49 30 901820")

    def test_with_a_number_first(self):
        self.env["res.partner"].create(
            [{"name": "Quokka A"}, {"name": "Quokka B", "phone": "0491 570 157"}]
        )
        rows = self.parties("quokka")
        self.assertEqual(
            [(row["name"], row["number"]) for row in rows],
            [("Quokka B", "0491 570 157"), ("Quokka A", "")],
        )

    def test_wrong_numbers_are_told(self):
        self.customer.noojee_wrong_number = self.customer.phone_sanitized
        self.assertTrue(self.parties("yolanda ram")[0]["is_wrong_number"])

    def test_odd_terms(self):
        for term in [*ODD_TERMS, None, 42]:
            with self.subTest(term=term):
                self.assertLessEqual(len(self.parties(term)), 8)

    def test_rights_are_respected(self):
        self.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": [("id", "!=", self.customer.id)],
            }
        )
        self.assertFalse(self.parties("yolanda ram"))
        # a user of the phone need be neither CRM's nor Sales'
        plain = new_test_user(self.env, "noojee_plain", "noojee.group_user")
        self.assertFalse(self.parties("zebra", plain))

    # === RECORDS === #

    def test_records_of_the_customer_first(self):
        other = self.env["crm.lead"].create({"name": "Zebra of somebody else"})
        own = self.env["crm.lead"].create(
            {"name": "Zebra shed", "partner_id": self.customer.id}
        )
        won = self.env["crm.lead"].create(
            {
                "name": "Zebra won",
                "partner_id": self.customer.id,
                "stage_id": self.env.ref("crm.stage_lead4").id,
            }
        )
        call = self.talked()
        rows = self.records("", call)
        found = {(row["model"], row["id"]) for row in rows}
        self.assertIn(("sale.order", self.order.id), found)
        self.assertIn(("crm.lead", own.id), found)
        self.assertIn(("res.partner", self.company.id), found)
        self.assertNotIn(("crm.lead", other.id), found)
        self.assertNotIn(("crm.lead", won.id), found)
        rows = self.records("zebra", call)
        ids = [(row["model"], row["id"]) for row in rows]
        last_own = max(ids.index(("crm.lead", own.id)), ids.index(("crm.lead", won.id)))
        self.assertLess(last_own, ids.index(("crm.lead", other.id)))

    def test_records_without_a_customer(self):
        call = self.missed(caller="0491570999")
        self.assertFalse(self.records("", call))
        self.assertTrue(self.records("zebra", call))

    def test_records_with_odd_terms(self):
        call = self.talked()
        for term in [*ODD_TERMS, None]:
            with self.subTest(term=term):
                self.assertLessEqual(len(self.records(term, call)), 8)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_records_of_a_colleagues_call(self):
        call = self.talked(desk="102")
        with self.assertRaises(AccessError):
            self.records("", call)

    # === BUS === #

    def test_each_user_is_told_in_his_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.anna.lang, self.ben.lang = "fr_FR", "en_US"
        result = self.result("no_answer")
        result.with_context(lang="fr_FR").name = "Pas de réponse"
        call = self.talked()
        call.with_user(self.anna).wrap_up(result.id)
        call.user_id = self.ben
        call.with_context(lang="de_DE")._notify()
        for user, name in ((self.anna, "Pas de réponse"), (self.ben, "No answer")):
            with self.subTest(user.name):
                told = self.bus_messages(user, "noojee.call/updated")
                newest = json.loads(told.sorted("id")[-1].message)
                self.assertEqual(newest["payload"]["result"]["name"], name)

    # === STATE === #

    def test_number_to_dial_back_is_the_same_everywhere(self):
        germany = self.env.ref("base.de")
        client = self.env["res.partner"].create(
            {"name": "Frau Klein", "phone": "030 901820", "country_id": germany.id}
        )
        for written in ("004930901820", "+4930901820"):
            self.missed(caller=written)
            [missed, *_others] = self.state()["missed"]
            self.assertEqual(missed["record"]["id"], client.id)
            self.assertEqual(missed["dial_number"], "+4930901820")
        with self.own_cursors():
            self.env["noojee.call"].with_user(self.anna).dial(
                missed["dial_number"], "res.partner", client.id
            )
        [dialled] = self.simulator.requests("dial")
        self.assertEqual(dialled["params"]["number"], "00114930901820")

    def test_company_that_may_not_be_read_takes_nothing_else_away(self):
        self.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": [("id", "!=", self.company.id)],
            }
        )
        self.inbound("Ringing")
        [shown] = self.state()["calls"]
        self.assertEqual((shown["name"], shown["subtitle"]), ("Yolanda Raman", ""))
        self.assertTrue(self.bus_messages(self.anna, "noojee.call/updated"))

    @mute_logger("odoo.addons.noojee.models.noojee_call_panel")
    def test_call_that_cannot_be_shown_takes_no_other_away(self):
        broken, other = self.missed(), self.inbound("Ringing")
        payload = self.registry["noojee.call"]._payload

        def fail(call, user):
            if call == broken:
                raise ValueError("for a test")
            return payload(call, user)

        self.patch(self.registry["noojee.call"], "_payload", fail)
        state = self.state()
        self.assertEqual([shown["id"] for shown in state["calls"]], other.ids)
        self.assertEqual((state["recent"], state["missed"]), ([], []))

    def test_missed_calls_are_counted_until_seen(self):
        self.missed()
        self.missed(desks=("101", "102"))
        self.inbound("Ringing", "Connected", "Hungup", caller="0491577644")
        self.assertEqual(self.state()["missed_count"], 2)
        self.assertEqual(self.state(self.ben)["missed_count"], 1)
        self.env["noojee.call"].with_user(self.anna).mark_missed_seen()
        self.assertEqual(self.state()["missed_count"], 0)
        self.assertEqual(self.state(self.ben)["missed_count"], 1)
        self.missed()
        self.assertEqual(self.state()["missed_count"], 1)

    def test_call_that_a_colleague_took_was_not_missed(self):
        self.inbound("Ringing", desks=("101", "102"), unique_id=5)
        self.inbound("Hungup", desks=("101",), unique_id=5)
        self.inbound("Connected", desks=("102",), unique_id=5)
        self.assertEqual(self.state()["missed_count"], 0)

    def test_call_that_rings_here_again_is_no_missed_one_meanwhile(self):
        call = self.missed(unique_id=5)
        self.assertTrue(self.payload(call)["is_missed_unseen"])
        self.handed_on("Ringing", unique_id=6)
        self.assertFalse(self.payload(call)["is_missed_unseen"])
        state = self.state()
        self.assertEqual((state["missed"], state["missed_count"]), ([], 0))
        # it has still been missed once
        self.handed_on("Hungup", unique_id=6)
        state = self.state()
        self.assertEqual([missed["id"] for missed in state["missed"]], call.ids)
        self.assertEqual(state["missed_count"], 1)
        self.assertTrue(state["missed"][0]["is_missed_unseen"])

    def test_missed_call_that_was_looked_at_is_told_so(self):
        call = self.missed()
        self.env["noojee.call"].with_user(self.anna).mark_missed_seen()
        self.assertFalse(self.payload(call)["is_missed_unseen"])

    # === AT ONE'S DESK === #

    def handed_on(self, *statuses, desk="101", unique_id, first=5):
        """The call whose ids began with ``first`` comes to a desk on a new channel."""
        fields = {
            "callerId": NUMBER,
            "inbound": True,
            "canAnswer": statuses[-1] == "Ringing",
            "secondaryUniqueCallId": f"{first}.0",
        }
        return self.events(unique_id, *[(desk, status, fields) for status in statuses])

    def assertRingsAtAnnas(self, call):
        payload = self.payload(call, self.anna)
        self.assertTrue(payload["is_called"])
        self.assertEqual((payload["state"], payload["answered_at"]), ("ringing", False))
        # as long as it has rung here, not since it began
        self.assertEqual(payload["started_at"], payload["now"])
        self.assertTrue(payload["can_answer"])

    @freeze_time(LATER)
    def test_outbound_call_that_is_handed_on_rings_as_any_other(self):
        fields = {
            "inbound": False,
            "outboundDestination": NUMBER,
            "secondaryUniqueCallId": "5.0",
        }
        with freeze_time(EARLIER):
            call = self.events(5, ("102", "Dialing Out", fields))
            self.assertFalse(self.payload(call, self.ben)["is_called"])
            self.events(5, ("102", "Connected", fields))
        self.events(5, ("102", "Hungup", fields))
        self.handed_on("Ringing", unique_id=6)
        self.assertEqual((len(call.channel_ids), call.direction), (2, "outbound"))
        self.assertRingsAtAnnas(call)
        self.handed_on("Connected", unique_id=6)
        payload = self.payload(call, self.anna)
        self.assertEqual(payload["answered_at"], payload["now"])

    @freeze_time(LATER)
    def test_inbound_call_that_is_handed_on_rings_from_now_on(self):
        with freeze_time(EARLIER):
            call = self.inbound("Ringing", "Connected", desks=("102",), unique_id=5)
        self.inbound("Hungup", desks=("102",), unique_id=5)
        self.handed_on("Ringing", unique_id=6)
        self.assertRingsAtAnnas(call)

    def test_each_ringing_at_a_desk_is_told_from_the_others(self):
        call = self.inbound("Ringing", desks=("101", "102"), unique_id=5)
        first = self.payload(call)["channel_id"]
        self.assertTrue(first)
        self.assertNotEqual(self.payload(call, self.ben)["channel_id"], first)
        self.inbound("Hungup", desks=("101",), unique_id=5)
        self.assertEqual(self.payload(call)["channel_id"], first)
        self.handed_on("Ringing", unique_id=6)
        self.assertNotIn(self.payload(call)["channel_id"], (first, False))

    def rung(self):
        """A call that rings at Anna's and at Ben's desk, on the PBX as well."""
        self.simulator.control("ring", desks=["101", "102"], queue=True, caller=NUMBER)
        self.listen_until(lambda: self.call().state == "ringing")
        return self.call()

    def decline(self, call):
        with self.own_cursors():
            call.with_user(self.anna).action_hang_up()
        self.env.invalidate_all()

    def test_declined_call_is_missed_by_the_others_only(self):
        call = self.rung()
        self.decline(call)
        self.listen_until(lambda: call._channel_of(self.anna).state == "ended")
        payload = self.payload(call)
        self.assertEqual(payload["outcome"], "missed")
        self.assertTrue(payload["is_declined"])
        self.assertFalse(payload["is_missed_unseen"])
        self.assertEqual(self.state()["missed_count"], 0)
        self.simulator.control("hangup", desk="102")
        self.listen_until(lambda: call.state == "ended")
        self.assertFalse(self.payload(call, self.ben)["is_declined"])
        self.assertEqual(self.state(self.ben)["missed_count"], 1)
        # nobody has talked to the caller: he still waits
        self.assertEqual(call.outcome, "missed")
        self.assertTrue(call.missed_call_id)
        self.assertEqual([missed["id"] for missed in self.state()["missed"]], call.ids)

    def test_declined_ring_that_a_dial_plan_tells_of_as_well(self):
        call = self.rung()
        told = {
            "exten": "101",
            "uniqueCallId": "plan-101",
            "secondaryUniqueCallId": call._channel_of(self.anna).unique_call_id,
            "callerId": NUMBER,
            "inbound": True,
        }

        def notice(status):
            event = CallEvent.from_wire("101", told | {"status": status}, self.pbx.tz)
            return self.env["noojee.call"]._ingest(self.pbx, [event])

        self.assertEqual(notice("Ringing"), call)
        self.decline(call)
        notice("Hungup")
        self.listen_until(lambda: call._channel_of(self.anna).state == "ended")
        self.assertFalse(self.payload(call)["is_missed_unseen"])
        self.assertEqual(self.state()["missed_count"], 0)

    def test_decline_that_failed_is_none(self):
        call = self.rung()
        self.pbx.base_url = "http://127.0.0.1:1"
        with self.assertRaises(UserError):
            self.decline(call)
        self.assertFalse(self.payload(call)["is_declined"])

    def test_call_that_was_taken_and_hung_up_was_not_declined(self):
        self.simulator.control("ring", desks=["101"], caller=NUMBER)
        self.simulator.control("answer", desk="101")
        self.listen_until(lambda: self.call().state == "connected")
        self.decline(self.call())
        self.assertFalse(self.payload(self.call())["is_declined"])

    def test_payload_of_a_call(self):
        payload = self.payload(self.outbound("Dialing Out", "Connected"))
        expected = {
            "note": "",
            "result": False,
            "recording": "off",
            "recorded_at": False,
            "tag": "",
            "needs_wrap_up": False,
            "is_mine": True,
            "team": "",
            "activity_id": False,
            "lift_handset": False,
            "is_click_to_dial": False,
            "is_called": False,
            "is_declined": False,
            "is_missed_unseen": False,
            "can_hang_up": True,
        }
        self.assertEqual({name: payload[name] for name in expected}, expected)

    def test_ringing_call_is_nobodys_yet(self):
        payload = self.payload(self.inbound("Ringing"))
        self.assertFalse(payload["is_mine"])
        self.assertTrue(payload["can_hang_up"])

    def test_lift_the_handset(self):
        self.action_call(self.customer)
        payload = self.payload(self.call())
        self.assertEqual(payload["state"], "dialing")
        self.assertTrue(payload["is_click_to_dial"])
        self.assertTrue(payload["is_mine"])
        # this handset answers by itself
        self.assertFalse(payload["lift_handset"])
        self.desk_101.profile_id = False
        self.assertTrue(self.payload(self.call())["lift_handset"])

    def test_state_of_many_calls_is_cheap(self):
        def known(number):
            name = {"name": f"Caller {number}", "phone": f"+61 491 57{number}"}
            return self.env["res.partner"].create(name).phone_sanitized

        self.assertSameCost(known)

    def test_state_of_many_unknown_callers_is_cheap(self):
        self.assertSameCost(lambda number: f"+61 491 57{number}")

    def test_state_of_many_colleagues_is_cheap(self):
        self.assertSameCost(lambda number: "102")

    def assertSameCost(self, caller):
        """Eight missed calls cost what two do.

        :param caller: function: number of a caller, by four digits of it
        """
        taken = []
        for size in (2, 8):
            for number in range(size):
                self.missed(caller=caller(f"{size} 00{number}"))
            for _time in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                state = self.state()
                queries = self.env.cr.sql_log_count - before
            taken.append(queries)
        self.assertEqual(len(state["recent"]), 8)
        self.assertEqual(state["missed"], state["recent"])
        # and one look for the missed that are to be called back
        self.assertLessEqual(taken[1], taken[0] + 1)

    def test_candidates_only_while_somebody_asks(self):
        self.env["res.partner"].create(
            [{"name": name, "phone": "0491 579 901"} for name in ("Grace", "Hugo")]
        )
        caller = {"caller": "0491579901"}
        cases = {
            "running": (self.inbound("Ringing", **caller), 2),
            "asked for a result": (
                self.inbound("Ringing", "Connected", "Hungup", **caller),
                2,
            ),
            "missed": (self.missed(**caller), 0),
        }
        for name, (call, count) in cases.items():
            with self.subTest(name):
                self.assertEqual(len(self.payload(call)["candidates"]), count)
                self.assertEqual(len(call.with_user(self.anna).get_candidates()), 2)
