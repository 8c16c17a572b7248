from odoo.tests import tagged

from .call_common import CallCommon


@tagged("post_install", "-at_install", "noojee")
class TestMerge(CallCommon):
    """Calls of records that become one."""

    def test_leads_become_one_with_their_calls_and_lines(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": name, "partner_id": self.customer.id, "user_id": self.anna.id}
                for name in ("Roof", "Battery", "Shed")
            ]
        )
        calls = self.env["noojee.call"]
        for lead in leads:
            call = self.talked().with_user(self.anna)
            call.this_is_the_caller("crm.lead", lead.id)
            call.set_note(f"About the {lead.name}")
            lead.message_post(body=f"Written on {lead.name}")
            calls |= call
        merged = leads.with_user(self.anna).merge_opportunity()
        self.env.invalidate_all()
        self.assertEqual(merged.exists(), merged)
        self.assertEqual(set(calls.mapped("record_ref")), {merged})
        self.assertEqual(merged.noojee_call_count, 3)
        lines = self.lines(merged)
        self.assertEqual(lines, calls.message_id)
        for name in ("Roof", "Battery", "Shed"):
            with self.subTest(name):
                about = lines.filtered(lambda m, name=name: f"the {name}" in m.body)
                self.assertEqual(len(about), 1)
                written = merged.message_ids.filtered(
                    lambda m, name=name: f"Written on {name}" in (m.body or "")
                )
                self.assertEqual(len(written), 1)
        # a line that changes afterwards changes where it stands now
        calls[0].with_user(self.anna).set_note("After the merge")
        self.assertEqual(len(self.lines(merged)), 3)
        self.assertEqual(len(self.lines(merged).filtered("res_id")), 3)
        self.assertIn("After the merge", calls[0].message_id.body)
        self.assertEqual(calls[0].message_id.res_id, merged.id)

    def test_contact_merged_into_one_of_a_company(self):
        company = self.env["res.partner"].create(
            {"name": "Raman & Sons", "is_company": True}
        )
        kept = self.env["res.partner"].create(
            {"name": "P. Raman", "parent_id": company.id}
        )
        call = self.talked()
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            [kept.id, self.customer.id], kept
        )
        self.env.invalidate_all()
        self.assertEqual((call.partner_id, call.record_ref), (kept, kept))
        self.assertEqual(call.commercial_partner_id, company)
        self.assertEqual(kept.with_user(self.anna).noojee_call_count, 1)
        self.assertEqual(company.with_user(self.anna).noojee_call_count, 1)
        self.assertEqual(len(self.lines(kept)), 1)
