from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.models import noojee_call_lines
from odoo.addons.noojee.models.masked_number import masked, without_number

from .masked_common import MASKED, MaskedCommon
from .missed_common import STRANGER, STRANGER_E164

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
class TestNumbersMasked(MaskedCommon):
    """Who may not see numbers whole finds them nowhere."""

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

    def test_lists_are_not_searched_by_number(self):
        """Neither by parts of it, nor by all numbers that it may be."""
        self.happen()
        whole = (STRANGER, "0491 577 644", STRANGER_E164)
        parts = ("0491", "+61491", "577", "0491%", "%5776%", "_491577644")
        guesses = [f"049157{end:04}" for end in range(7600, 7700)]
        for records in (
            self.phone(),
            self.env["noojee.missed.call"].with_user(self.anna),
        ):
            for operator in ("=", "like", "ilike", "=like", "=ilike"):
                for term in (*whole, *parts):
                    with self.subTest(f"{records._name} {operator} {term}"):
                        self.assert_untold(records, operator, term)
            for terms in ([STRANGER], [STRANGER_E164], [False, *whole], guesses):
                with self.subTest(f"{records._name} in {terms}"):
                    self.assert_untold(records, "in", terms)

    def assert_untold(self, records, operator, value):
        """Nothing is found, whether a number is so or not."""
        is_so = ("local_number", operator, value)
        self.assertFalse(records.search([is_so]))
        self.assertFalse(records.search(["!", is_so]))

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

    def test_lines_of_earlier_calls_are_written_again(self):
        self.all_see_numbers(True)
        self.missed_queue()
        self.talked()
        [line] = self.lines(self.customer)
        entry = self.entries()
        entry._escalate()
        for value, shown in ((False, "(03) •••• ••76"), (True, "(03) 7010 9876")):
            self.all_see_numbers(value)
            self.write_lines()
            self.assertIn(shown, line.body)
            names = " ".join(entry.activity_ids.mapped("res_name"))
            self.assertEqual(MASKED in names, not value)

    def test_changed_where_groups_are_kept(self):
        self.all_see_numbers(True)
        self.talked()
        [line] = self.lines(self.customer)
        self.assertIn("(03) 7010 9876", line.body)
        see = self.env.ref("noojee.group_see_numbers")
        user = self.env.ref("noojee.group_user")
        for group, values, shown in (
            (user, {"implied_ids": [(3, see.id)]}, "(03) •••• ••76"),
            (see, {"implied_by_ids": [(4, user.id)]}, "(03) 7010 9876"),
        ):
            group.write(values)
            self.write_lines()
            self.assertIn(shown, line.body)

    def test_changed_again_while_lines_are_written(self):
        self.all_see_numbers(True)
        for _call in range(3):
            self.talked()
        lines = self.lines(self.customer)
        self.all_see_numbers(False)
        crons = type(self.env["ir.cron"])
        commit, batches = crons._commit_progress, []

        def change_after_a_batch(crons, processed=0, **kwargs):
            left = commit(crons, processed, **kwargs)
            if processed:
                batches.append(processed)
            if batches == [1]:
                batches.append(0)
                self.all_see_numbers(True, crons.env)
            return left

        with (
            patch.object(noojee_call_lines, "BATCH", 1),
            patch.object(crons, "_commit_progress", change_after_a_batch),
        ):
            self.write_lines()
        self.assertGreater(len(batches), len(lines))
        for line in lines:
            self.assertIn("(03) 7010 9876", line.body)

    def write_lines(self):
        """What the job does that is wished for at each change."""
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_write_lines").method_direct_trigger()
        self.env.invalidate_all()

    def test_wrong_numbers_and_overridden_rules(self):
        call = self.talked()
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
