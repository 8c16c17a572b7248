from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, tagged

from .may_call_common import EARLY_IN_PERTH, MayCallCommon


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

    def test_server_action_gets_the_words(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Dial",
                "model_id": self.env.ref("base.model_res_partner").id,
                "state": "code",
                "code": "env['noojee.call']._dial(record.phone, record)",
            }
        )
        as_anna = action.with_user(self.anna).with_context(
            active_model="res.partner", active_id=self.perth.id
        )
        with (
            self.own_cursors(),
            self.assertRaisesRegex(UserError, "It is 7:12 in Perth. Your team calls"),
        ):
            as_anna.run()
        self.assertFalse(self.simulator.requests("dial"))
        self.assertFalse(self.env["noojee.call"].search([]))

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

    def test_reasons_of_any_kind(self):
        self.team.member_ids = [(4, self.chloe.id)]
        for reason, kept in (("\x00 yes", "yes"), ("  ", ""), ("’; --", "’; --")):
            with self.subTest(reason):
                self.dial(self.chloe, override=reason)
                self.assertEqual(self.call().override_reason, kept)
                self.call()._end("cancelled")
                self.env.flush_all()
        dialled = len(self.simulator.requests("dial"))
        with self.assertRaisesRegex(UserError, "too long"):
            self.dial(self.chloe, override="x" * 5000)
        self.assertEqual(len(self.simulator.requests("dial")), dialled)

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


@tagged("post_install", "-at_install", "noojee")
class TestOverrideOverHttp(MayCallCommon, HttpCase):
    def dial_over_http(self, user):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw/noojee.call/dial",
            {
                "model": "noojee.call",
                "method": "dial",
                "args": [self.perth.phone, "res.partner", self.perth.id],
                "kwargs": {"override": True},
            },
        )

    def test_user_cannot_override(self):
        """Whatever his browser sends: only a supervisor can."""
        self.team.noojee_calling_hours_id = False
        self.team.noojee_blacklist_policy = "override"
        self.team.member_ids = [(4, self.chloe.id)]
        self.blacklist()
        [finding] = self.dial_over_http(self.anna)["check"]["findings"]
        self.assertFalse(finding["can_override"])
        self.assertFalse(self.simulator.requests("dial"))
        self.assertNotIn("check", self.dial_over_http(self.chloe))
        self.assertEqual(len(self.simulator.requests("dial")), 1)
