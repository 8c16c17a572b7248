from datetime import datetime, timedelta

from odoo.tests import tagged

from .may_call_common import (
    BRISBANE,
    EARLY_IN_PERTH,
    LONDON,
    MOBILE,
    NEW_YORK,
    PERTH,
    SAO_PAULO,
    SAO_PAULO_MOBILE,
    SATELLITE,
    SYDNEY,
    TORONTO,
    MayCallCommon,
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

    def test_mobile_from_overseas_keeps_the_strictest_zone_of_its_country(self):
        # an area code says where it was bought, and 917 and 416 may be mobiles
        for number, at, title in (
            (NEW_YORK, "2026-07-15 18:59", "It is 8:59 in Honolulu"),
            (TORONTO, "2026-07-15 15:59", "It is 8:59 in Creston"),
            (SAO_PAULO_MOBILE, "2026-07-15 13:59", "It is 8:59 in Eirunepe"),
        ):
            with self.subTest(number):
                finding = self.assertClosed(number, at, title)
                self.assertIn("strictest", finding["message"])
                minute_later = datetime.fromisoformat(at) + timedelta(minutes=1)
                self.assertOpen(number, minute_later.isoformat())

    def test_landline_from_overseas_is_where_its_area_code_says(self):
        self.assertClosed(SAO_PAULO, "2026-07-15 11:59", "It is 8:59 in Sao Paulo")
        self.assertOpen(SAO_PAULO, "2026-07-15 12:00")

    def test_state_without_a_zone_leaves_all_of_its_country(self):
        for xmlid, number, at, title in (
            ("base.state_br_am", SAO_PAULO, "2026-07-15 13:59", "8:59 in Eirunepe"),
            # whatever the number says
            ("base.state_us_5", SYDNEY, "2026-07-15 18:59", "8:59 in Honolulu"),
        ):
            state = self.env.ref(xmlid)
            self.assertFalse(state.noojee_tz)
            self.perth.write({"country_id": state.country_id.id, "state_id": state.id})
            with self.subTest(xmlid):
                self.assertClosed(number, at, f"It is {title}", self.perth)
        # an Australian state that an administrator has taken the zone from
        western = self.env.ref("base.state_au_8")
        western.noojee_tz = False
        self.perth.write({"country_id": western.country_id.id, "state_id": western.id})
        self.assertClosed(SYDNEY, EARLY_IN_PERTH, "It is 7:12 in Perth", self.perth)

    def test_own_country_beats_the_state_of_the_company(self):
        company = self.env["res.partner"].create(
            {
                "name": "Fremantle Joinery",
                "is_company": True,
                "state_id": self.env.ref("base.state_au_8").id,
            }
        )
        contact = self.env["res.partner"].create({"name": "Grace", "type": "other"})
        contact.write({"parent_id": company.id, "country_id": self.env.ref("base.de")})
        self.assertClosed(
            PERTH, "2026-01-14 01:00", "It is 2:00 in Berlin", record=contact
        )

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
