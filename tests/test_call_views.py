from odoo.tests import tagged

from .call_common import CallCommon


@tagged("post_install", "-at_install", "noojee")
class TestCallViews(CallCommon):
    """What a list of calls can be searched and counted by."""

    def found(self, term):
        calls = self.env["noojee.call"].with_user(self.anna)
        return calls.search([("local_number", "ilike", term)])

    def test_number_in_the_forms_that_people_write(self):
        call = self.talked(number="0370109876")
        self.talked(number="0491570156")
        self.talked(number="102")
        for term in (
            "03 7010 9876",
            "(03) 7010 98",
            "+61 3 7010",
            "0370109876",
            "70109876",
            "0011 61 3 7010 9876",
        ):
            with self.subTest(term):
                self.assertEqual(self.found(term), call)
        self.assertEqual(self.found("102").direction, "internal")
        for term in ("Priya", "'; --", "+", "%x"):
            with self.subTest(term):
                self.assertFalse(self.found(term))

    def test_measures_are_what_can_be_summed_up(self):
        calls = self.env["noojee.call"].with_user(self.anna)
        described = calls.fields_get(attributes=["aggregator", "type", "store"])
        measures = {
            name
            for name, values in described.items()
            if values["type"] in ("integer", "float", "monetary")
            and values.get("aggregator")
            and values["store"]
            and name != "id"
        }
        self.assertEqual(measures, {"ring_seconds", "talk_seconds"})
