import contextlib

from odoo import SUPERUSER_ID
from odoo.tools import mute_logger

from .push_common import PushCommon

LIST = "getCallRecordList"
WORK_LOGGERS = (
    "odoo.addons.noojee.models.noojee_campaign_result_work",
    "odoo.addons.noojee.models.noojee_campaign_result_rules",
)


class ResultCommon(PushCommon):
    """The first campaign, whose calls are told only by the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = [{"name": name, "sequence": 90} for name in ("Reached", "Elsewhere")]
        cls.reached, cls.elsewhere = cls.env["crm.stage"].create(stages)
        cls.too_dear = cls.env["crm.lost.reason"].create({"name": "Too dear"})

    def setUp(self):
        super().setUp()
        self.records()

    def disposition(self, name, template="1"):
        rows = self.template(template).disposition_ids
        return rows.filtered(lambda row: row.name == name)

    def rule(self, disposition, action, **values):
        return self.env["noojee.campaign.rule"].create(
            {
                "template_id": self.template().id,
                "disposition_id": disposition and self.disposition(disposition).id,
                "action": action,
                **values,
            }
        )

    def called(self, lines, disposition="Call back", **call):
        """An agent has called leads."""
        leads = {line.lead_key: disposition for line in lines}
        self.simulator.control("call-leads", leads=leads, **call)

    def records(self, *rows, allocation="111"):
        """What the PBX lists beside its leads."""
        self.simulator.control("call-records", rows=list(rows), allocation=allocation)

    def fetch(self, user=None):
        """Press the button, and let the job run."""
        self.campaign().with_user(user or self.chloe).action_fetch_results()
        self.run_job()

    def run_job(self):
        with self.own_cursors(), mute_logger(*WORK_LOGGERS):
            self.env.ref("noojee.ir_cron_fetch_results").method_direct_trigger()
        self.env.invalidate_all()

    @contextlib.contextmanager
    def apart(self):
        """A transaction of one's own, as a job has it, that may be cut off anywhere."""
        with self.own_cursors(), self.registry.cursor() as cr:
            yield self.env(cr=cr, user=SUPERUSER_ID)
        self.env.invalidate_all()

    def results(self, *domain):
        return self.env["noojee.campaign.result"].search(
            [("pbx_id", "=", self.pbx.id), *domain], order="id"
        )

    def result(self, lead):
        """The only one of a lead."""
        [result] = self.results(("lead_id", "=", lead.id))
        return result

    def calls_of(self, lead):
        return self.env["noojee.call"]._about(lead)
