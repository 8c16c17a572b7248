from odoo.tests import tagged

from .match_common import MatchCommon
from .push_common import UPDATE, PushCommon


@tagged("post_install", "-at_install", "noojee")
class TestMatchCampaign(MatchCommon, PushCommon):
    """A call of the dialler pops the lead that was pushed."""

    def setUp(self):
        super().setUp()
        self.pushed = self.leads(user_id=False)
        self.rival = self.partner("Rival", phone=self.pushed.phone)

    def offered(self, is_dialler=True):
        return self.env["noojee.call"]._match(
            self.pushed.phone, self.pbx, self.anna, is_dialler
        )

    def test_before_any_other_with_its_reason(self):
        self.assertEqual(self.names(self.offered()), [self.rival.name, "Person 0"])
        self.push(self.pushed)
        first, second = self.offered()
        self.assertEqual((first["model"], first["id"]), ("crm.lead", self.pushed.id))
        self.assertEqual(first["reason"], "In campaign Spring offer")
        self.assertEqual(second["id"], self.rival.id)

    def test_calls_of_others_are_matched_as_ever(self):
        self.push(self.pushed)
        self.assertEqual(self.offered(is_dialler=False)[0]["id"], self.rival.id)

    def test_not_after_it_has_left_the_campaign(self):
        [line] = self.push(self.pushed)
        line.state = "withdrawn"
        self.assertEqual(self.offered()[0]["id"], self.rival.id)

    def test_also_while_an_update_of_it_waits(self):
        self.template().auto_update = True
        [line] = self.push(self.pushed)
        self.fault("lead103", method=UPDATE)
        self.pushed.contact_name = "Another name"
        self.send()
        self.assertEqual(line.state, "waiting")
        self.assertEqual(self.offered()[0]["id"], self.pushed.id)

    def test_other_calls_ask_no_more(self):
        calls = self.env["noojee.call"]
        calls._match("+61370100001", self.pbx, self.anna)
        with self.assertQueryCount(1):
            calls._match("+61370100000", self.pbx, self.anna)
        with self.assertQueryCount(1):
            calls._match("+61370100002", self.pbx, self.anna, True)

    def test_the_ring_is_about_the_pushed_lead(self):
        self.push(self.pushed)
        self.simulator.control("call-out", desk="101", number=self.pushed.phone)
        self.listen_until(lambda: bool(self.call().channel_ids))
        self.assertEqual(self.call().record_ref, self.pushed)
        payload = self.call()._payload(self.anna)
        self.assertEqual(payload["record"]["id"], self.pushed.id)
