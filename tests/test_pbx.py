from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.client import ApiError, HttpError

from .common import API_KEY, NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestPbx(NoojeeCommon):
    def test_connection_that_works(self):
        self.pbx.recording_base = "older"
        notification = self.pbx.action_test_connection()
        self.assertEqual(notification["params"]["type"], "success")
        self.assertIn("load", notification["params"]["message"])
        self.assertEqual(self.pbx.recording_base, "current")

    def test_connection_to_an_ailing_pbx(self):
        cases = [
            ({"kind": "http500"}, "internal error"),
            ({"kind": "html"}, "not from Noojee's API"),
            ({"kind": "drop"}, "broke off"),
        ]
        for fault, words in cases:
            self.simulator.faults(fault)
            with self.subTest(fault), self.assertRaisesRegex(UserError, words):
                self.pbx.action_test_connection()
            self.simulator.clear_faults()

    def test_key_is_never_read_back(self):
        self.assertTrue(self.pbx.has_api_key)
        self.assertFalse(self.pbx.new_api_key)
        admin = self.env.ref("base.user_admin")
        with self.assertRaises(AccessError):
            self.pbx.with_user(admin).read(["api_key"])
        with self.assertRaises(AccessError):
            self.pbx.with_user(self.anna).read(["new_api_key"])
        everything = self.pbx.with_user(admin).read()
        self.assertNotIn(API_KEY, str(everything))

    def test_key_is_not_read_back_by_saving_a_form(self):
        admin = self.env.ref("base.user_admin")
        pbxs = self.env["noojee.pbx"].with_user(admin)
        values = {
            "name": "Another",
            "base_url": "https://pbx.example.com",
            "country_id": self.env.ref("base.au").id,
            "new_api_key": "s3cret",
        }
        read = {"new_api_key": {}, "has_api_key": {}}
        [saved] = pbxs.web_save(values, read)
        self.assertFalse(saved["new_api_key"])
        self.assertTrue(saved["has_api_key"])
        another = pbxs.browse(saved["id"])
        [saved] = another.web_save({"new_api_key": "an0ther"}, read)
        self.assertFalse(saved["new_api_key"])
        self.assertEqual(another.sudo().api_key, "an0ther")

    # === KEY AND ADDRESS === #

    def test_key_stays_with_its_host(self):
        for address in (
            "https://pbx.elsewhere.example",
            self.simulator.url.replace("http://", "https://"),
            "http://127.0.0.1:1",
            self.simulator.url.replace("127.0.0.1", "localhost"),
        ):
            with self.subTest(address):
                self.pbx.write({"base_url": self.simulator.url, "new_api_key": API_KEY})
                self.pbx.base_url = address
                self.assertFalse(self.pbx.has_api_key)
                with self.assertRaisesRegex(UserError, "no API key"):
                    self.pbx.action_test_connection()
        self.assertFalse(self.simulator.requests("systemHealth"))

    def test_key_that_is_given_with_the_address(self):
        self.pbx.write(
            {"base_url": "https://pbx.elsewhere.example", "new_api_key": "an0ther"}
        )
        self.assertEqual(self.pbx.sudo().api_key, "an0ther")
        self.pbx.write({"base_url": "https://pbx.third.example", "new_api_key": ""})
        self.assertFalse(self.pbx.has_api_key)

    def test_same_host_keeps_its_key(self):
        self.pbx.write({"base_url": "https://pbx.example.com", "new_api_key": "k"})
        for address in (
            "https://pbx.example.com/",
            "https://PBX.example.com:443",
            "https://pbx.example.com/servicemanager",
        ):
            with self.subTest(address):
                self.pbx.base_url = address
                self.assertTrue(self.pbx.has_api_key)

    def test_form_asks_for_the_key_of_another_host(self):
        admin = self.env.ref("base.user_admin")
        pbx = self.pbx.with_user(admin)
        fields_spec = {"base_url": {}, "has_api_key": {}, "new_api_key": {}}
        values = {"base_url": "https://pbx.elsewhere.example"}
        answer = pbx.onchange(values, ["base_url"], fields_spec)
        self.assertIn("no other host", answer["warning"]["message"])
        self.assertFalse(answer["value"]["has_api_key"])
        with (
            self.assertLogs("odoo.tests.form.onchange", "WARNING"),
            self.assertRaisesRegex(AssertionError, "new_api_key is a required field"),
            Form(pbx) as form,
        ):
            form.base_url = "https://pbx.elsewhere.example"
        with Form(pbx) as form:
            form.name = "Renamed"
        self.assertEqual(self.pbx.sudo().api_key, API_KEY)

    def test_who_sets_it_up_reads_why_the_key_was_refused(self):
        self.pbx.new_api_key = "wr0ng"
        with self.assertRaisesRegex(
            UserError, "refused the API key.*It says: “.+”"
        ) as e:
            self.pbx.action_test_connection()
        self.assertNotIn("wr0ng", str(e.exception))
        with self.own_cursors(), self.assertRaises(UserError) as plain:
            self.env["noojee.call"].with_user(self.anna).dial("0370109876")
        self.assertIn("refused the API key", str(plain.exception))
        self.assertNotIn("It says", str(plain.exception))

    def test_only_a_pbx_that_is_away_is_left_alone(self):
        with self.own_cursors():
            self.pbx.new_api_key = "wrong"
            with self.assertRaisesRegex(UserError, "refused the API key"):
                self.desk_101.start_test_ring()
            self.pbx.new_api_key = API_KEY
            self.desk_101.start_test_ring()
        self.assertTrue(self.simulator.requests("dial"))

    def test_archived_pbx_is_not_asked(self):
        self.pbx.active = False
        with self.own_cursors(), self.assertRaisesRegex(UserError, "archived"):
            self.desk_101.start_test_ring()

    def test_names_that_no_source_tells_are_set_without_code(self):
        self.pbx.write({"tag_tag": "externalReference", "retrieve_leg": "legNumber"})
        with self.pbx._client() as client:
            with self.assertRaises(ApiError):
                client.tag_recording("101", "S00042")
            with self.assertRaises(HttpError):
                client.retrieve(tag="S00042", leg="2")
        [sent] = self.simulator.requests("tag")
        self.assertEqual(sent["params"]["externalReference"], "S00042")
        [retrieved] = self.simulator.requests("retrieve")
        self.assertEqual(retrieved["params"]["legNumber"], "2")

    def test_address_that_is_none(self):
        for address in ["", "pbx one", "ftp://pbx.example.com", "https://"]:
            with self.subTest(address), self.assertRaises(ValidationError):
                self.pbx.base_url = address or "  "

    def test_time_outs_have_bounds(self):
        for seconds in (0, -1, 31):
            with self.subTest(seconds), self.assertRaises(ValidationError):
                self.pbx.read_timeout = seconds

    def test_after_a_failure_nobody_waits(self):
        self.simulator.faults({"kind": "http500"})
        with self.own_cursors(), self.assertRaisesRegex(UserError, "internal error"):
            self.desk_101.start_test_ring()
        asked = len(self.simulator.requests("checkState"))
        with self.own_cursors(), self.assertRaisesRegex(UserError, "has not answered"):
            self.desk_101.start_test_ring()
        self.assertEqual(len(self.simulator.requests("checkState")), asked)

    def test_numbers_in_the_form_of_the_dial_plan(self):
        cases = [
            ("03 7010 9876", "0370109876", "+61370109876"),
            ("+61 491 570 156", "0491570156", "+61491570156"),
            ("0011 61 491 570 157", "0491570157", "+61491570157"),
            ("+49 30 901820", "00114930901820", "+4930901820"),
            ("+39 06 6982", "0011390" + "66982", "+390" + "66982"),
            ("102", "102", False),
        ]
        for written, digits, e164 in cases:
            with self.subTest(written):
                self.assertEqual(self.pbx._dial_form(written), (digits, e164))

    def test_what_cannot_be_dialled_says_why(self):
        for written in ["", "  ", "Priya", "+", "0" * 40, "☎", "'; DROP TABLE", "<b>"]:
            with self.subTest(written), self.assertRaises(UserError):
                self.pbx._dial_form(written)


@tagged("post_install", "-at_install", "noojee")
class TestNoticeToken(NoojeeCommon):
    def test_token_is_shown_once(self):
        action = self.pbx.action_new_notice_token()
        token = action["context"]["default_token"]
        self.assertTrue(self.pbx._accepts_token(token))
        self.assertNotIn(token, str(self.pbx.sudo().read()))
        self.pbx.action_new_notice_token()
        self.assertFalse(self.pbx._accepts_token(token))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_users_make_no_token(self):
        with self.assertRaises(AccessError):
            self.pbx.with_user(self.anna).action_new_notice_token()
