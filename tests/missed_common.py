from odoo.tests import new_test_user

from .call_common import CallCommon

STRANGER = "0491577644"
STRANGER_E164 = "+61491577644"


class MissedCommon(CallCommon):
    """A sales team of Anna and Ben that Chloe leads, and Dana outside of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what demo data brings stays out of it
        cls.env["crm.team.member"].search([]).active = False
        cls.chloe = new_test_user(
            cls.env, "noojee_chloe", "noojee.group_supervisor", name="Chloe Duval"
        )
        cls.dana = new_test_user(
            cls.env, "noojee_dana", "noojee.group_user", name="Dana Ito"
        )
        cls.admin = new_test_user(cls.env, "noojee_adm", "noojee.group_admin")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Solar sales",
                "company_id": cls.env.company.id,
                "user_id": cls.chloe.id,
                "member_ids": [(6, 0, [cls.anna.id, cls.ben.id])],
            }
        )

    def entries(self, user=None, **values):
        entries = self.env["noojee.missed.call"]
        entries = entries.with_user(user) if user else entries
        return entries.search(
            [("state", "!=", "done"), *((n, "=", v) for n, v in values.items())]
        )

    def missed_queue(self, desks=("101", "102"), caller=STRANGER):
        return self.missed(desks=desks, caller=caller)

    def lead(self, **values):
        return self.env["crm.lead"].create(
            {
                "name": "12 kW roof",
                "contact_name": "Li Wei",
                "phone": STRANGER,
                "user_id": self.ben.id,
                "team_id": self.team.id,
                **values,
            }
        )

    def to_call(self, user):
        return self.env["noojee.call"].with_user(user).get_to_call()["entries"]
