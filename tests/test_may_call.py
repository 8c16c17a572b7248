from datetime import date, datetime

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NoojeeCommon

PERTH = "+61892345678"
SYDNEY = "+61270105700"
BRISBANE = "+61733000000"
MOBILE = "+61491570156"
LONDON = "+442079460000"
SATELLITE = "+882134567890"
# Wednesday, 10:12 in Melbourne
EARLY_IN_PERTH = "2026-01-13 23:12:00"


class MayCallCommon(NoojeeCommon):
    """Anna's team telemarkets, and Chloe leads it; Ben has no team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "noojee.group_supervisor,sales_team.group_sale_manager"
        cls.chloe = new_test_user(
            cls.env, "noojee_chloe", groups, name="Chloe Duval", tz="Australia/Perth"
        )
        cls.desk_103.user_id = cls.chloe
        cls.anna.tz = "Australia/Melbourne"
        cls.hours = cls.env.ref("noojee.calling_hours_au_telemarketing")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Telemarketers",
                "user_id": cls.chloe.id,
                "member_ids": [(6, 0, [cls.anna.id])],
                "noojee_calling_hours_id": cls.hours.id,
                "noojee_hours_policy": "override",
            }
        )
        cls.perth = cls.env["res.partner"].create(
            {
                "name": "Li Wei",
                "phone": "0491 570 156",
                "country_id": cls.env.ref("base.au").id,
                "state_id": cls.env.ref("base.state_au_8").id,
            }
        )

    def may_call(self, e164, at, record=None, user=None):
        return self.env["noojee.call"]._may_call(
            e164, record, user=user or self.anna, at=datetime.fromisoformat(at)
        )

    def assertOpen(self, e164, at, record=None):
        self.assertFalse(self.may_call(e164, at, record))

    def assertClosed(self, e164, at, title, record=None, opens_at=None):
        [finding] = self.may_call(e164, at, record)
        self.assertEqual(finding["title"], title)
        if opens_at:
            self.assertEqual(finding["opens_at"], datetime.fromisoformat(opens_at))
        return finding

    def blacklist(self, e164=MOBILE):
        return self.env["phone.blacklist"].create({"number": e164})

    def dial(self, user, record=None, number=None, **options):
        record = record or self.perth
        with self.own_cursors():
            return (
                self.env["noojee.call"]
                .with_user(user)
                .dial(number or record.phone, record._name, record.id, **options)
            )


@tagged("post_install", "-at_install", "noojee")
class TestMayCall(MayCallCommon):
    # === HOURS === #

    def test_words_of_a_call_that_comes_too_early(self):
        finding = self.assertClosed(
            MOBILE,
            EARLY_IN_PERTH,
            "It is 7:12 in Perth",
            self.perth,
            "2026-01-14 01:00",
        )
        self.assertEqual(
            finding["message"],
            "Your team calls Monday to Friday from 9 to 20 and Saturday from 9 to 17, "
            "by the customer's clock. Li Wei can be called from 12:00 your time.",
        )
        self.assertEqual((finding["rule"], finding["policy"]), ("hours", "override"))
        self.assertFalse(finding["can_override"])

    def test_perth_landline_from_melbourne(self):
        self.assertClosed(PERTH, EARLY_IN_PERTH, "It is 7:12 in Perth")
        self.assertClosed(PERTH, "2026-01-14 00:59", "It is 8:59 in Perth")
        self.assertOpen(PERTH, "2026-01-14 01:00")

    def test_mobile_keeps_the_strictest_zone(self):
        # summer: Perth opens last, the east closes first
        finding = self.assertClosed(
            MOBILE, EARLY_IN_PERTH, "It is 7:12 in Perth", opens_at="2026-01-14 01:00"
        )
        self.assertIn("strictest", finding["message"])
        self.assertOpen(MOBILE, "2026-01-14 01:00")
        self.assertOpen(MOBILE, "2026-01-14 08:59")
        [finding] = self.may_call(MOBILE, "2026-01-14 09:00")
        self.assertEqual(finding["opens_at"], datetime(2026, 1, 15, 1))
        # winter: Lord Howe Island is half an hour before Sydney
        self.assertOpen(MOBILE, "2026-07-15 09:29")
        self.assertTrue(self.may_call(MOBILE, "2026-07-15 09:30"))

    def test_address_beats_number(self):
        self.assertOpen(SYDNEY, "2026-01-13 23:30")
        self.assertClosed(
            SYDNEY, "2026-01-13 23:30", "It is 7:30 in Perth", record=self.perth
        )
        # of a country with several zones the number tells which
        self.perth.state_id = False
        self.assertOpen(SYDNEY, "2026-01-13 23:30", record=self.perth)
        # a customer who took his number with him
        self.perth.country_id = self.env.ref("base.de")
        self.assertClosed(
            SYDNEY, "2026-01-13 23:30", "It is 0:30 in Berlin", record=self.perth
        )

    def test_address_of_the_customer_of_an_order_and_of_a_lead(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.perth.id, "team_id": self.team.id}
        )
        lead = self.env["crm.lead"].create(
            {
                "name": "Battery",
                "contact_name": "Sam Whitfield",
                "phone": SYDNEY,
                "state_id": self.env.ref("base.state_au_8").id,
                "team_id": self.team.id,
            }
        )
        for record, name in ((order, "Li Wei"), (lead, "Sam Whitfield")):
            with self.subTest(record._name):
                finding = self.assertClosed(
                    SYDNEY, EARLY_IN_PERTH, "It is 7:12 in Perth", record=record
                )
                self.assertIn(f"{name} can be called", finding["message"])

    def test_contact_without_an_address_is_where_his_company_is(self):
        company = self.env["res.partner"].create(
            {
                "name": "Fremantle Joinery",
                "is_company": True,
                "state_id": self.env.ref("base.state_au_8").id,
            }
        )
        contact = self.env["res.partner"].create(
            {"name": "Grace", "parent_id": company.id, "type": "other"}
        )
        self.assertFalse(contact.state_id)
        self.assertClosed(MOBILE, EARLY_IN_PERTH, "It is 7:12 in Perth", contact)

    def test_number_from_overseas(self):
        self.assertClosed(LONDON, "2026-01-14 08:30", "It is 8:30 in London")
        self.assertOpen(LONDON, "2026-01-14 09:00")

    def test_number_of_no_country_is_where_the_pbx_is(self):
        self.assertClosed(SATELLITE, "2026-01-13 21:30", "It is 8:30 in Melbourne")

    def test_summer_time_begins_in_sydney_not_in_brisbane(self):
        for number, city in ((SYDNEY, "Sydney"), (BRISBANE, "Brisbane")):
            self.assertClosed(number, "2026-10-01 22:30", f"It is 8:30 in {city}")
        # the Monday after
        self.assertOpen(SYDNEY, "2026-10-04 22:30")
        self.assertClosed(BRISBANE, "2026-10-04 22:30", "It is 8:30 in Brisbane")

    def test_easter_at_the_end_of_summer_time(self):
        self.assertClosed(
            SYDNEY,
            "2026-04-03 02:00",
            "It is Good Friday in Sydney",
            opens_at="2026-04-03 22:00",
        )
        # no holiday in Tasmania and Western Australia
        self.assertOpen(SYDNEY, "2026-04-04 02:00")
        self.assertClosed(
            SYDNEY,
            "2026-04-04 06:00",
            "It is 17:00 in Sydney",
            opens_at="2026-04-06 23:00",
        )
        self.assertClosed(SYDNEY, "2026-04-06 02:00", "It is Easter Monday in Sydney")
        self.assertOpen(SYDNEY, "2026-04-07 02:00")

    def test_sunday(self):
        finding = self.assertClosed(
            SYDNEY, "2026-01-18 02:00", "It is Sunday in Sydney", self.customer
        )
        self.assertIn("from tomorrow at 9:00 your time", finding["message"])

    def test_opening_of_a_later_day_is_told_by_its_date(self):
        finding = self.may_call(SYDNEY, "2026-01-17 06:00")[0]
        self.assertIn("Monday 19 January at 9:00 your time", finding["message"])

    def test_anzac_day_on_a_saturday_has_no_weekday_in_lieu(self):
        self.assertClosed(SYDNEY, "2026-04-25 02:00", "It is Anzac Day in Sydney")
        self.assertOpen(SYDNEY, "2026-04-27 02:00")

    def test_weekdays_in_lieu(self):
        for year, expected in {
            2021: [date(2021, 12, 27), date(2021, 12, 28)],
            2022: [date(2022, 1, 3), date(2022, 12, 27)],
            2025: [date(2025, 1, 27)],
            2026: [date(2026, 12, 28)],
            2027: [date(2027, 12, 27), date(2027, 12, 28)],
        }.items():
            with self.subTest(year):
                days = self.hours.holiday_ids._days([year])
                in_lieu = [day for day, name in days.items() if "in lieu" in name]
                self.assertEqual(in_lieu, expected)

    def test_hours_are_data(self):
        self.hours.line_ids.filtered(lambda line: line.weekday == "2").hour_from = 10.5
        self.assertClosed(
            SYDNEY,
            "2026-01-13 23:00",
            "It is 10:00 in Sydney",
            None,
            "2026-01-13 23:30",
        )
        self.hours.line_ids = [
            (0, 0, {"weekday": "6", "hour_from": 12, "hour_to": 24}),
        ]
        self.assertOpen(SYDNEY, "2026-01-18 12:59")
        self.hours.line_ids = [(5,)]
        finding = self.assertClosed(
            SYDNEY, "2026-01-14 02:00", "It is Wednesday in Sydney"
        )
        self.assertFalse(finding["opens_at"])
        self.assertEqual(self.hours.summary, "at no time")

    def test_many_zones_cost_no_query(self):
        at = datetime(2026, 1, 13, 23, 12)
        self.may_call(MOBILE, EARLY_IN_PERTH)
        with self.assertQueryCount(1):
            # the blacklist
            self.env["noojee.call"]._may_call(MOBILE, user=self.anna, at=at)

    # === WHOSE RULES === #

    def test_teams_without_hours_call_at_all_times(self):
        self.team.noojee_calling_hours_id = False
        self.assertOpen(PERTH, EARLY_IN_PERTH)

    def test_user_without_a_team(self):
        self.assertFalse(self.may_call(PERTH, EARLY_IN_PERTH, user=self.ben))
        self.blacklist()
        [finding] = self.may_call(MOBILE, EARLY_IN_PERTH, user=self.ben)
        self.assertEqual((finding["rule"], finding["policy"]), ("blacklist", "warn"))
        self.assertTrue(finding["can_override"])

    def test_team_of_the_record_before_that_of_the_user(self):
        other = self.env["crm.team"].create({"name": "Service"})
        lead = self.env["crm.lead"].create(
            {"name": "Battery", "phone": PERTH, "team_id": other.id}
        )
        self.assertFalse(self.may_call(PERTH, EARLY_IN_PERTH, record=lead))
        lead.team_id = self.team
        [finding] = self.may_call(PERTH, EARLY_IN_PERTH, record=lead, user=self.ben)
        self.assertTrue(finding["message"].startswith("The team Telemarketers calls"))

    def test_extensions_are_never_checked(self):
        self.assertFalse(self.may_call(False, EARLY_IN_PERTH))

    def test_each_policy(self):
        for policy, anna_may, chloe_may in (
            ("warn", True, True),
            ("override", False, True),
            ("block", False, False),
        ):
            self.team.noojee_hours_policy = policy
            self.team.noojee_blacklist_policy = policy
            self.blacklist(PERTH)
            for user, expected in ((self.anna, anna_may), (self.chloe, chloe_may)):
                with self.subTest(policy, user=user.name):
                    lead = self.env["crm.lead"].create(
                        {"name": "Battery", "phone": PERTH, "team_id": self.team.id}
                    )
                    found = self.may_call(PERTH, EARLY_IN_PERTH, lead, user)
                    self.assertEqual(
                        [(f["rule"], f["policy"], f["can_override"]) for f in found],
                        [("blacklist", policy, expected), ("hours", policy, expected)],
                    )

    def test_number_taken_off_the_blacklist(self):
        self.blacklist(SYDNEY).active = False
        self.assertOpen(SYDNEY, "2026-01-14 02:00")

    # === ADMINISTRATION === #

    def test_only_administrators_change_hours(self):
        self.assertTrue(self.hours.with_user(self.anna).line_ids[0].hour_from)
        for record in (
            self.hours,
            self.hours.line_ids[0],
            self.hours.holiday_ids[0],
        ):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(self.chloe).write({"create_uid": self.chloe.id})

    def test_hours_that_end_before_they_begin(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.hours.line_ids[0].hour_to = 8
            self.env.flush_all()

    def test_holiday_that_is_no_day(self):
        holidays = self.env["noojee.public.holiday"]
        leap_day = holidays.create({"name": "Leap", "month": "2", "day": 29})
        self.assertEqual(leap_day._days([2027, 2028]), {date(2028, 2, 29): "Leap"})
        with self.assertRaisesRegex(ValidationError, "no such day"):
            leap_day.day = 30
        with self.assertRaisesRegex(ValidationError, "needs its date"):
            leap_day.kind = "once"

    def test_holiday_of_one_year(self):
        self.hours.holiday_ids = [
            (0, 0, {"name": "Day of Mourning", "kind": "once", "date": "2026-09-22"})
        ]
        self.assertClosed(SYDNEY, "2026-09-22 02:00", "It is Day of Mourning in Sydney")
        self.assertOpen(SYDNEY, "2027-09-22 02:00")

    @freeze_time("2026-04-06 12:00:00")
    def test_form_tells_the_week_and_the_next_holidays(self):
        with Form(self.env["noojee.calling.hours"]) as form:
            form.name = "Test"
            with form.line_ids.new() as line:
                line.weekday = "2"
            self.assertEqual(form.summary, "Wednesday from 9 to 17")
        self.assertEqual(
            self.hours.holiday_ids.mapped("next_date"),
            [
                date(2027, 1, 1),
                date(2027, 1, 26),
                date(2027, 3, 26),
                date(2026, 4, 6),
                date(2026, 4, 25),
                date(2026, 12, 25),
                date(2026, 12, 26),
            ],
        )


@tagged("post_install", "-at_install", "noojee")
@freeze_time(EARLY_IN_PERTH)
class TestCheckedDial(MayCallCommon):
    def assertRefused(self, answer):
        self.assertFalse(self.simulator.requests("dial"))
        self.assertFalse(self.env["noojee.call"].search([]))
        return answer["check"]

    def test_refused_before_anything_happens(self):
        check = self.assertRefused(self.dial(self.anna))
        self.assertEqual(check["name"], "Li Wei")
        self.assertEqual(check["findings"][0]["title"], "It is 7:12 in Perth")
        self.assertEqual(check["findings"][0]["opens_at"], "2026-01-14T01:00:00Z")
        self.assertEqual(
            (check["can_override"], check["can_remind"], check["supervisor"]),
            (False, True, "Chloe Duval"),
        )

    def test_button_of_the_form_shows_the_same(self):
        action = self.action_call(self.perth, self.anna)
        self.assertEqual(action["tag"], "noojee.show_check")
        check = action["params"]["check"]
        refused = self.assertRefused(self.dial(self.anna))
        # a button knows the number in its international form
        self.assertEqual(check | {"number": refused["number"]}, refused)

    def test_code_without_a_person_gets_the_words(self):
        with self.assertRaisesRegex(UserError, "It is 7:12 in Perth. Your team calls"):
            self.env["noojee.call"].with_user(self.anna)._dial(
                self.perth.phone, self.perth.with_user(self.anna)
            )
        self.assertFalse(self.simulator.requests("dial"))

    def test_supervisor_calls_anyway_and_it_is_logged(self):
        self.perth.user_id = self.chloe
        lead = self.env["crm.lead"].create(
            {
                "name": "Battery",
                "partner_id": self.perth.id,
                "team_id": self.team.id,
                "user_id": self.anna.id,
            }
        )
        number = self.perth.phone
        check = self.assertRefused(self.dial(self.chloe, lead, number))
        self.assertTrue(check["can_override"])
        self.assertFalse(check["supervisor"])
        reason = "He asked <b>me</b> to ☎"
        self.dial(self.chloe, lead, number, override=reason)
        call = self.call()
        self.assertEqual(call.overridden_rules, "It is 7:12 in Perth")
        self.assertEqual(call.override_reason, reason)
        self.assertEqual(len(self.simulator.requests("dial")), 1)
        message = lead.message_ids[0]
        self.assertEqual(message.author_id, self.chloe.partner_id)
        self.assertIn("in spite of this: It is 7:12 in Perth", message.body)
        self.assertIn("He asked &lt;b&gt;me&lt;/b&gt; to ☎", message.body)

    def test_salesperson_cannot_override_what_is_a_supervisors(self):
        self.assertRefused(self.dial(self.anna, override=True))

    def test_nobody_overrides_a_block(self):
        self.team.noojee_hours_policy = "block"
        self.team.member_ids = [(4, self.chloe.id)]
        for user in (self.anna, self.chloe):
            with self.subTest(user.name):
                check = self.assertRefused(self.dial(user, override="I insist"))
                self.assertFalse(check["can_override"])
                self.assertFalse(check["supervisor"])

    def test_all_findings_must_be_overridable(self):
        self.team.noojee_hours_policy = "block"
        self.team.noojee_blacklist_policy = "warn"
        self.blacklist()
        check = self.assertRefused(self.dial(self.anna, override=True))
        self.assertEqual([f["can_override"] for f in check["findings"]], [True, False])
        # nobody can say when a blacklisted number may be called
        self.assertFalse(check["can_remind"])

    def test_warning_is_passed_by_everybody_and_logged(self):
        self.team.noojee_hours_policy = "warn"
        self.assertTrue(self.assertRefused(self.dial(self.anna))["can_override"])
        self.dial(self.anna, override=True)
        self.assertEqual(self.call().overridden_rules, "It is 7:12 in Perth")
        self.assertFalse(self.call().override_reason)
        self.assertIn("in spite of", self.perth.message_ids[0].body)

    def test_nothing_is_logged_where_nothing_was_found(self):
        self.perth.state_id = self.env.ref("base.state_au_7")
        messages = self.perth.message_ids
        self.dial(self.anna, override=True)
        self.assertFalse(self.call().overridden_rules)
        self.assertEqual(self.perth.message_ids, messages)

    def test_blacklisted_number(self):
        self.team.noojee_calling_hours_id = False
        self.blacklist()
        check = self.assertRefused(self.dial(self.anna))
        self.assertEqual(
            check["findings"][0]["title"], "Li Wei is on the phone blacklist"
        )

    def test_activity_and_partner_of_a_call(self):
        activity = self.customer.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.anna.id
        )
        with self.own_cursors():
            self.env["noojee.call"].with_user(self.anna).dial(
                self.customer.phone,
                activity_id=activity.id,
                partner_id=self.customer.id,
            )
        self.assertEqual(self.call().activity_id, activity)
        self.assertEqual(self.call().partner_id, self.customer)

    def test_activity_that_the_user_may_not_read(self):
        activity = self.env["mail.activity"].create(
            {
                "user_id": self.chloe.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
            }
        )
        with self.assertRaises(AccessError):
            self.dial(self.anna, self.customer, activity_id=activity.id)

    # === INSTEAD === #

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
