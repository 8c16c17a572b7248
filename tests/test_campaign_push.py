import threading

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .push_common import INSERT, UPDATE, PushCommon

ACCESS_LOGGERS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install", "noojee")
class TestCampaignPush(PushCommon):
    """Leads go to a campaign, each of them once."""

    # === THE WAY OUT === #

    def test_nothing_is_asked_before_commit(self):
        triggers = self.env["ir.cron.trigger"]
        of_job = [("cron_id", "=", self.env.ref("noojee.ir_cron_push_leads").id)]
        before = triggers.search_count(of_job)
        lines = self.queue(self.leads(3))
        self.assertEqual(lines.mapped("state"), ["queued"] * 3)
        self.assertGreater(triggers.search_count(of_job), before)
        self.assertFalse(self.simulator.requests(INSERT))

    def test_leads_are_in_the_campaign_with_a_receipt(self):
        lines = self.push(self.leads(5))
        self.assertEqual(set(lines.mapped("state")), {"sent"})
        self.assertTrue(all(lines.mapped("sent_at")))
        self.assertInCampaign(*lines)
        [first, *_others] = self.simulator.leads
        self.assertEqual((first["campaign"], first["allocation"]), ("11", "111"))
        job = lines.job_id
        self.assertEqual((job.total, job.sent_count, job.open_count), (5, 5, 0))
        self.assertEqual(job.progress, 100)
        self.assertEqual(job.user_id, self.chloe)

    def test_parameters_are_sent_as_the_document_tells(self):
        lead = self.leads()
        self.push(
            lead,
            # 10:00 in Melbourne's summer
            call_back_at=fields.Datetime.to_datetime("2027-01-12 23:00:00"),
            priority=3,
            contact_hours="Office",
            allow_duplicates=True,
        )
        [request] = self.simulator.requests(INSERT)
        self.assertEqual(request["params"]["allowDuplicates"], "true")
        self.assertEqual(request["ignored"], [])
        body = request["body"]
        self.assertEqual(body["njCallBackDate"], "2027/01/13 10:00")
        self.assertEqual(body["njPriority"], "3")
        self.assertEqual(body["njContactHours"], "Office")
        self.assertEqual(body["Phone"], f"037010{lead.phone[-4:]}")
        self.assertEqual(body["Name"], lead.contact_name)
        self.assertNotIn("njDisposition", body)

    def test_keys_are_of_this_database_lead_and_campaign(self):
        lead = self.leads()
        [line] = self.push(lead)
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        self.assertEqual(line.lead_key, f"{uuid}-{lead.id}-11")
        other = self.queue(
            lead,
            campaign_id=self.campaign("12").id,
            allocation_id=self.allocation("121").id,
        )
        self.send()
        self.assertEqual(len(other), 2)
        self.assertInCampaign(*other)

    def test_no_more_at_a_time_than_the_pbx_works_on(self):
        self.pbx.leads_at_once = 2
        running = []

        def watch():
            while not done.is_set():
                rows = self.simulator.requests(INSERT)
                running.append(sum(row["status"] is None for row in rows))

        done = threading.Event()
        lines = self.queue(self.leads(12))
        watcher = threading.Thread(target=watch)
        watcher.start()
        self.send()
        done.set()
        watcher.join()
        self.assertLessEqual(max(running), 2)
        self.assertEqual(set(lines.mapped("state")), {"sent"})

    def test_whoever_sent_them_sees_them_go(self):
        lines = self.push(self.leads(15))
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].search(
            [("message", "like", '"noojee.lead.push/progress"')]
        )
        self.assertGreaterEqual(len(messages), 2)
        self.assertIn(f"{self.chloe.partner_id.id}]", messages[-1].channel)
        progress = lines.job_id.with_user(self.chloe).get_progress()
        self.assertEqual((progress["sent"], progress["open"]), (15, 0))

    # === BEFORE SENDING === #

    def test_the_wizard_tells_what_will_become_of_them(self):
        there = self.leads()
        self.push(there)
        unnumbered = self.leads(phone=False)
        blocked = self.leads()
        self.env["phone.blacklist"].create({"number": blocked.phone_sanitized})
        won = self.leads()
        won.action_set_won()
        good = self.leads(2)
        wizard = self.wizard(there + unnumbered + blocked + won + good)
        self.assertEqual(wizard.lead_count, 6)
        self.assertEqual(wizard.there_count, 1)
        self.assertEqual(wizard.unnumbered_count, 1)
        self.assertEqual(wizard.blocked_count, 1)
        self.assertEqual(wizard.closed_count, 1)
        self.assertEqual(wizard.sendable_count, 2)
        self.assertFalse(wizard.problem)
        wizard.action_push()
        self.send()
        self.assertEqual(set(self.lines(good).mapped("state")), {"sent"})
        self.assertIn("Phone is required", self.refusal(unnumbered))
        self.assertIn("is on the phone blacklist", self.refusal(blocked))
        self.assertIn("is won", self.lines(won).reason)
        self.assertInCampaign(*self.lines(there), *self.lines(good))

    def refusal(self, lead):
        [line] = self.lines(lead)
        self.assertEqual(line.state, "refused")
        return line.reason

    def test_out_of_hours_at_the_time_of_the_call_back(self):
        team = self.env["crm.team"].create(
            {
                "name": "Telemarketers",
                "noojee_calling_hours_id": self.env.ref(
                    "noojee.calling_hours_au_telemarketing"
                ).id,
            }
        )
        lead = self.leads(team_id=team.id)
        # 3 o'clock in the night
        night = fields.Datetime.to_datetime("2027-01-12 16:00:00")
        wizard = self.wizard(lead, call_back_at=night)
        self.assertEqual((wizard.blocked_count, wizard.sendable_count), (1, 0))
        wizard.action_push()
        self.send()
        self.assertIn("It is", self.refusal(lead))
        # when the campaign calls is its own choice
        self.lines(lead).job_id.call_back_at = False
        self.lines(lead).with_user(self.chloe).action_retry()
        self.send()
        self.assertEqual(self.lines(lead).state, "sent")

    def test_no_phone_field_is_filled(self):
        self.field("Phone").lead_path = False
        wizard = self.wizard(self.leads())
        self.assertIn("No phone field of Solar sales", wizard.problem)
        with self.assertRaisesRegex(UserError, "No phone field of Solar sales"):
            wizard.action_push()
        self.assertFalse(self.simulator.requests(INSERT))

    def test_a_closed_allocation_is_not_offered(self):
        wizard = self.wizard(self.leads())
        self.simulator.control("campaigns", gone={"allocations": ["111"]})
        self.refresh()
        self.assertIn("Melbourne team is closed at the PBX", wizard.problem)
        with self.assertRaisesRegex(UserError, "is closed at the PBX"):
            wizard.action_push()

    def test_again_is_not_twice(self):
        leads = self.leads(2)
        lines = self.push(leads)
        with self.assertRaisesRegex(UserError, "None of these leads is left"):
            self.wizard(leads).action_push()
        self.assertEqual(self.lines(leads), lines)
        self.assertEqual(len(self.simulator.requests(INSERT)), 2)

    # === MANY === #

    def test_queueing_costs_the_same_few_queries(self):
        few, many = self.leads(10), self.leads(1000)

        def cost(leads):
            wizard = self.wizard(leads)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard.action_push()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(self.leads())
        of_few = cost(few)
        self.assertLess(cost(many) - of_few, 25)
        self.assertEqual(len(self.lines(many)), 1000)

    # === WHO MAY === #

    @mute_logger(*ACCESS_LOGGERS)
    def test_sales_people_see_and_supervisors_send(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.assertEqual(line.with_user(self.anna).read(["state"])[0]["state"], "sent")
        for attempt in (
            lambda: self.wizard(lead, self.anna),
            lambda: lead.with_user(self.anna).action_noojee_push(),
            lambda: line.with_user(self.anna).action_retry(),
            lambda: line.with_user(self.anna).action_stop(),
            lambda: line.with_user(self.anna).action_update(),
            lambda: line.job_id.with_user(self.anna).action_stop(),
            lambda: line.with_user(self.chloe).write({"state": "queued"}),
            lambda: line.job_id.with_user(self.chloe).write({"name": "Mine"}),
            lambda: line.with_user(self.admin).unlink(),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertTrue(lead.with_user(self.chloe).action_noojee_push())

    @mute_logger(*ACCESS_LOGGERS)
    def test_nothing_of_another_company_is_seen_or_sent(self):
        lena = self.of_another_company()
        [line] = self.push(self.leads())
        pushes = self.env["noojee.lead.push"].with_user(lena)
        self.assertNotIn(line, pushes.search([]))
        with self.assertRaises(AccessError):
            line.job_id.with_user(lena).get_progress()
        lead = self.leads(company_id=lena.company_id.id)
        wizard = self.wizard(lead)
        self.assertEqual(wizard.other_company_count, 1)
        with self.assertRaises(UserError):
            wizard.action_push()

    # === SERVER ACTIONS === #

    def test_a_server_action_sends_each_lead_once(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Send",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "state": "noojee_push_lead",
                "noojee_campaign_id": self.campaign().id,
                "noojee_allocation_id": self.allocation().id,
                "noojee_priority": 2,
            }
        )
        leads = self.leads(2)
        for _turn in range(2):
            action.with_user(self.anna).with_context(
                active_model="crm.lead", active_ids=leads.ids
            ).run()
        self.send()
        lines = self.lines(leads)
        self.assertEqual(lines.mapped("state"), ["sent"] * 2)
        self.assertEqual(self.body()["njPriority"], "2")
        self.assertFalse(self.simulator.requests(UPDATE))

    def test_a_server_action_never_holds_up_the_lead(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Send",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "state": "noojee_push_lead",
                "noojee_campaign_id": self.campaign().id,
                "noojee_allocation_id": self.allocation().id,
            }
        )
        self.field("Phone").lead_path = False
        lead = self.leads()
        with mute_logger("odoo.addons.noojee.models.ir_actions_server_campaign"):
            action.with_context(active_model="crm.lead", active_ids=lead.ids).run()
        self.assertIn("No phone field", lead.message_ids[0].body)
