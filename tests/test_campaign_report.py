from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .result_common import ResultCommon


@tagged("post_install", "-at_install", "noojee")
class TestCampaignReport(ResultCommon):
    """What became of leads in campaigns, counted."""

    EARNED = (
        ("converted", "sum"),
        ("won", "sum"),
        ("ordered", "sum"),
        ("amount", "sum"),
    )

    def counted(self, groupby, *measures, user=None):
        """:return: for each group's name, the measures"""
        report = self.env["noojee.campaign.report"].with_user(user or self.chloe)
        self.env.flush_all()
        rows = report.formatted_read_group(
            [("pbx_id", "=", self.pbx.id)],
            [groupby],
            [f"{name}:{how}" for name, how in measures],
        )
        return {
            row[groupby] and row[groupby][1]: [
                row[f"{name}:{how}"] for name, how in measures
            ]
            for row in rows
        }

    def order(self, lead, amount, **values):
        """A confirmed order of a lead."""
        partner = self.env["res.partner"].create({"name": lead.contact_name})
        line = {"name": "Panels", "price_unit": amount, "tax_ids": False}
        product = self.env["product.product"].create({"name": "Panels"})
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "opportunity_id": lead.id,
                "order_line": [(0, 0, {"product_id": product.id, **line})],
                **values,
            }
        )
        order.action_confirm()
        return order

    def test_how_many_were_pushed_and_dialled(self):
        pushed = self.push(self.leads(4))
        self.called(pushed[:1], "No answer", duration=120)
        self.called(pushed[1:2], "Call back", duration=60)
        self.fetch()
        counts = self.counted(
            "campaign_id",
            ("pushed", "sum"),
            ("dialled", "sum"),
            ("calls", "sum"),
            ("dialled_rate", "avg"),
        )
        [[were_pushed, dialled, calls, rate]] = counts.values()
        self.assertEqual((were_pushed, dialled, calls), (4, 2, 2))
        self.assertEqual(rate, 50)
        [[minutes]] = self.counted("campaign_id", ("talk_minutes", "sum")).values()
        self.assertEqual(minutes, 3)

    def test_what_was_not_sent_has_no_share(self):
        self.push(self.leads())
        # on the PBX's list of numbers that are not called
        self.push(self.leads(phone="0491 570 110"))
        counts = self.counted("state", ("pushed", "sum"), ("dialled_rate", "avg"))
        self.assertEqual(sum(pushed for pushed, _rate in counts.values()), 1)
        [[rate]] = self.counted("campaign_id", ("dialled_rate", "avg")).values()
        self.assertEqual(rate, 0)

    def test_by_the_last_disposition_and_its_agent(self):
        pushed = self.push(self.leads(3))
        self.called(pushed[:2], "Call back")
        self.called(pushed[2:], "No answer", agent="noojee_chloe")
        self.fetch()
        self.assertEqual(
            self.counted("disposition_id", ("pushed", "sum")),
            {"Call back": [2], "No answer": [1]},
        )
        self.assertEqual(
            self.counted("agent_id", ("pushed", "sum")),
            {self.anna.name: [2], "Chloe Duval": [1]},
        )

    def test_what_became_an_opportunity_and_an_order(self):
        leads = self.leads(4, type="lead")
        self.push(leads)
        leads[:2].convert_opportunity(False)
        # in a transaction of its own, which has begun after the push
        leads[:2].date_conversion = fields.Datetime.now()
        self.order(leads[0], 100)
        self.order(leads[0], 50)
        # a quotation is no order yet
        self.order(leads[1], 70).write({"state": "draft"})
        leads[0].action_set_won()
        measures = (
            ("converted", "sum"),
            ("won", "sum"),
            ("ordered", "sum"),
            ("amount", "sum"),
            ("conversion_rate", "avg"),
            ("order_rate", "avg"),
        )
        [counts] = self.counted("campaign_id", *measures).values()
        self.assertEqual(counts, [2, 1, 1, 150, 50, 25])

    def test_what_was_before_is_not_the_campaigns(self):
        lead = self.leads(type="lead")
        lead.convert_opportunity(False)
        order = self.order(lead, 100)
        self.push(lead)
        lead.date_conversion = order.date_order = "2024-05-01 10:00:00"
        measures = (("converted", "sum"), ("ordered", "sum"), ("amount", "sum"))
        [counts] = self.counted("campaign_id", *measures).values()
        self.assertEqual(counts, [0, 0, 0])

    def test_what_is_told_to_the_pbx_later_changes_no_figure(self):
        self.template().won_disposition_id = self.disposition("Sale")
        lead = self.leads(type="lead")
        [line] = self.push(lead)
        line.entered_at = line.sent_at = "2024-05-01 10:00:00"
        lead.convert_opportunity(False)
        order = self.order(lead, 100)
        lead.date_conversion = order.date_order = "2024-05-02 10:00:00"
        lead.action_set_won()
        self.send()
        self.assertEqual(line.state, "withdrawn")
        self.assertGreater(line.sent_at, lead.date_conversion)
        [counts] = self.counted("campaign_id", *self.EARNED).values()
        self.assertEqual(counts, [1, 1, 1, 100])

    def test_an_order_counts_once_for_the_last_campaign_before_it(self):
        lead = self.leads(type="lead")
        [first] = self.push(lead)
        lead.action_set_lost()
        self.send()
        first.state = "withdrawn"
        lead.action_unarchive()
        # the PBX has the number from before
        self.push(lead, allow_duplicates=True)
        second = self.lines(lead) - first
        place = {
            "campaign_id": self.campaign("12").id,
            "allocation_id": self.allocation("121").id,
        }
        third = self.push(lead, **place) - first - second
        for line, day in ((first, 1), (second, 3), (third, 5)):
            self.assertTrue(line.entered_at)
            line.entered_at = f"2024-05-0{day} 10:00:00"
        lead.convert_opportunity(False)
        order = self.order(lead, 100)
        lead.date_conversion = order.date_order = "2024-05-04 10:00:00"
        lead.action_set_won()
        rows = self.env["noojee.campaign.report"].browse((first + second + third).ids)
        self.env.flush_all()
        self.assertEqual(rows.mapped("converted"), [0, 1, 0])
        self.assertEqual(rows.mapped("amount"), [0, 100, 0])
        self.assertEqual(rows.mapped("won"), [0, 0, 1])

    def test_an_order_of_another_company_is_not_this_ones(self):
        other = self.env["res.company"].create({"name": "Company B"})
        lead = self.leads(company_id=False)
        self.push(lead)
        order = self.order(lead, 100)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s WHERE id = %s", [other.id, order.id]
        )
        [counts] = self.counted("campaign_id", *self.EARNED).values()
        self.assertEqual(counts[2:], [0, 0])

    def test_a_lead_that_was_not_taken_is_not_won_in_the_campaign(self):
        # on the PBX's list of numbers that are not called
        lead = self.leads(phone="0491 570 110")
        self.push(lead)
        lead.action_set_won()
        [counts] = self.counted("campaign_id", *self.EARNED).values()
        self.assertEqual(counts[1], 0)

    def test_what_odoo_told_itself_is_no_call(self):
        self.template().auto_update = True
        self.template().update_disposition_id = self.disposition("Call back")
        lead = self.leads()
        self.push(lead)
        lead.contact_name = "Another name"
        self.send()
        self.fetch()
        self.assertEqual(self.result(lead).state, "done")
        counts = self.counted("campaign_id", ("calls", "sum"), ("dialled", "sum"))
        self.assertEqual([*counts.values()], [[0, 0]])

    def test_amounts_are_in_the_companys_currency(self):
        dollars, euros = self.env.ref("base.USD"), self.env.ref("base.EUR")
        foreign = euros if self.pbx.company_id.currency_id == dollars else dollars
        foreign.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": foreign.id,
                "company_id": self.pbx.company_id.id,
                "name": "2020-01-01",
                "rate": 2,
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": foreign.id}
        )
        lead = self.leads()
        self.push(lead)
        self.order(lead, 100, pricelist_id=pricelist.id)
        [[amount]] = self.counted("campaign_id", ("amount", "sum")).values()
        self.assertEqual(amount, 50)

    def test_a_lead_that_was_deleted_counts_on(self):
        lead = self.leads()
        self.called(self.push(lead))
        self.fetch()
        lead.unlink()
        counts = self.counted("campaign_id", ("pushed", "sum"), ("dialled", "sum"))
        self.assertEqual([*counts.values()], [[1, 1]])

    def test_it_is_for_supervisors_of_the_company(self):
        self.push(self.leads())
        seller = new_test_user(
            self.env,
            "noojee_seller",
            "noojee.group_user,sales_team.group_sale_salesman",
        )
        with self.assertRaises(AccessError):
            self.counted("campaign_id", ("pushed", "sum"), user=seller)
        stranger = self.of_another_company()
        counts = self.counted("campaign_id", ("pushed", "sum"), user=stranger)
        self.assertEqual(counts, {})
