import itertools

from odoo import fields
from odoo.tools import mute_logger

from .campaign_common import CampaignCommon

SEND_LOGGER = "odoo.addons.noojee.models.noojee_pbx_lead"
INSERT = "insertLeadFast"
UPDATE = "updateLeadFast"


class PushCommon(CampaignCommon):
    """Leads of the test's company, and the first campaign."""

    def setUp(self):
        super().setUp()
        self.serial = itertools.count()
        self.refresh()

    def leads(self, count=1, **values):
        """Leads with a number of their own each."""
        numbers = itertools.islice(self.serial, count)
        return self.env["crm.lead"].create(
            [
                {
                    "name": f"Pushed {n}",
                    "contact_name": f"Person {n}",
                    "phone": f"03 7010 {2000 + n}",
                    "country_id": self.env.ref("base.au").id,
                    **values,
                }
                for n in numbers
            ]
        )

    def wizard(self, leads, user=None, **values):
        return (
            self.env["noojee.campaign.push"]
            .with_user(user or self.chloe)
            .with_context(active_model="crm.lead", active_ids=leads.ids)
            .create(
                {
                    "template_id": self.template().id,
                    "campaign_id": self.campaign().id,
                    "allocation_id": self.allocation().id,
                    **values,
                }
            )
        )

    def queue(self, leads, user=None, **values):
        """:return: the lines of the leads"""
        action = self.wizard(leads, user, **values).action_push()
        self.assertEqual(action["res_model"], "noojee.lead.push.job")
        return self.lines(leads)

    def lines(self, leads):
        pushes = self.env["noojee.lead.push"].search([("lead_id", "in", leads.ids)])
        return pushes.sorted("id")

    def send(self):
        with self.own_cursors(), mute_logger(SEND_LOGGER):
            self.env.ref("noojee.ir_cron_push_leads").method_direct_trigger()
        self.env.invalidate_all()

    def send_later(self, lines):
        """As if what they wait for had passed."""
        lines.due_at = fields.Datetime.now()
        self.env["noojee.campaign.mirror"]._of(self.pbx).paused_until = False
        self.pbx.circuit_ids.write({"failing_since": False, "retry_at": False})
        self.send()

    def push(self, leads, **values):
        """Leads that are in the campaign.

        :return: their lines
        """
        lines = self.queue(leads, **values)
        self.send()
        return lines

    def fault(self, kind, method=INSERT, **fault):
        self.simulator.faults({"kind": kind, "method": method, **fault})

    def body(self, method=INSERT):
        """What was sent last."""
        return self.simulator.requests(method)[-1]["body"]

    def assertInCampaign(self, *lines):
        """That each is there once, and nothing else."""
        keys = sorted(line.lead_key for line in lines)
        self.assertEqual(sorted(lead["key"] for lead in self.simulator.leads), keys)
