from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .may_call_common import EARLY_IN_PERTH, MOBILE, MayCallCommon


@tagged("post_install", "-at_install", "noojee")
@freeze_time(EARLY_IN_PERTH)
class TestCheckNumber(MayCallCommon):
    """Calls by the computer's phone program keep the same rules."""

    def check(self, user, number="0491 570 156", record=None, **options):
        record = self.perth if record is None else record
        return (
            self.env["noojee.call"]
            .with_user(user)
            .check_number(number, record._name, record.id, **options)
        )

    def test_same_answer_as_a_refused_dial(self):
        self.assertEqual(
            self.check(self.anna, activity_id=False),
            {"check": self.dial(self.anna)["check"], "number": MOBILE},
        )
        self.assertFalse(self.env["noojee.call"].search([]))

    def test_number_that_may_be_called(self):
        self.team.noojee_calling_hours_id = False
        self.assertEqual(self.check(self.anna), {"check": False, "number": MOBILE})
        self.blacklist()
        [finding] = self.check(self.anna)["check"]["findings"]
        self.assertEqual(finding["rule"], "blacklist")

    def test_without_a_line_or_a_phone_system(self):
        self.desk_101.user_id = False
        check = self.check(self.anna)["check"]
        self.assertEqual(check["findings"][0]["title"], "It is 7:12 in Perth")
        # what the dialogue offers works without a line too
        calls = self.env["noojee.call"].with_user(self.anna)
        words = calls.remind("res.partner", self.perth.id, "0491 570 156")
        self.assertIn("from 12:00", words)
        self.env["noojee.pbx"].search([]).active = False
        self.assertEqual(self.check(self.anna)["number"], MOBILE)

    def test_numbers_that_only_the_phone_knows(self):
        for number in ("*97", "000", "", "102", "none"):
            with self.subTest(number):
                self.assertEqual(
                    self.check(self.anna, number), {"check": False, "number": False}
                )

    def test_override_by_the_same_policy_and_logged(self):
        self.assertTrue(self.check(self.anna, override=True)["check"])
        self.team.noojee_hours_policy = "warn"
        answer = self.check(self.anna, override="He asked <b>me</b> to")
        self.assertFalse(answer["check"])
        message = self.perth.message_ids[0]
        self.assertEqual(message.author_id, self.anna.partner_id)
        self.assertIn("phone program in spite of this: It is 7:12", message.body)
        self.assertIn("He asked &lt;b&gt;me&lt;/b&gt; to", message.body)
        self.team.noojee_hours_policy = "block"
        self.assertTrue(self.check(self.anna, override=True)["check"])

    def test_who_may_ask(self):
        portal = new_test_user(self.env, "noojee_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.check(portal)
        with self.assertRaisesRegex(UserError, "cannot be tied"):
            self.check(self.anna, record=self.anna)
