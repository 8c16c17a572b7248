from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .may_call_common import EARLY_IN_PERTH, MayCallCommon


@tagged("post_install", "-at_install", "noojee")
@freeze_time(EARLY_IN_PERTH)
class TestRemind(MayCallCommon):
    def remind(self, user, record=None, method="remind"):
        record = record or self.perth
        calls = self.env["noojee.call"].with_user(user)
        return getattr(calls, method)(record._name, record.id, self.perth.phone)

    def test_reminder_for_the_opening(self):
        words = self.remind(self.anna)
        self.assertIn("Li Wei", words)
        self.assertIn("from 12:00", words)
        self.remind(self.anna)
        activity = self.perth.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.anna)
        self.assertEqual(activity.activity_type_id.category, "phonecall")
        self.assertEqual(activity.date_deadline, date(2026, 1, 14))
        self.assertEqual(activity.summary, "May be called from 12:00")

    def test_reminder_is_of_the_day_by_the_users_own_calendar(self):
        with freeze_time("2026-01-17 12:00:00"):
            words = self.remind(self.anna)
        self.assertIn("Monday 19 January at 12:00", words)
        self.assertEqual(self.perth.activity_ids.date_deadline, date(2026, 1, 19))

    def test_no_reminder_of_a_blacklisted_number(self):
        self.blacklist()
        with self.assertRaisesRegex(UserError, "no time"):
            self.remind(self.anna)

    def test_supervisor_is_asked(self):
        words = self.remind(self.anna, method="ask_supervisor")
        self.remind(self.anna, method="ask_supervisor")
        self.assertIn("Chloe Duval", words)
        activity = self.perth.activity_ids
        self.assertEqual(activity.user_id, self.chloe)
        self.assertIn("Anna Berg asks", activity.summary)
        self.assertIn("It is 7:12 in Perth", activity.note)

    def test_nobody_to_ask(self):
        self.team.user_id = self.ben
        self.assertFalse(self.dial(self.anna)["check"]["supervisor"])
        with self.assertRaisesRegex(UserError, "no leader"):
            self.remind(self.anna, method="ask_supervisor")

    def test_records_that_the_user_may_not_read(self):
        other = new_test_user(
            self.env,
            "noojee_own_leads",
            "noojee.group_user,sales_team.group_sale_salesman",
        )
        self.desk_102.user_id = other
        lead = self.env["crm.lead"].create(
            {"name": "Secret", "user_id": self.chloe.id, "team_id": self.team.id}
        )
        for method in ("remind", "ask_supervisor"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.remind(other, lead, method)
        with self.assertRaisesRegex(UserError, "cannot be tied"):
            self.remind(other, other, "remind")
