from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .voice_signature_common import RENDER_LOGGER, SignatureCommon


@tagged("post_install", "-at_install", "noojee")
class TestVoiceScript(SignatureCommon):
    def names(self, order=None):
        return [script["name"] for script in self.dialog(order)["scripts"]]

    def version(self):
        return self.dialog()["scripts"][0]["version_id"]

    def test_which_scripts_an_order_has(self):
        other_team = self.env["crm.team"].create({"name": "Service"})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        passages = [Command.create({"title": "One", "body": "Right?"})]
        self.env["noojee.voice.script"].create(
            [
                {"name": name, "notice": "May I?", "passage_ids": passages, **values}
                for name, values in {
                    "Ours": {"team_ids": self.team.ids},
                    "Theirs": {"team_ids": other_team.ids},
                    "Elsewhere": {"company_id": company.id},
                    "Archived": {"active": False},
                    "Empty": {"passage_ids": False},
                }.items()
            ]
        )
        self.assertEqual(self.names(), ["Agreement", "Ours"])

    def test_versions_are_made_by_editing(self):
        first = self.version()
        self.assertEqual(self.version(), first)
        self.assertEqual(self.script.version_id.number, 1)
        self.script.passage_ids[1].body = "Other words"
        second = self.version()
        self.assertNotEqual(second, first)
        self.assertEqual(self.script.version_id.number, 2)
        self.script.passage_ids[1].sequence = 1
        self.assertNotEqual(self.version(), second)
        self.script.name = "Another name"
        self.assertEqual(self.script.version_id.number, 3)
        self.script.notice = "Is it all right?"
        self.version()
        self.assertEqual(self.script.version_id.number, 4)

    def test_version_is_frozen(self):
        self.version()
        version = self.script.version_id
        with self.assertRaisesRegex(UserError, "stays as it was read"):
            version.notice = "x"
        with self.assertRaisesRegex(UserError, "stays as it was read"):
            version.passage_ids[0].body = "x"
        with self.assertRaisesRegex(UserError, "stays as it was read"):
            version.passage_ids[0].update_field_translations("body", {"en_US": "x"})
        with self.assertRaisesRegex(UserError, "stays as it was read"):
            version.passage_ids[0].unlink()
        with self.assertRaisesRegex(UserError, "stays as it was read"):
            self.script.passage_ids[0].copy({"version_id": version.id})
        with self.assertRaisesRegex(UserError, "stays as it was read"):
            self.script.passage_ids[0].version_id = version
        with self.assertRaises(UserError):
            version.unlink()
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.script.unlink()

    def test_script_that_nobody_has_read(self):
        self.script.unlink()
        self.assertFalse(self.names())

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        passage = self.script.passage_ids[1]
        passage.with_context(lang="fr_FR").write(
            {"title": "Prix", "body": "Le total: {{ object.amount_total }}."}
        )
        self.script.with_context(lang="fr_FR").notice = "Je peux enregistrer ?"
        self.customer.lang = "fr_FR"
        [script] = self.dialog()["scripts"]
        self.assertIn("French", script["language"])
        notice, _order, price = script["passages"]
        self.assertEqual(notice["text"], "Je peux enregistrer ?")
        self.assertEqual(price["title"], "Prix")
        self.assertEqual(price["text"], "Le total: 4200.0.")
        take = self.signed()
        self.assertEqual(take.lang, "fr_FR")
        # kept as read, whatever becomes of the customer's language
        self.customer.lang = "en_US"
        passage.with_context(lang="fr_FR").body = "Autre"
        kept = take.sudo().passage_ids[2]
        self.assertEqual(kept.text, "Le total: 4200.0.")
        version = take.version_id.with_context(lang="fr_FR")
        self.assertEqual(
            version.passage_ids[1].body, "Le total: {{ object.amount_total }}."
        )

    def test_preview_on_a_real_order(self):
        form = Form(self.script)
        self.assertTrue(form.preview_order_id)
        form.preview_order_id = self.order
        self.assertIn(f"May I record this for {self.order.name}?", form.preview)
        self.assertIn("4,200.00", form.preview)
        with form.passage_ids.edit(0) as line:
            line.body = "Now {{ object.name }}"
        self.assertIn(f"Now {self.order.name}", form.preview)

    def test_administrator_who_sees_no_orders(self):
        admin = new_test_user(self.env, "boss", "noojee.group_admin")
        with Form(self.script.with_user(admin)) as form:
            self.assertFalse(form.preview_order_id or form.preview)
            form.notice = "May I record this?"
        self.assertEqual(self.script.notice, "May I record this?")

    @mute_logger(RENDER_LOGGER)
    def test_preview_of_what_does_not_fit(self):
        self.script.passage_ids[0].body = "{{ format_amount(object.nothing) }}"
        self.script.preview_order_id = self.order
        self.assertIn("does not fit", self.script.preview)

    def test_expressions_are_for_template_editors(self):
        editor = self.env.ref("mail.group_mail_template_editor")
        self.env.ref("base.group_user").implied_ids -= editor
        groups = "noojee.group_admin,sales_team.group_sale_salesman_all_leads"
        admin = new_test_user(self.env, "writer", groups)
        passage = self.script.with_user(admin).passage_ids[0]
        passage.body = "Plain words"
        with self.assertRaises(AccessError):
            passage.body = "{{ object.env['res.users'].search([]) }}"
        # nor does a preview run what may not be saved
        with Form(self.script.with_user(admin)) as form:
            form.preview_order_id = self.order
            with form.passage_ids.edit(0) as line:
                line.body = "{{ object.env.user.login.upper() }}"
            self.assertNotIn("WRITER", form.preview)
            self.assertIn("Only template editors may write", form.preview)
            with form.passage_ids.edit(0) as line:
                line.body = "Plain words for {{ object.name }}"
            self.assertIn(f"Plain words for {self.order.name}", form.preview)

    def test_example_fits_an_order(self):
        self.script.active = False
        example = self.env.ref("noojee.voice_script_order")
        example.active = True
        [script] = self.dialog()["scripts"]
        self.assertFalse(script["fault"])
        texts = [passage["text"] for passage in script["passages"]]
        self.assertEqual(len(texts), 7)
        self.assertIn(self.order.name, texts[0])
        self.assertIn("Anna Berg", texts[1])
        self.assertIn("12 kW solar roof", texts[3])
        self.assertIn("4,200.00", texts[4])
        self.assertFalse([text for text in texts if "{{" in text])
