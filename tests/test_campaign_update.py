from odoo.tests import tagged

from .push_common import UPDATE, PushCommon

NO_CHANGE = "<No Change>"


@tagged("post_install", "-at_install", "noojee")
class TestCampaignUpdate(PushCommon):
    """What is in a campaign follows the lead."""

    def setUp(self):
        super().setUp()
        self.template().write(
            {
                "update_disposition_id": self.disposition("Call back").id,
                "won_disposition_id": self.disposition("Sale").id,
                "lost_disposition_id": self.disposition("Not interested").id,
                "blacklist_disposition_id": self.disposition("Do not call").id,
            }
        )

    def disposition(self, name):
        rows = self.template().disposition_ids
        return rows.filtered(lambda row: row.name == name)

    def there(self, line):
        """The lead at the PBX."""
        [lead] = [r for r in self.simulator.leads if r["key"] == line.lead_key]
        return lead

    def called(self, line, disposition="Call back"):
        """An agent has called the lead."""
        self.pbx._ask(
            lambda client: client.update_lead(
                "1",
                "11",
                "111",
                {
                    "njExternalLeadId": line.lead_key,
                    "Phone": NO_CHANGE,
                    "njDisposition": disposition,
                },
            )
        )

    # === CHANGES === #

    def test_only_what_has_changed_is_sent(self):
        lead = self.leads(city="Carlton")
        [line] = self.push(lead)
        self.called(line, "No answer")
        lead.with_user(self.anna).city = "Fitzroy"
        self.send()
        body = self.body(UPDATE)
        self.assertEqual(body["Suburb"], "Fitzroy")
        self.assertEqual((body["Phone"], body["Name"]), (NO_CHANGE, NO_CHANGE))
        self.assertEqual(body["njDisposition"], NO_CHANGE)
        self.assertEqual(self.there(line)["fields"]["Suburb"], "Fitzroy")
        self.assertEqual(self.there(line)["disposition"], "No answer")
        self.assertEqual((line.state, line.is_stale), ("sent", False))

    def test_a_lead_that_nobody_has_called_gets_a_disposition(self):
        lead = self.leads()
        [line] = self.push(lead)
        lead.city = "Fitzroy"
        self.send()
        self.assertEqual(self.there(line)["fields"]["Suburb"], "Fitzroy")
        self.assertEqual(self.there(line)["disposition"], "Call back")

    def test_without_such_a_disposition_it_is_told(self):
        self.template().update_disposition_id = False
        lead = self.leads()
        [line] = self.push(lead)
        lead.city = "Fitzroy"
        self.send()
        self.assertEqual((line.state, line.code), ("sent", 107))
        self.assertIn("Nobody has called the lead yet", line.reason)
        self.assertNotIn("Suburb", self.there(line)["fields"])

    def test_changes_of_the_contact_are_changes_of_the_lead(self):
        self.field("Suburb").lead_path = "partner_id.city"
        lead = self.leads(partner_id=self.customer.id)
        [line] = self.push(lead)
        self.customer.city = "Brunswick"
        self.send()
        self.assertEqual(self.there(line)["fields"]["Suburb"], "Brunswick")

    def test_what_is_not_mapped_asks_nobody(self):
        lead = self.leads()
        [line] = self.push(lead)
        lead.write({"probability": 12, "email_cc": "x@example.com"})
        self.send()
        self.assertFalse(self.simulator.requests(UPDATE))
        self.assertFalse(line.is_stale)

    def test_a_template_may_leave_changes_alone(self):
        self.template().auto_update = False
        lead = self.leads()
        [line] = self.push(lead)
        lead.city = "Fitzroy"
        self.send()
        self.assertFalse(self.simulator.requests(UPDATE))
        self.assertEqual(line.state, "sent")

    def test_a_server_action_updates_all_the_same(self):
        self.template().auto_update = False
        lead = self.leads()
        [line] = self.push(lead)
        lead.city = "Fitzroy"
        self.send()
        action = self.env["ir.actions.server"].create(
            {
                "name": "Update",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "state": "noojee_update_lead",
            }
        )
        action.with_context(active_model="crm.lead", active_ids=lead.ids).run()
        self.send()
        self.assertEqual(self.there(line)["fields"]["Suburb"], "Fitzroy")

    def test_a_change_that_the_pbx_could_not_take_is_sent_later(self):
        lead = self.leads()
        [line] = self.push(lead)
        lead.city = "Fitzroy"
        self.fault("http500", method=UPDATE)
        self.send()
        self.assertEqual((line.state, line.task), ("waiting", "update"))
        self.simulator.clear_faults()
        self.send_later(line)
        self.assertEqual(line.state, "sent")
        self.assertEqual(self.there(line)["fields"]["Suburb"], "Fitzroy")
        self.assertInCampaign(line)

    def test_a_lead_that_the_campaign_has_lost(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.simulator.control("reset")
        lead.city = "Fitzroy"
        self.send()
        self.assertEqual(line.state, "withdrawn")
        self.assertIn("does not have this lead any more", line.reason)

    # === WITHDRAWAL === #

    def test_closed_leads_are_not_called_any_more(self):
        def blacklist(lead):
            self.env["phone.blacklist"].create({"number": lead.phone_sanitized})

        for close, disposition, words in [
            (lambda lead: lead.action_set_won(), "Sale", "is won"),
            (lambda lead: lead.action_set_lost(), "Not interested", "is lost"),
            (lambda lead: lead.unlink(), "Not interested", "has been deleted"),
            (blacklist, "Do not call", "phone blacklist"),
        ]:
            with self.subTest(disposition, words=words):
                lead = self.leads()
                [line] = self.push(lead)
                close(lead)
                self.send()
                self.assertEqual(self.there(line)["disposition"], disposition)
                self.assertEqual(line.state, "withdrawn")
                self.assertIn(words, line.reason)

    def test_closed_leads_stay_where_the_template_names_no_disposition(self):
        self.template().won_disposition_id = False
        lead = self.leads()
        [line] = self.push(lead)
        lead.action_set_won()
        self.send()
        self.assertEqual(line.state, "sent")
        self.assertIn("It stays in the campaign", line.reason)
        self.assertFalse(self.simulator.requests(UPDATE))

    def test_what_closes_before_it_is_sent_is_not_sent(self):
        won, deleted = self.leads(), self.leads()
        lines = self.queue(won + deleted)
        won.action_set_won()
        deleted.unlink()
        self.send()
        self.assertEqual(set(lines.mapped("state")), {"withdrawn"})
        self.assertFalse(self.simulator.leads)

    def test_what_closes_while_its_answer_is_lost(self):
        lead = self.leads()
        self.fault("drop", when="after")
        [line] = self.push(lead)
        self.simulator.clear_faults()
        lead.action_set_lost()
        self.send_later(line)
        self.assertEqual(line.state, "withdrawn")
        self.assertEqual(self.there(line)["disposition"], "Not interested")

    def test_who_was_withdrawn_can_come_back_under_another_key(self):
        lead = self.leads()
        [line] = self.push(lead)
        lead.action_set_lost()
        self.send()
        lead.action_unarchive()
        lines = self.queue(lead, allow_duplicates=True)
        self.send()
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines[1].lead_key, f"{line.lead_key}-2")
        self.assertEqual(lines.mapped("state"), ["withdrawn", "sent"])
        self.assertInCampaign(*lines)

    # === LEADS THAT BECOME ONE === #

    def test_of_merged_leads_one_stays_in_the_campaign(self):
        leads = self.leads(2)
        lines = self.push(leads)
        merged = leads.with_user(self.chloe).merge_opportunity()
        self.send()
        [stays] = lines.filtered(lambda line: line.lead_id == merged)
        goes = lines - stays
        self.assertEqual((stays.state, goes.state), ("sent", "withdrawn"))
        self.assertEqual(self.there(goes)["disposition"], "Not interested")
        self.assertInCampaign(*lines)

    def test_a_merged_lead_takes_its_place_along(self):
        first, second = self.leads(), self.leads()
        lines = self.push(first) + self.queue(second)
        keys = {line.lead_id: line.lead_key for line in lines}
        merged = (first + second).with_user(self.chloe).merge_opportunity()
        self.send()
        [stays] = lines.filtered(lambda line: line.lead_id == merged)
        self.assertEqual(stays.state, "sent")
        self.assertIn(stays.lead_key, keys.values())
        self.assertLessEqual(len(self.simulator.leads), 2)
