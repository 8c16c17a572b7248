from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.client import CallEvent

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestAccess(NoojeeCommon):
    def ring(self, *desks):
        row = {"status": "Ringing", "callerId": "0370109876", "inbound": True}
        events = [
            CallEvent.from_wire(desk, {**row, "uniqueCallId": f"1.{desk}"}, "UTC")
            for desk in desks
        ]
        return self.env["noojee.call"]._ingest(self.pbx, events)

    def test_users_see_their_own_calls(self):
        annas = self.ring("101")
        bens = self.ring("102")
        seen = self.env["noojee.call"].with_user(self.anna).search([])
        self.assertIn(annas, seen)
        self.assertNotIn(bens, seen)

    def test_supervisor_sees_his_teams_calls(self):
        supervisor = new_test_user(
            self.env, "noojee_supervisor", "noojee.group_supervisor"
        )
        bens = self.ring("102")
        calls = self.env["noojee.call"].with_user(supervisor)
        self.assertNotIn(bens, calls.search([]))
        self.env["crm.team"].create(
            {
                "name": "Desk 102",
                "user_id": supervisor.id,
                "member_ids": [(4, self.ben.id)],
            }
        )
        self.assertIn(bens, calls.search([]))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_calls_and_commands_are_not_made_over_rpc(self):
        call = self.ring("101").with_user(self.anna)
        refused = [
            lambda: call.write({"number": "1"}),
            lambda: call.unlink(),
            lambda: call.copy(),
            lambda: call.channel_ids.write({"state": "ended"}),
            lambda: (
                self.env["noojee.command"]
                .with_user(self.anna)
                .create({"kind": "start_recording", "company_id": 1})
            ),
            lambda: self.desk_101.with_user(self.anna).write({"user_id": False}),
        ]
        for attempt in refused:
            with self.assertRaises(AccessError):
                attempt()

    def test_nobody_hangs_up_a_colleagues_call(self):
        call = self.ring("102")
        with self.assertRaises(AccessError):
            call.with_user(self.anna).action_hang_up()
        self.assertFalse(self.simulator.requests("hangup"))
