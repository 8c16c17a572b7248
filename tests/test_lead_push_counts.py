from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..wizard.noojee_campaign_push_parts import PARTS
from .push_common import INSERT, PushCommon

ACCESS_LOGGERS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install", "noojee")
class TestLeadPushCounts(PushCommon):
    """What the wizard says before sending is what becomes of the leads; and who sees
    it."""

    def assertAgrees(self, leads, **values):
        """That as many are sent as the wizard says.

        :return: the wizard's counts before
        """
        wizard = self.wizard(leads, **values)
        [counts] = wizard.read([f"{part}_count" for part in PARTS])
        wizard.action_push()
        self.send()
        sent = self.lines(leads).filtered(lambda line: line.state == "sent")
        self.assertEqual(len(sent), counts["sendable_count"])
        return counts

    def test_a_required_field_is_empty(self):
        counts = self.assertAgrees(self.leads() + self.leads(contact_name=False))
        self.assertEqual((counts["incomplete_count"], counts["sendable_count"]), (1, 1))

    def test_a_required_phone_field_is_empty_and_another_is_not(self):
        self.field("Phone").lead_path = "partner_id.phone"
        self.field("Mobile").lead_path = "phone"
        leads = self.leads() + self.leads(partner_id=self.customer.id)
        leads[1].phone = "0491 570 156"
        counts = self.assertAgrees(leads)
        self.assertEqual((counts["incomplete_count"], counts["sendable_count"]), (1, 1))

    def test_one_of_two_numbers_cannot_be_dialled(self):
        self.field("Mobile").lead_path = "partner_name"
        lead = self.leads(partner_name="12345")
        counts = self.assertAgrees(lead)
        self.assertEqual(counts["sendable_count"], 1)
        self.assertNotIn("Mobile", self.body())
        self.assertEqual(self.lines(lead).state, "sent")

    def test_no_number_can_be_dialled(self):
        counts = self.assertAgrees(self.leads(phone="101") + self.leads(phone="12345"))
        self.assertEqual((counts["unnumbered_count"], counts["sendable_count"]), (2, 0))

    def test_equal_numbers(self):
        there = self.leads()
        self.push(there)
        leads = self.leads(2)
        leads[1].phone = "+61 " + leads[0].phone[1:]
        leads |= self.leads(phone=there.phone)
        counts = self.assertAgrees(leads)
        self.assertEqual((counts["equal_count"], counts["sendable_count"]), (2, 1))
        more = self.leads(phone=there.phone)
        counts = self.assertAgrees(more, allow_duplicates=True)
        self.assertEqual((counts["equal_count"], counts["sendable_count"]), (0, 1))

    def test_calling_hours_of_many_at_the_price_of_few(self):
        hours = self.env.ref("noojee.calling_hours_au_telemarketing")
        team = self.env["crm.team"].create(
            {"name": "Telemarketers", "noojee_calling_hours_id": hours.id}
        )
        by_day = fields.Datetime.to_datetime("2027-01-12 23:00:00")

        def cost(count):
            wizard = self.wizard(self.leads(count, team_id=team.id))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard.call_back_at = by_day
            wizard.action_push()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2)
        self.assertLess(cost(200) - cost(20), 10)

    def test_put_on_the_blacklist_while_queued(self):
        lead = self.leads()
        [line] = self.queue(lead)
        self.env["phone.blacklist"].create({"number": lead.phone_sanitized})
        self.send()
        self.assertEqual(line.state, "refused")
        self.assertIn("is on the phone blacklist", line.reason)
        self.assertFalse(self.simulator.requests(INSERT))
        self.env["phone.blacklist"].search(
            [("number", "=", lead.phone_sanitized)]
        ).active = False
        line.with_user(self.chloe).action_retry()
        self.send()
        self.assertEqual(line.state, "sent")

    def test_archived_while_queued(self):
        lead = self.leads()
        [line] = self.queue(lead)
        lead.active = False
        self.send()
        self.assertEqual(
            (line.state, line.reason), ("withdrawn", "The lead is archived.")
        )

    def test_what_was_withdrawn_later_was_sent_all_the_same(self):
        lead = self.leads()
        [line] = self.push(lead)
        disposition = self.template().disposition_ids[0]
        self.template().won_disposition_id = disposition
        lead.action_set_won()
        self.send()
        progress = line.job_id.get_progress()
        self.assertEqual((progress["withdrawn"], progress["refused"]), (1, 0))

    def test_waiting_leads_can_be_sent_at_once(self):
        self.fault("http500", times=1)
        [line] = self.push(self.leads())
        self.assertEqual(line.state, "waiting")
        line.with_user(self.chloe).action_retry()
        self.send_later(line)
        self.assertEqual(line.state, "sent")

    def test_without_any_campaign_it_is_told_what_to_do(self):
        self.template().search([]).active = False
        wizards = self.env["noojee.campaign.push"].with_user(self.chloe)
        self.assertIn("No campaigns are known yet", wizards.new({}).problem)

    def test_an_allocation_of_another_campaign(self):
        wizard = self.wizard(self.leads(), allocation_id=self.allocation("121").id)
        self.assertIn("is not an allocation of Spring offer", wizard.problem)

    def test_a_pbx_that_is_not_set_up_any_more(self):
        lines = self.queue(self.leads())
        self.pbx.sudo().api_key = False
        self.send()
        self.assertEqual(lines.state, "queued")
        self.assertIn("has no API key", lines.job_id.get_progress()["reason"])
        self.assertIn("has no API key", self.wizard(self.leads()).problem)

    # === WHO SEES WHAT === #

    @mute_logger(*ACCESS_LOGGERS)
    def test_sales_people_see_what_became_of_the_leads_they_see(self):
        dora = new_test_user(
            self.env,
            "noojee_dora",
            "noojee.group_user,sales_team.group_sale_salesman",
        )
        own, free, others = (
            self.leads(user_id=user and user.id) for user in (dora, None, self.ben)
        )
        self.push(own + free + others)
        seen = self.env["noojee.lead.push"].with_user(dora).search([])
        self.assertEqual(seen.lead_id, own + free)
        for user in (self.anna, self.chloe):
            seen = self.env["noojee.lead.push"].with_user(user).search([])
            self.assertEqual(seen & self.lines(others), self.lines(others))

    @mute_logger(*ACCESS_LOGGERS)
    def test_what_was_sent_is_nobodys_to_read(self):
        [line] = self.push(self.leads())
        with self.assertRaises(AccessError):
            line.with_user(self.chloe).read(["sent_values"])

    def test_numbers_stand_in_no_receipt_of_those_who_may_not_see_them(self):
        group = self.env.ref("noojee.group_user")
        group.implied_ids -= self.env.ref("noojee.group_see_numbers")
        lead = self.leads(phone="03 7010 12")
        [line] = self.push(lead)
        self.assertEqual(line.state, "refused")
        self.assertNotIn("7010 12", line.reason)
