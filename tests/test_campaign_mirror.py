from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .campaign_common import CampaignCommon
from .common import API_KEY

LISTS = ("template", "", "allocation", "disposition", "field")
ACCESS_LOGGERS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install", "noojee")
class TestCampaignMirror(CampaignCommon):
    """What the PBX lists of its campaigns stands in Odoo."""

    def everything(self):
        """All rows of the PBX, as they stand here."""
        return {
            (model, row.wire_id): (row.name, row.active)
            for kind in LISTS
            for model in [".".join(filter(None, ("noojee.campaign", kind)))]
            for row in self.env[model]
            .with_context(active_test=False)
            .search([("pbx_id", "=", self.pbx.id)])
        }

    def news(self, user):
        """What a user's browsers were told of refreshes."""
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].search(
            [("message", "like", '"noojee.campaigns/refreshed"')]
        )
        return [m.message for m in messages if f"{user.partner_id.id}]" in m.channel]

    def test_all_lists_are_mirrored(self):
        mirror = self.refresh()
        self.assertFalse(mirror.reason)
        self.assertTrue(mirror.refreshed_at)
        template = self.template()
        self.assertEqual(template.name, "Solar sales")
        self.assertEqual(
            template.campaign_ids.mapped("name"), ["Battery upgrade", "Spring offer"]
        )
        self.assertEqual(
            self.campaign().allocation_ids.mapped("name"),
            ["Melbourne team", "Perth team"],
        )
        self.assertIn("Do not call", template.disposition_ids.mapped("name"))
        self.assertEqual(
            template.field_ids.filtered("is_phone").mapped("name"), ["Phone", "Mobile"]
        )
        self.assertEqual(
            template.field_ids.filtered("is_required").mapped("name"),
            ["Name", "Phone"],
        )
        self.assertEqual(self.field("Phone").wire_type, "phone")
        self.assertFalse(template.faults)

    def test_a_second_refresh_changes_nothing(self):
        self.refresh()
        before = self.everything()
        self.refresh()
        self.assertEqual(self.everything(), before)

    def test_what_vanishes_is_archived_and_comes_back(self):
        self.refresh()
        before = self.everything()
        gone = {
            "templates": ["2"],
            "campaigns": ["12"],
            "allocations": ["112"],
            "dispositions": ["13"],
            "fields": ["5"],
        }
        self.simulator.control("campaigns", gone=gone)
        self.refresh()
        self.assertFalse(self.template("2").active)
        self.assertFalse(self.campaign("12").active)
        self.assertFalse(self.allocation("112").active)
        self.assertTrue(self.allocation("111").active)
        self.assertNotIn("Call back", self.template().disposition_ids.mapped("name"))
        self.assertNotIn("Note", self.template().field_ids.mapped("name"))
        self.assertEqual(set(self.everything()), set(before))
        self.simulator.control("campaigns", gone={})
        self.refresh()
        self.assertEqual(self.everything(), before)

    def test_a_refresh_that_fails_half_way_leaves_what_was_there(self):
        self.refresh()
        before = self.everything()
        self.simulator.control("campaigns", gone={"campaigns": ["12"]})
        for kind in ("http500", "html", "drop", "truncated"):
            with self.subTest(kind):
                self.simulator.faults({"kind": kind, "method": "getAllocationList"})
                mirror = self.refresh()
                self.simulator.clear_faults()
                self.pbx.circuit_ids.write({"failing_since": False, "retry_at": False})
                self.assertEqual(self.everything(), before)
                self.assertIn("could not be read, and are as they were", mirror.reason)
                self.assertEqual(self.pbx.campaigns_reason, mirror.reason)
                self.assertNotIn(API_KEY, mirror.reason)
        self.assertFalse(self.refresh().reason)
        self.assertFalse(self.campaign("12").active)

    def test_a_list_that_the_pbx_does_not_know_is_told_and_the_rest_goes_on(self):
        self.simulator.faults({"kind": "http404", "method": "getDispositionList"})
        mirror = self.refresh()
        self.assertFalse(mirror.reason)
        template = self.template()
        self.assertTrue(template.field_ids and template.campaign_ids)
        self.assertFalse(template.disposition_ids)
        self.assertIn("The dispositions of Solar sales could not", template.faults)
        self.assertIn("does not know this list", template.faults)
        self.simulator.clear_faults()
        self.refresh()
        self.assertFalse(template.faults)
        self.assertTrue(template.disposition_ids)
        self.simulator.faults({"kind": "http404", "method": "getDispositionList"})
        self.refresh()
        # they are as they were
        self.assertTrue(template.disposition_ids)

    def test_the_pbx_is_not_asked_in_the_clicks_transaction(self):
        action = self.pbx.with_user(self.admin).action_refresh_campaigns()
        self.assertIn("are being read", action["params"]["message"])
        self.assertFalse(self.simulator.requests())

    def test_whoever_asked_is_told_what_came_of_it(self):
        self.refresh()
        [message] = self.news(self.admin)
        self.assertIn("2 templates, 3 campaigns", message)
        self.simulator.faults({"kind": "http500"})
        self.refresh()
        self.assertIn("could not be read", self.news(self.admin)[-1])
        self.assertFalse(self.news(self.anna))

    def test_once_a_day_without_anybody(self):
        self.refresh()
        cron = self.env.ref("noojee.ir_cron_refresh_campaigns")
        asked = len(self.simulator.requests("getCampaignTemplateList"))
        with self.own_cursors():
            cron.method_direct_trigger()
        requests = self.simulator.requests("getCampaignTemplateList")
        self.assertEqual(len(requests), asked)
        mirror = self.env["noojee.campaign.mirror"]._of(self.pbx)
        mirror.due_at = fields.Datetime.now() - timedelta(minutes=1)
        with self.own_cursors():
            cron.method_direct_trigger()
        requests = self.simulator.requests("getCampaignTemplateList")
        self.assertEqual(len(requests), asked + 1)

    def test_without_a_key_nothing_is_asked(self):
        self.pbx.sudo().api_key = False
        with self.assertRaisesRegex(UserError, "no API key"):
            self.pbx.with_user(self.admin).action_refresh_campaigns()

    @mute_logger(*ACCESS_LOGGERS)
    def test_users_see_and_administrators_set_up(self):
        self.refresh()
        for kind in LISTS:
            model = ".".join(filter(None, ("noojee.campaign", kind)))
            rows = self.env[model].search([("pbx_id", "=", self.pbx.id)])
            with self.subTest(model):
                self.assertEqual(rows.with_user(self.anna).search([]) & rows, rows)
                with self.assertRaises(AccessError):
                    rows[:1].with_user(self.chloe).write({"name": "Mine"})
                with self.assertRaises(AccessError):
                    rows[:1].with_user(self.admin).unlink()
                with self.assertRaises(AccessError):
                    rows[:1].with_user(self.admin).copy()
        with self.assertRaises(AccessError):
            self.pbx.with_user(self.chloe).action_refresh_campaigns()

    @mute_logger(*ACCESS_LOGGERS)
    def test_nothing_of_another_company_is_seen(self):
        self.refresh()
        lena = self.of_another_company("noojee.group_admin")
        for kind in LISTS:
            model = ".".join(filter(None, ("noojee.campaign", kind)))
            rows = self.env[model].search([("pbx_id", "=", self.pbx.id)])
            with self.subTest(model):
                self.assertTrue(rows)
                self.assertFalse(rows.with_user(lena).search([]) & rows)
        with self.assertRaises(AccessError):
            self.pbx.with_user(lena).action_refresh_campaigns()
