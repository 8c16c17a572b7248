import json
import re

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.models.masked_number import masked, without_number

from .call_common import NUMBER
from .missed_common import STRANGER, STRANGER_E164, MissedCommon

MASKED = "0491 ••• •44"
# parts of the numbers that nobody without the group may find anywhere
SECRETS = ("915776", "577644", "701098", "109876")
RAW = {
    "noojee.call": ("number", "number_e164", "caller_id_shown", "request_token"),
    "noojee.call.channel": ("caller_id", "other_number"),
    "noojee.missed.call": ("number",),
    "noojee.recording.leg": ("source", "destination", "did"),
    "noojee.number": ("number",),
}
READ = (*RAW, "noojee.recording", "noojee.command", "mail.activity")
# ways to the same fields from records beside them
PATHS = {
    "noojee.call": (
        "channel_ids.other_number",
        "channel_ids.caller_id",
        "missed_call_id.number",
        "recording_ids.leg_ids.source",
        "recording_ids.leg_ids.destination",
    ),
    "noojee.call.channel": ("call_id.number", "call_id.number_e164"),
    "noojee.missed.call": ("call_ids.number_e164", "last_call_id.number"),
    "noojee.recording": ("call_id.number_e164", "leg_ids.destination"),
    "noojee.recording.leg": ("recording_id.call_id.number",),
}
FIELD_LOGGER = "odoo.models"


@tagged("post_install", "-at_install", "noojee")
class TestNumbersMasked(MissedCommon):
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

    def all_see_numbers(self, value):
        settings = self.env["res.config.settings"].create({})
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

    # === THE FORM === #

    def test_what_is_left_of_a_number(self):
        for number, shown in (
            ("+61 3 7010 9876", "+61 3 •••• ••76"),
            ("+61370109876", "+61 3 •••• ••76"),
            ("(03) 7010 9876", "(03) •••• ••76"),
            ("0370109876", "03••••••76"),
            ("0491 577 644", MASKED),
            ("+1 212-555-0147", "+1 212-•••-••47"),
            ("+45 32 12 34 56", "+45 32 •• •• 56"),
            ("555 0147", "5•• ••47"),
            ("13 11 14", "•• •• ••"),
            ("0370109876@sip.example.com", "••••••••••@•••.•••••••.•••"),
            ("+61 3 7010 9876 ext. 12", "+•• • •••• •••• •••. ••"),
            ("anonymous", "anonymous"),
        ):
            with self.subTest(number):
                self.assertEqual(masked(number), shown)
        words = "“0370109876” has 10 digits, in 2026: call desk 101 or +61 3 7010 9876."
        self.assertEqual(
            without_number(words, "03 7010 9876"),
            "“03••••••76” has 10 digits, in 2026: call desk 101 or +61 3 •••• ••76.",
        )

    # === READING === #

    def test_every_way_to_read(self):
        self.happen()
        for name in READ:
            records = self.env[name].with_user(self.anna).search([])
            if name not in ("noojee.command", "mail.activity"):
                self.assertTrue(records, name)
            described = records.fields_get()
            for raw in RAW.get(name, ()):
                self.assertNotIn(raw, described, name)
            relations = {
                fname: {"fields": {"display_name": {}}}
                for fname, field in described.items()
                if field.get("relation")
            }
            # of the others a user reads no list
            hidden = {
                fname
                for fname in relations
                if not records.env[described[fname]["relation"]].has_access("read")
            }
            spec = {
                fname: relations.get(fname, {})
                for fname in described
                if fname not in hidden
            }
            ways = {
                "read": lambda r, s: r.read([*s]),
                "search_read": lambda r, s: r.search_read([], [*s]),
                "web_read": lambda r, s: r.web_read(s),
                "web_search_read": lambda r, s: r.web_search_read([], s),
                "export_data": lambda r, s: r.export_data([f for f in s if not s[f]]),
                "display_name": lambda r, s: r.mapped("display_name"),
            }
            for way, read in ways.items():
                with self.subTest(f"{name} {way}"):
                    self.assert_secret(read(records, spec), way)

    def test_groups_in_lists(self):
        self.happen()
        for name in READ:
            records = self.env[name].with_user(self.anna)
            for fname, field in records.fields_get().items():
                if not field.get("groupable"):
                    continue
                groupby = fname
                if field["type"] in ("date", "datetime"):
                    groupby = f"{fname}:month"
                with self.subTest(f"{name} {fname}"):
                    found = records.formatted_read_group([], [groupby], ["__count"])
                    self.assert_secret(found)

    @mute_logger(FIELD_LOGGER)
    def test_what_is_kept_is_refused(self):
        self.happen()
        for name, fnames in RAW.items():
            records = self.env[name].with_user(self.anna).search([])
            for fname in fnames:
                for way in (
                    lambda r, f: r.read([f]),
                    lambda r, f: r.search_read([], [f]),
                    lambda r, f: r.web_read({f: {}}),
                    lambda r, f: r.web_search_read([], {f: {}}),
                    lambda r, f: r.export_data([f]),
                    lambda r, f: r.search([], order=f),
                    lambda r, f: r.search([(f, "=like", "%5776%")]),
                    lambda r, f: r.search([(f, "in", [STRANGER, STRANGER_E164])]),
                    lambda r, f: r.search_count([(f, ">", "+6149")]),
                    lambda r, f: r.name_search("", [(f, "like", "5776")]),
                    lambda r, f: r.formatted_read_group([], [f], ["__count"]),
                    lambda r, f: r.formatted_read_group([], [], [f"{f}:array_agg"]),
                    lambda r, f: r.web_read_group([], [f], ["__count"]),
                    lambda r, f: r.filtered_domain([(f, "like", "5776")]),
                ):
                    with (
                        self.subTest(f"{name} {fname}"),
                        self.assertRaises(AccessError),
                    ):
                        way(records, fname)

    @mute_logger(FIELD_LOGGER)
    def test_no_way_round(self):
        self.happen()
        for name, paths in PATHS.items():
            records = self.env[name].with_user(self.anna)
            for path in paths:
                with self.subTest(f"{name} {path}"), self.assertRaises(AccessError):
                    records.search([(path, "like", "5776")])

    def test_parts_of_a_number_find_nothing(self):
        self.happen()
        for records in (
            self.phone(),
            self.env["noojee.missed.call"].with_user(self.anna),
        ):
            for operator in ("=", "in", "like", "ilike", "=like", "=ilike"):
                for term in ("0491", "+61491", "577", "0491%", "%5776%", "_491577644"):
                    value = [term] if operator == "in" else term
                    with self.subTest(f"{records._name} {operator} {term}"):
                        found = records.search([("local_number", operator, value)])
                        self.assertFalse(found)
                        self.assertFalse(
                            records.search([("local_number", operator, f"{value}%")])
                        )
            for term in (STRANGER, "0491 577 644", STRANGER_E164):
                with self.subTest(f"{records._name} {term}"):
                    found = records.search([("local_number", "ilike", term)])
                    self.assertTrue(found)
                    self.assertEqual({*found.mapped("local_number")}, {MASKED})

    def test_the_panels_search_by_number(self):
        self.assertFalse(self.phone().search_parties("03 7010"))
        self.assertFalse(self.phone().search_parties("+6137010987"))
        [row] = self.phone().search_parties("(03) 7010 9876")
        self.assertEqual(
            (row["name"], row["number"]), ("Yolanda Raman", "(03) •••• ••76")
        )
        [row] = self.phone().search_parties("102")
        self.assertEqual((row["name"], row["number"]), ("Ben Osei", "102"))

    # === WHAT THE BROWSER IS SENT === #

    def test_panel_and_cards(self):
        self.happen()
        self.customer.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.anna.id
        )
        ringing = self.inbound("Ringing", caller=STRANGER)
        state = self.phone().get_phone_state()
        for name in ("calls", "recent", "missed", "to_call"):
            self.assertTrue(state[name], name)
        self.assert_secret(state)
        self.assertEqual(state["calls"][0]["number"], MASKED)
        self.assert_secret(self.phone().search_parties("yolanda"))
        call = ringing.with_user(self.anna)
        self.assert_secret(call.get_candidates())
        for model in ("res.partner", "crm.lead"):
            self.assert_secret(call.get_new_record_context(model))
        self.assert_secret(call.action_open_record() if call.record_ref else "")
        # colleagues' numbers are none of the outside
        internal = self.payload(self.phone().search([("is_internal", "=", True)]))
        self.assertEqual((internal["number"], internal["dial_number"]), ("102", "102"))

    def test_each_is_told_by_the_bus_what_he_may_see(self):
        # the same messages, sent at one moment by the listener
        self.desk_103.user_id = self.chloe
        call = self.missed_queue(desks=("101", "103"))
        found = self.bus_messages(self.anna, "noojee.call/updated")
        self.assertTrue(found)
        for message in self.env["bus.bus"].search([]):
            if f'"res.partner",{self.anna.partner_id.id}]' in message.channel.replace(
                " ", ""
            ):
                self.assert_secret(message.message)
        told = self.bus_messages(self.chloe, "noojee.call/updated")
        self.assertIn(STRANGER_E164, told[-1:].message)
        self.assertEqual(self.payload(call, self.chloe)["number"], "0491 577 644")

    def test_player(self):
        self.happen()
        recording = self.env["noojee.recording"].with_user(self.anna).search([])
        player = recording.get_player()
        self.assertEqual(player["tracks"][0]["title"], "Leg 1: 101 → 03••••••76")
        self.assert_secret([player, recording.action_play()])

    def test_board_is_for_who_sees_numbers(self):
        self.inbound("Ringing", caller=STRANGER)
        board = self.env["noojee.live.board"].with_user(self.chloe).get_board()
        [call] = board["desks"][0]["calls"]
        self.assertEqual(call["number"], "0491 577 644")

    def test_forms_open(self):
        self.happen()
        for name in ("noojee.call", "noojee.missed.call", "noojee.recording"):
            for record in self.env[name].with_user(self.anna).search([]):
                self.assert_secret(Form(record)._values.copy(), name)

    # === WHAT IS WRITTEN FOR EVERYBODY === #

    def test_lines_in_the_chatter(self):
        self.happen()
        self.talked()
        bodies = [*self.customer.message_ids.mapped("body")]
        bodies += self.order.message_ids.mapped("body")
        self.assertTrue(any("(03) •••• ••76" in body for body in bodies))
        self.assert_secret(" ".join(bodies))

    def test_wrong_numbers_and_overridden_rules(self):
        call = self.talked()
        call.with_user(self.chloe)._payload(self.chloe)
        call.with_user(self.anna).wrap_up(self.result("wrong_number").id)
        self.assertTrue(self.customer.noojee_is_wrong_number)
        self.assertTrue(self.customer.with_user(self.anna).noojee_is_wrong_number)
        self.env["phone.blacklist"]._add([STRANGER_E164])
        lead = self.lead(contact_name=False, partner_name=False, name="A roof")
        with self.own_cursors():
            refused = self.phone().dial(STRANGER, "crm.lead", lead.id)["check"]
        self.assert_secret([f for f in refused["findings"]])
        with self.own_cursors():
            self.phone().dial(STRANGER, "crm.lead", lead.id, override=True)
        self.env.invalidate_all()
        bodies = [
            *self.customer.message_ids.mapped("body"),
            *lead.message_ids.mapped("body"),
        ]
        self.assert_secret(" ".join(bodies))

    def test_leaders_are_told_of_a_masked_number(self):
        self.missed_queue()
        entry = self.entries()
        entry._escalate()
        entry.with_user(self.anna).action_claim()
        activities = self.env["mail.activity"].search(
            [("res_model", "=", entry._name), ("res_id", "=", entry.id)]
        )
        self.assertTrue(activities)
        self.assert_secret(activities.read(["summary", "res_name"]))

    # === CALLING WHAT IS NOT SHOWN === #

    def dialled(self):
        return [dial["params"]["number"] for dial in self.simulator.requests("dial")]

    def test_call_back_from_the_panel(self):
        self.missed(caller=STRANGER)
        [row] = self.phone().get_phone_state()["recent"]
        with self.own_cursors():
            payload = self.phone().dial(row["dial_number"])
        self.assertEqual(self.dialled(), [STRANGER])
        self.assert_secret(payload)
        self.assertEqual(payload["number"], MASKED)

    def test_call_back_from_the_list(self):
        self.missed_queue()
        with self.own_cursors():
            action = self.entries().with_user(self.anna).action_call_back()
        self.assertEqual(self.dialled(), [STRANGER])
        self.assert_secret(action)

    def test_call_whom_a_search_found(self):
        [row] = self.phone().search_parties("yolanda")
        with self.own_cursors():
            payload = self.phone().dial(row["dial_number"], row["model"], row["id"])
        self.assertEqual(self.dialled(), [NUMBER])
        self.assert_secret(payload)
        self.assertEqual(self.call().record_ref, self.customer)

    def test_call_whom_the_list_says(self):
        self.missed_queue()
        self.entries().with_user(self.anna).action_claim()
        [row] = self.phone().get_to_call()["entries"]
        self.assert_secret(row)
        with self.own_cursors():
            self.phone().dial(row["dial_number"], row["model"], row["id"])
        self.assertEqual(self.dialled(), [STRANGER])

    def test_call_from_a_form(self):
        self.assert_secret(self.action_call(self.customer))
        self.assertEqual(self.dialled(), [NUMBER])

    def test_choose_one_of_two_numbers(self):
        payer = self.env["res.partner"].create({"name": "Payer", "phone": STRANGER})
        self.order.partner_invoice_id = payer
        chooser = self.action_call(self.order)["params"]
        self.assert_secret(chooser)
        word = chooser["numbers"][1]["dial_number"]
        with self.own_cursors():
            self.phone().dial(word, "sale.order", self.order.id)
        self.assertEqual(self.dialled(), [STRANGER])

    def test_refused_and_called_all_the_same(self):
        self.missed(caller=STRANGER)
        self.env["phone.blacklist"]._add([STRANGER_E164])
        [row] = self.phone().get_phone_state()["recent"]
        with self.own_cursors():
            check = self.phone().dial(row["dial_number"])["check"]
            self.assert_secret(check)
            self.assertFalse(self.dialled())
            self.phone().dial(check["number"], override=True)
        self.assertEqual(self.dialled(), [STRANGER])

    def test_words_of_an_error_keep_it_too(self):
        call = self.missed(caller="0491 577 64")
        self.assertFalse(call.number_e164)
        word = self.payload(call)["dial_number"]
        with self.assertRaises(UserError) as caught, self.own_cursors():
            self.phone().dial(word)
        self.assertNotIn("57764", re.sub(r"\D", "", str(caught.exception)))

    def test_words_of_others_do_not_dial(self):
        mine, others = self.missed(caller=STRANGER), self.missed(desks=("102",))
        word = self.payload(mine)["dial_number"]
        theirs = self.payload(others, self.ben)["dial_number"]
        for wrong in (
            theirs.replace(f",{others.id},", f",{mine.id},"),
            word[:-1] + ("0" if word[-1] != "0" else "1"),
            "noojee:res.users,2,abc",
            "noojee:noojee.call,x,y",
            "noojee:",
        ):
            with self.subTest(wrong), self.assertRaises(UserError):
                self.phone().dial(wrong)
        with self.assertRaises(AccessError):
            self.phone().dial(theirs)
        self.assertFalse(self.dialled())

    def test_phone_programs_are_told_nothing(self):
        word = self.payload(self.missed(caller=STRANGER))["dial_number"]
        with self.assertRaisesRegex(UserError, "you may not see"):
            self.phone().check_number(word)

    # === WHO SEES THEM === #

    def test_everybody_sees_them_by_default(self):
        self.all_see_numbers(True)
        self.assertTrue(self.anna.has_group("noojee.group_see_numbers"))
        call = self.missed(caller=STRANGER)
        payload = self.payload(call)
        self.assertEqual(
            (payload["number"], payload["dial_number"]),
            ("0491 577 644", STRANGER_E164),
        )
        own = call.with_user(self.anna)
        self.assertEqual((own.local_number, own.number), ("0491 577 644", STRANGER))
        self.assertIn(own, self.phone().search([("local_number", "ilike", "0491 57")]))
        self.talked()
        self.assertIn("(03) 7010 9876", self.customer.message_ids[0].body)

    def test_supervisors_always_do(self):
        call = self.missed(caller=STRANGER)
        for user in (self.chloe, self.admin):
            self.assertEqual(call.with_user(user).local_number, "0491 577 644")
            self.assertEqual(call.with_user(user).number_e164, STRANGER_E164)

    def test_one_user_may(self):
        self.ben.group_ids |= self.env.ref("noojee.group_see_numbers")
        call = self.missed(caller=STRANGER, desks=("101", "102"))
        self.assertEqual(self.payload(call, self.ben)["number"], "0491 577 644")
        self.assertEqual(self.payload(call, self.anna)["number"], MASKED)
