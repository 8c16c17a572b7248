import contextlib

from odoo.tests import tagged

from ..simulator.remote import Process
from .common import API_KEY
from .push_common import INSERT
from .result_common import LIST, ResultCommon


@tagged("post_install", "-at_install", "noojee")
class TestCampaignTwoPbxs(ResultCommon):
    """What one PBX has to do, or does not do, holds up no other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_simulator = Process(API_KEY)
        cls.addClassCleanup(cls.other_simulator.stop)
        cls.other_pbx = cls.env["noojee.pbx"].create(
            {
                "name": "Perth",
                "base_url": cls.other_simulator.url,
                "new_api_key": API_KEY,
                "country_id": cls.pbx.country_id.id,
                "tz": "Australia/Perth",
            }
        )

    def setUp(self):
        super().setUp()
        with self.at_the_other():
            self.simulator.control("reset")
            self.records()
            self.refresh()

    @contextlib.contextmanager
    def at_the_other(self):
        """Whatever is done meanwhile is done with the other PBX."""
        here = self.pbx, self.simulator
        self.pbx, self.simulator = self.other_pbx, self.other_simulator
        try:
            yield
        finally:
            self.pbx, self.simulator = here

    def short_run(self, model, method):
        """A run of a job, whose time is over as soon as it is looked at."""
        cron = self.registry["ir.cron"]
        commit = cron._commit_progress

        def over(*args, **kwargs):
            commit(*args, **kwargs)
            return 0

        self.patch(cron, "_commit_progress", over)
        with self.apart() as env:
            getattr(env[model], method)()
        self.patch(cron, "_commit_progress", commit)

    def queue_at_both(self, here, there):
        lines = self.queue(self.leads(here))
        with self.at_the_other():
            return lines, self.queue(self.leads(there))

    # === LEADS === #

    def test_leads_of_a_pbx_do_not_wait_for_one_that_is_away(self):
        here, there = self.queue_at_both(12, 12)
        self.fault("http500")
        self.send()
        self.assertEqual(set(there.mapped("state")), {"sent"})
        self.assertNotIn("sent", here.mapped("state"))
        self.simulator.clear_faults()
        self.send_later(here)
        self.assertInCampaign(*here)
        with self.at_the_other():
            self.assertInCampaign(*there)

    def test_each_gets_on_in_a_run_that_is_too_short_for_either(self):
        here, there = self.queue_at_both(25, 25)
        self.short_run("noojee.lead.push", "_cron_send")
        for lines in (here, there):
            sent = lines.filtered(lambda line: line.state == "sent")
            self.assertTrue(0 < len(sent) < 25)
        self.send()
        self.assertEqual(set((here | there).mapped("state")), {"sent"})

    def test_leads_go_to_their_own_pbx_alone(self):
        here, there = self.queue_at_both(1, 2)
        self.send()
        self.assertInCampaign(here)
        self.assertEqual(len(self.simulator.requests(INSERT)), 1)
        with self.at_the_other():
            self.assertInCampaign(*there)

    # === RESULTS === #

    def called_at_both(self):
        here, there = self.queue_at_both(1, 1)
        self.send()
        self.called(here)
        self.campaign().with_user(self.chloe).action_fetch_results()
        with self.at_the_other():
            self.called(there)
            self.campaign().with_user(self.chloe).action_fetch_results()
        return here.lead_id, there.lead_id

    def test_results_of_a_pbx_do_not_wait_for_one_that_is_away(self):
        _here, there = self.called_at_both()
        self.fault("http500", method=LIST)
        self.run_job()
        self.assertFalse(self.results())
        with self.at_the_other():
            self.assertEqual(self.result(there).state, "done")

    def test_the_one_whose_turn_is_longest_ago_comes_first(self):
        self.called_at_both()
        simulators = self.simulator, self.other_simulator
        # a run is over after one list, and each PBX has several
        for asked in (1, 2):
            self.short_run("noojee.campaign.mirror", "_cron_fetch_results")
            lists = [simulator.requests(LIST) for simulator in simulators]
            self.assertEqual(len([found for found in lists if found]), asked)
