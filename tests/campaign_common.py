from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import NoojeeCommon

MIRROR_LOGGER = "odoo.addons.noojee.models.noojee_campaign_mirror"


class CampaignCommon(NoojeeCommon):
    """The simulator's two templates (see simulator/campaigns.py); Chloe leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what demo data brings stays out of it
        (cls.env["noojee.pbx"].search([]) - cls.pbx).active = False
        cls.chloe = new_test_user(
            cls.env,
            "noojee_chloe",
            "noojee.group_supervisor,sales_team.group_sale_manager",
            name="Chloe Duval",
        )
        cls.admin = new_test_user(
            cls.env,
            "noojee_admin",
            "noojee.group_admin,sales_team.group_sale_manager",
            name="Ada Admin",
        )

    def of_another_company(self, groups="noojee.group_supervisor"):
        """:return: a user who sees nothing of the test's company"""
        company = self.env["res.company"].create({"name": "Company B"})
        return new_test_user(
            self.env,
            "noojee_lena",
            f"{groups},sales_team.group_sale_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def refresh(self, user=None):
        """Press the button, and let the job run.

        :return: the row that tells what came of it
        """
        self.pbx.with_user(user or self.admin).action_refresh_campaigns()
        with self.own_cursors(), mute_logger(MIRROR_LOGGER):
            self.env.ref("noojee.ir_cron_refresh_campaigns").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["noojee.campaign.mirror"]._of(self.pbx)

    def template(self, wire_id="1"):
        return self.found("template", wire_id, [("pbx_id", "=", self.pbx.id)])

    def campaign(self, wire_id="11"):
        return self.found("", wire_id, [("pbx_id", "=", self.pbx.id)])

    def allocation(self, wire_id="111"):
        return self.found("allocation", wire_id, [("pbx_id", "=", self.pbx.id)])

    def field(self, name, template="1"):
        return self.template(template).field_ids.filtered(lambda f: f.name == name)

    def found(self, kind, wire_id, domain):
        model = ".".join(filter(None, ("noojee.campaign", kind)))
        everything = self.env[model].with_context(active_test=False)
        found = everything.search([*domain, ("wire_id", "=", wire_id)])
        return self.env[model].browse(found.ids)
