from datetime import datetime

from odoo.tests import new_test_user

from .common import NoojeeCommon

PERTH = "+61892345678"
SYDNEY = "+61270105700"
BRISBANE = "+61733000000"
MOBILE = "+61491570156"
LONDON = "+442079460000"
NEW_YORK = "+19172345678"
TORONTO = "+14162345678"
SAO_PAULO = "+551134567890"
SAO_PAULO_MOBILE = "+5511987654321"
SATELLITE = "+882134567890"
# Wednesday, 10:12 in Melbourne
EARLY_IN_PERTH = "2026-01-13 23:12:00"


class MayCallCommon(NoojeeCommon):
    """Anna's team telemarkets, and Chloe leads it; Ben has no team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "noojee.group_supervisor,sales_team.group_sale_manager"
        cls.chloe = new_test_user(
            cls.env, "noojee_chloe", groups, name="Chloe Duval", tz="Australia/Perth"
        )
        cls.desk_103.user_id = cls.chloe
        cls.anna.tz = "Australia/Melbourne"
        cls.hours = cls.env.ref("noojee.calling_hours_au_telemarketing")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Telemarketers",
                "user_id": cls.chloe.id,
                "member_ids": [(6, 0, [cls.anna.id])],
                "noojee_calling_hours_id": cls.hours.id,
                "noojee_hours_policy": "override",
            }
        )
        cls.perth = cls.env["res.partner"].create(
            {
                "name": "Li Wei",
                "phone": "0491 570 156",
                "country_id": cls.env.ref("base.au").id,
                "state_id": cls.env.ref("base.state_au_8").id,
            }
        )

    def may_call(self, e164, at, record=None, user=None):
        return self.env["noojee.call"]._may_call(
            e164, record, user=user or self.anna, at=datetime.fromisoformat(at)
        )

    def assertOpen(self, e164, at, record=None):
        self.assertFalse(self.may_call(e164, at, record))

    def assertClosed(self, e164, at, title, record=None, opens_at=None):
        [finding] = self.may_call(e164, at, record)
        self.assertEqual(finding["title"], title)
        if opens_at:
            self.assertEqual(finding["opens_at"], datetime.fromisoformat(opens_at))
        return finding

    def blacklist(self, e164=MOBILE):
        return self.env["phone.blacklist"].create({"number": e164})

    def dial(self, user, record=None, number=None, **options):
        record = record or self.perth
        with self.own_cursors():
            return (
                self.env["noojee.call"]
                .with_user(user)
                .dial(number or record.phone, record._name, record.id, **options)
            )
