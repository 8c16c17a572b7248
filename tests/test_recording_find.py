from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .recording_common import RecordingCommon


@tagged("post_install", "-at_install", "noojee")
class TestRecordingFind(RecordingCommon):
    """Older recordings are looked up on the PBX and filed on a record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "noojee.group_supervisor,sales_team.group_sale_salesman_all_leads"
        cls.lead = new_test_user(cls.env, "noojee_lead", groups, name="Lea Dahl")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Inside sales",
                "user_id": cls.lead.id,
                "member_ids": [(6, 0, cls.anna.ids)],
            }
        )
        # those of the demo data have such numbers as well
        for order in cls.env["sale.order"].search([("name", "=", "S00001")]):
            order.name = f"demo {order.id}"
        cls.order = cls.env["sale.order"].create(
            {"name": "S00001", "partner_id": cls.customer.id, "user_id": cls.lead.id}
        )

    def wizard(self, user=None, record=None, **values):
        context = record and {"active_model": record._name, "active_id": record.id}
        wizards = self.env["noojee.find.recordings"].with_user(user or self.lead)
        values = {"pbx_id": self.pbx.id, **values}
        return wizards.with_context(**(context or {})).create(values)

    def find(self, wizard):
        with self.own_cursors():
            wizard.action_find()
        self.env.invalidate_all()
        return wizard.line_ids

    def attach(self, wizard):
        with self.own_cursors():
            action = wizard.action_attach()
        self.env.invalidate_all()
        recordings = self.env["noojee.recording"].search(action["domain"])
        self.fetch()
        return recordings

    def test_by_an_orders_number(self):
        wizard = self.wizard(record=self.order, tag="S00001")
        self.assertEqual(wizard.record_ref, self.order)
        lines = self.find(wizard)
        self.assertEqual(lines.mapped("number"), [1, 2, 3])
        self.assertEqual(lines.mapped("duration"), [4, 21, 9])
        self.assertEqual(set(lines.mapped("source")), {"0370101234"})
        self.assertFalse(any(lines.mapped("leg_state")))
        recording = self.attach(wizard)
        self.assertEqual(recording.record_ref, self.order)
        self.assertEqual(recording.user_id, self.anna)
        self.assertEqual(recording.state, "stored")
        self.assertEqual(set(self.find(wizard).mapped("leg_state")), {"stored"})

    def test_record_is_found_by_the_number(self):
        wizard = self.wizard(tag="S00001")
        self.find(wizard)
        self.assertEqual(wizard.record_ref, self.order)
        self.assertFalse(wizard.invoice_words)

    def test_order_fills_in_its_number(self):
        context = {"active_model": "sale.order", "active_id": self.order.id}
        wizards = self.env["noojee.find.recordings"].with_user(self.lead)
        with Form(wizards.with_context(**context)) as form:
            self.assertEqual(form.tag, "S00001")

    def test_by_an_hour(self):
        moment = self.pbx._local_hour(fields.Datetime.now() - timedelta(days=1))
        wizard = self.wizard(by="hour", day=moment.date(), hour=str(moment.hour))
        lines = self.find(wizard)
        self.assertEqual(len(lines), 10)
        self.assertFalse(any(lines.mapped("is_chosen")))
        with self.assertRaisesRegex(UserError, "Choose what is to be brought"):
            wizard.action_attach()
        lines.filtered(lambda line: line.source == "0270105700")[0].is_chosen = True
        recording = self.attach(wizard)
        self.assertEqual(recording.tag, "S00004")
        # all legs of a call belong together
        self.assertEqual(len(recording.leg_ids), 3)
        self.assertEqual(recording.state, "stored")
        with self.assertRaisesRegex(UserError, "once a minute. Try again in a minute"):
            self.find(wizard)

    def test_nothing_is_found(self):
        wizard = self.wizard(tag="none")
        self.assertFalse(self.find(wizard))
        self.assertEqual(wizard.message, "Test PBX has no recording of this number.")

    def test_what_is_missing(self):
        for values, words in (
            ({"tag": " "}, "Write the number"),
            ({"by": "hour"}, "Choose a day and an hour"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self.find(self.wizard(**values))

    def test_pbx_that_does_not_answer(self):
        self.simulator.faults({"kind": "drop"})
        with self.assertRaisesRegex(UserError, "broke off"):
            self.find(self.wizard(tag="S00001"))

    def test_recordings_are_kept_elsewhere(self):
        self.pbx.recording_base = "older"
        with self.assertRaisesRegex(UserError, "should press Test connection"):
            self.find(self.wizard(tag="S00001"))

    def test_calls_of_other_teams_are_hidden(self):
        self.ingest()
        self.anna.crm_team_member_ids.unlink()
        wizard = self.wizard(tag="S00001")
        self.assertFalse(self.find(wizard))
        self.assertEqual(
            wizard.message, "3 more are of calls that are not yours to see."
        )
        # nor do they come by a line of one's own making
        unique_id = self.env["noojee.call.channel"].search([], limit=1).unique_call_id
        wizard.line_ids = [(0, 0, {"unique_id": unique_id, "is_chosen": True})]
        self.assertFalse(self.attach(wizard))
        self.assertFalse(self.env["noojee.recording"].search([]))

    def test_purged_legs_stay_away(self):
        recording = self.recorded()
        self.fetch()
        for leg in recording.leg_ids:
            leg._attachment_sudo().unlink()
        recording.leg_ids.state = "purged"
        recording.state = "purged"
        wizard = self.wizard(tag="S00001")
        lines = self.find(wizard)
        self.assertEqual(set(lines.mapped("leg_state")), {"purged"})
        lines.is_chosen = True
        self.attach(wizard)
        self.assertEqual(recording.state, "purged")
        self.assertFalse(recording.leg_ids.filtered(lambda leg: leg.state != "purged"))

    def test_tombstones_are_filed_on_nothing(self):
        recording = self.recorded()
        recording._erase()
        wizard = self.wizard(record=self.order, tag="S00001")
        lines = self.find(wizard)
        lines.is_chosen = True
        self.attach(wizard)
        self.assertFalse(recording.record_ref or recording.tag)

    def test_record_that_is_not_ones_own(self):
        wizard = self.wizard(tag="S00001", record_ref=f"res.partner,{self.customer.id}")
        self.find(wizard)
        self.lead.group_ids = self.env.ref("noojee.group_supervisor")
        with self.assertRaises(AccessError):
            self.attach(wizard)

    # === INVOICES === #

    def invoice(self, *orders, name="S00001"):
        """An invoice of some orders. Its number is one that the PBX has a tag of."""
        product = self.env["product.product"].create(
            {"name": "Solar roof", "invoice_policy": "order", "taxes_id": False}
        )
        for order in orders:
            order.order_line = [
                (0, 0, {"product_id": product.id, "price_unit": 100}),
            ]
            order.action_confirm()
        invoice = self.env["sale.order"].union(*orders)._create_invoices()
        invoice.name = name
        return invoice

    def test_by_an_invoices_number(self):
        self.order.name = "S00077"
        invoice = self.invoice(self.order)
        wizard = self.wizard(tag="S00001")
        self.find(wizard)
        self.assertEqual(wizard.record_ref, self.order)
        self.assertIn("S00001 are filed on S00077", wizard.invoice_words)
        recording = self.attach(wizard)
        self.assertEqual(recording.record_ref, self.order)
        note = invoice.message_ids[0]
        self.assertEqual(note.author_id, self.lead.partner_id)
        self.assertIn(f'data-oe-id="{recording.id}"', note.body)
        self.assertIn("S00077", note.body)

    def test_opened_on_an_invoice(self):
        self.order.name = "S00077"
        other = self.order.copy({"name": "S00078"})
        invoice = self.invoice(self.order, other)
        context = {"active_model": "account.move", "active_id": invoice.id}
        wizards = self.env["noojee.find.recordings"].with_user(self.lead)
        with Form(wizards.with_context(**context)) as form:
            form.pbx_id = self.pbx
            self.assertEqual(form.tag, "S00001")
            self.assertEqual(form.record_ref, f"sale.order,{self.order.id}")
        wizard = form.save()
        self.find(wizard)
        self.assertIn("bills S00077, S00078", wizard.invoice_words)
        wizard.record_ref = f"sale.order,{other.id}"
        self.assertEqual(self.attach(wizard).record_ref, other)

    def test_invoice_of_no_order(self):
        self.order.name = "S00077"
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer.id}
        )
        invoice.name = "S00001"
        wizard = self.wizard(record=invoice)
        self.assertEqual(wizard.record_ref, self.customer)
        self.find(wizard)
        self.assertEqual(self.attach(wizard).record_ref, self.customer)

    def test_who_may_not_see_invoices(self):
        self.order.name = "S00077"
        self.invoice(self.order)
        self.lead.group_ids = self.env.ref("noojee.group_supervisor")
        wizard = self.wizard(tag="S00001")
        self.find(wizard)
        self.assertFalse(wizard.invoice_id or wizard.record_ref)

    def test_users_find_nothing(self):
        with self.assertRaises(AccessError):
            self.wizard(user=self.anna, tag="S00001")
        wizard = self.wizard(tag="S00001")
        other = new_test_user(self.env, "noojee_other", "noojee.group_supervisor")
        self.assertFalse(wizard.with_user(other).has_access("read"))
