from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import convert_file

from .common import NoojeeCommon

PROFILES = "data/noojee_handset_profile_data.xml"


@tagged("post_install", "-at_install", "noojee")
class TestSetUp(NoojeeCommon):
    """What an administrator has set, and where it is shown."""

    def test_edited_profiles_are_kept_on_update(self):
        polycom = self.env.ref("noojee.handset_profile_polycom")
        polycom.write({"name": "Our Polycoms", "answer_string": "Alert-Info: ours"})
        yealink = self.env.ref("noojee.handset_profile_yealink")
        yealink.action_swap_strings()
        swapped = yealink.answer_string
        convert_file(self.env, "noojee", PROFILES, None, mode="update")
        self.env.invalidate_all()
        self.assertEqual(polycom.name, "Our Polycoms")
        self.assertEqual(polycom.answer_string, "Alert-Info: ours")
        self.assertEqual(yealink.answer_string, swapped)

    def test_settings_lead_to_the_pbx(self):
        company = self.env["res.company"].create({"name": "Branch"})
        settings = self.env["res.config.settings"].with_company(company).create({})
        self.assertEqual(settings.noojee_pbx_count, 0)
        action = settings.action_noojee_open_pbx()
        self.assertEqual(action["res_model"], "noojee.pbx")
        self.assertFalse(action["res_id"])
        first = self.pbx.copy({"company_id": company.id})
        settings.invalidate_recordset()
        self.assertEqual(settings.noojee_pbx_count, 1)
        self.assertEqual(settings.action_noojee_open_pbx()["res_id"], first.id)
        self.pbx.copy({"company_id": company.id})
        action = settings.action_noojee_open_pbx()
        self.assertEqual(action["xml_id"], "noojee.noojee_pbx_action")

    def test_settings_are_shown_to_noojees_administrators(self):
        for groups, is_shown in [
            ("base.group_system,noojee.group_admin", True),
            ("base.group_system", False),
        ]:
            user = new_test_user(self.env, f"noojee_{is_shown}", groups)
            with self.subTest(groups):
                settings = self.env["res.config.settings"].with_user(user)
                arch = settings.get_view(view_type="form")["arch"]
                self.assertEqual("action_noojee_open_pbx" in arch, is_shown)

    def test_administrator_sees_a_users_line(self):
        groups = "base.group_erp_manager,noojee.group_admin"
        admin = new_test_user(self.env, "noojee_user_admin", groups)
        form = Form(self.anna.with_user(admin), "base.view_users_form")
        self.assertEqual(form.noojee_extension_ids.ids, self.desk_101.ids)

    def test_user_sees_his_line_in_his_preferences(self):
        view = "base.view_users_form_simple_modif"
        form = Form(self.anna.with_user(self.anna), view)
        self.assertEqual(form.noojee_extension_ids.ids, self.desk_101.ids)
        with self.assertRaises(AccessError):
            self.anna.with_user(self.anna).write({"noojee_extension_ids": [(5,)]})

    def test_preferences_of_who_has_no_phone(self):
        other = new_test_user(self.env, "noojee_other", "base.group_user")
        view = "base.view_users_form_simple_modif"
        with Form(other.with_user(other), view) as form:
            with self.assertRaises(AssertionError):
                _line = form.noojee_extension_ids
            form.signature = "<p>Best regards</p>"
        self.assertIn("Best regards", other.signature)


@tagged("post_install", "-at_install", "noojee")
class TestSetUpTours(HttpCase, NoojeeCommon):
    def test_from_odoos_settings_to_the_pbx(self):
        # one PBX of the company: its form opens
        others = self.env["noojee.pbx"].search([("id", "!=", self.pbx.id)])
        others.active = False
        self.start_tour("/odoo/settings", "noojee_settings_tour", login="admin")

    def test_line_in_ones_own_preferences(self):
        self.start_tour("/odoo", "noojee_preferences_tour", login=self.anna.login)
