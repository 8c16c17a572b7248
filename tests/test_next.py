from datetime import timedelta

from odoo.tests import freeze_time, new_test_user, tagged

from .call_common import CallCommon
from .may_call_common import EARLY_IN_PERTH, MayCallCommon


class NextCommon(CallCommon):
    def schedule(self, record, days=0, user=None):
        user = user or self.anna
        return record.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.today(user) + timedelta(days=days),
            user_id=user.id,
        )

    def listed(self):
        calls = self.env["noojee.call"].with_user(self.anna)
        return calls.get_to_call()["entries"]

    def names(self):
        return [entry["name"] for entry in self.listed()]


@tagged("post_install", "-at_install", "noojee")
class TestNext(NextCommon):
    """Who stands first among the calls to make, when one of them was made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create(
            {"name": "Marek Kowal", "phone": "+61 491 570 006"}
        )

    def dial_next(self):
        entry = self.listed()[0]
        with self.own_cursors():
            self.env["noojee.call"].with_user(self.anna).dial(
                entry["number"], entry["model"], entry["id"], entry["activity_id"]
            )
        call = self.call()
        self.events(
            call.id,
            *[
                ("101", status, {"callerId": "101", "isClickToDialCall": True})
                for status in ("Dialing Out", "Hungup")
            ],
        )
        return call.with_user(self.anna)

    def two(self):
        return self.schedule(self.customer, days=-1), self.schedule(self.other)

    def test_dialled_without_a_result_goes_to_the_end(self):
        self.two()
        self.assertEqual(self.names(), ["Priya Raman", "Marek Kowal"])
        call = self.dial_next()
        self.assertEqual(self.names(), ["Marek Kowal", "Priya Raman"])
        call.skip_wrap_up()
        self.assertEqual(self.names(), ["Marek Kowal", "Priya Raman"])

    def test_not_answered_stays_at_the_end(self):
        annas, _other = self.two()
        self.dial_next().wrap_up(self.result("no_answer").id)
        self.assertTrue(annas.active)
        self.assertEqual(self.names(), ["Marek Kowal", "Priya Raman"])
        # once around: the first one is first again
        self.dial_next().wrap_up(self.result("no_answer").id)
        self.assertEqual(self.names(), ["Priya Raman", "Marek Kowal"])

    def test_result_that_schedules_ends_the_present_activity(self):
        annas, _other = self.two()
        self.dial_next().wrap_up(self.result("call_back").id)
        self.assertFalse(annas.active)
        self.assertEqual(self.names(), ["Marek Kowal"])
        later = self.customer.activity_ids
        self.assertGreater(later.date_deadline, self.today())

    def test_call_back_on_the_same_day_goes_to_the_end(self):
        self.two()
        self.result("call_back").activity_days = 0
        self.dial_next().wrap_up(self.result("call_back").id)
        self.assertEqual(self.names(), ["Marek Kowal", "Priya Raman"])

    def test_other_results_take_it_from_the_list(self):
        for result in ("reached", "left_message", "wrong_number", "do_not_call"):
            with self.subTest(result):
                self.schedule(self.customer)
                self.dial_next().wrap_up(self.result(result).id)
                self.assertFalse(self.listed())

    def test_new_day_new_place(self):
        annas, _other = self.two()
        self.dial_next()
        annas.date_deadline -= timedelta(days=1)
        self.assertEqual(self.names(), ["Priya Raman", "Marek Kowal"])

    def test_users_without_the_phone_reschedule(self):
        plain = new_test_user(self.env, "noojee_none", "base.group_user")
        activity = self.schedule(plain.partner_id, user=plain)
        activity.with_user(plain).date_deadline += timedelta(days=1)
        self.assertTrue(activity.date_deadline)

    def test_call_from_the_form_is_made_for_what_is_due_there(self):
        annas, _other = self.two()
        self.action_call(self.customer)
        self.assertEqual(self.call().activity_id, annas)
        self.assertEqual(self.names(), ["Marek Kowal", "Priya Raman"])

    def test_what_is_due_later_or_a_colleagues_is_not_done_by_the_way(self):
        self.schedule(self.customer, days=3)
        self.schedule(self.customer, user=self.ben)
        self.action_call(self.customer)
        self.assertFalse(self.call().activity_id)


@tagged("post_install", "-at_install", "noojee")
@freeze_time(EARLY_IN_PERTH)
class TestOpening(NextCommon, MayCallCommon):
    """When the numbers among the calls to make may be called."""

    def opens(self):
        return {entry["name"]: entry["opens"] for entry in self.listed()}

    def test_who_may_not_be_called_yet_comes_last_with_the_time(self):
        self.schedule(self.perth, days=-3)
        self.schedule(self.customer)
        self.assertEqual(
            list(self.opens().items()),
            [("Priya Raman", ""), ("Li Wei", "opens 9:00 in Perth")],
        )

    def test_other_days(self):
        self.schedule(self.perth)
        for moment, words in {
            "2026-01-16 22:00:00": "opens 9:00 in Perth",
            "2026-01-14 13:00:00": "opens tomorrow 9:00 in Perth",
            "2026-01-17 12:00:00": "opens Monday 19 January 9:00 in Perth",
        }.items():
            with self.subTest(moment), freeze_time(moment):
                self.assertEqual(self.opens()["Li Wei"], words)

    def test_never(self):
        self.hours.line_ids = [(5,)]
        self.schedule(self.perth)
        self.assertEqual(self.opens()["Li Wei"], "closed for the next weeks")

    def test_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.schedule(self.perth)
        calls = self.env["noojee.call"].with_user(self.anna).with_context(lang="fr_FR")
        with freeze_time("2026-01-17 12:00:00"):
            [entry] = calls.get_to_call()["entries"]
        self.assertIn("lundi 19 janvier", entry["opens"])

    def test_without_hours_or_a_number(self):
        nobody = self.env["res.partner"].create({"name": "No number"})
        extension = self.env["res.partner"].create({"name": "Desk", "phone": "102"})
        for record in (nobody, extension):
            self.schedule(record)
        self.assertEqual(self.opens(), {"No number": "", "Desk": ""})
        self.team.noojee_calling_hours_id = False
        self.schedule(self.perth)
        self.assertEqual(self.opens()["Li Wei"], "")

    def test_long_list_costs_no_more_queries_than_a_short_one(self):
        taken = []
        for size in (2, 20):
            for number in range(size):
                partner = self.env["res.partner"].create(
                    {"name": "Mobile", "phone": f"+61 491 5{size:02} {number:03}"}
                )
                self.schedule(partner)
            for _time in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                entries = self.listed()
                queries = self.env.cr.sql_log_count - before
            self.assertTrue(all(entry["opens"] for entry in entries))
            taken.append(queries)
        self.assertLessEqual(taken[1], taken[0])

    def test_reminder_moves_what_is_on_the_list(self):
        activity = self.schedule(self.perth, days=-1)
        activity.summary = "About the battery"
        self.schedule(self.customer)
        with self.own_cursors():
            self.env["noojee.call"].with_user(self.anna).remind(
                "res.partner", self.perth.id, self.perth.phone
            )
        self.assertEqual(self.perth.activity_ids, activity)
        self.assertEqual(activity.summary, "About the battery")
        self.assertEqual(activity.date_deadline, self.today())
        self.assertEqual(self.names(), ["Priya Raman", "Li Wei"])
