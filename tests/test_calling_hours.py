from datetime import date

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .may_call_common import SYDNEY, MayCallCommon


@tagged("post_install", "-at_install", "noojee")
class TestCallingHours(MayCallCommon):
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
