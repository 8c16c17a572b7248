from odoo.tests import tagged

from odoo.addons.noojee.client import CallEvent

from .common import NoojeeCommon

CALLER = "0370109876"


@tagged("post_install", "-at_install", "noojee")
class TestIngest(NoojeeCommon):
    def ingest(self, *rows):
        """Rows: extension, status, and what differs from an inbound call's fields."""
        events = []
        for extension, status, *more in rows:
            data = {
                "status": status,
                "callerId": CALLER,
                "uniqueCallId": f"1412750652.{extension}",
                "inbound": True,
                "canAnswer": status == "Ringing",
                **(more[0] if more else {}),
            }
            row = {"CallData": data, "CallID": 10, "Code": 0}
            events.append(CallEvent.from_wire(extension, row, self.pbx.tz))
        return self.env["noojee.call"]._ingest(self.pbx, events)

    def calls(self):
        return self.env["noojee.call"].search([("pbx_id", "=", self.pbx.id)])

    def test_inbound_call_answered(self):
        self.ingest(("101", "Ringing"))
        call = self.calls()
        self.assertEqual((call.state, call.direction), ("ringing", "inbound"))
        self.assertEqual(call.partner_id, self.customer)
        self.ingest(("101", "Connected"))
        self.ingest(("101", "Hungup"))
        self.assertEqual((call.state, call.outcome), ("ended", "answered"))
        self.assertEqual(call.user_id, self.anna)

    def test_inbound_call_missed(self):
        self.ingest(("101", "Ringing"), ("101", "Hungup"))
        self.assertEqual(self.calls().outcome, "missed")

    def test_repeated_and_late_events_change_nothing(self):
        self.ingest(("101", "Ringing"), ("101", "Connected"))
        version = self.calls().version
        changed = self.ingest(
            ("101", "Connected"), ("101", "Ringing"), ("101", "Ringing")
        )
        self.assertFalse(changed)
        self.assertEqual(self.calls().state, "connected")
        self.assertFalse(self.calls().channel_ids.can_answer)
        self.assertEqual(self.calls().version, version)

    def test_queue_call_is_one_call_missed_by_nobody_who_heard_it_answered(self):
        caller_channel = {"isQueueCall": True, "secondaryUniqueCallId": "1412750600.1"}
        self.ingest(
            *[(desk, "Ringing", caller_channel) for desk in ("101", "102", "103")]
        )
        call = self.calls()
        self.assertEqual(len(call.channel_ids), 3)
        # the desks that lose may hear of it before the one that wins
        self.ingest(
            ("101", "Hungup", caller_channel),
            ("102", "Connected", caller_channel),
            ("103", "Hungup", caller_channel),
        )
        self.assertEqual(call.state, "connected")
        self.assertEqual(call.user_id, self.ben)
        self.assertEqual(
            call.channel_ids.sorted("extension_number").mapped("outcome"),
            ["elsewhere", False, "elsewhere"],
        )

    def test_queue_channels_without_a_shared_id(self):
        self.ingest(
            ("101", "Ringing", {"isQueueCall": True}),
            ("102", "Ringing", {"isQueueCall": True}),
        )
        self.assertEqual(len(self.calls()), 1)
        self.ingest(("103", "Ringing", {"isQueueCall": True, "callerId": "0491570156"}))
        self.assertEqual(len(self.calls()), 2)

    def test_anonymous_queue_callers_are_not_taken_for_one(self):
        anonymous = {"isQueueCall": True, "callerId": "anonymous"}
        self.ingest(("101", "Ringing", anonymous), ("102", "Ringing", anonymous))
        self.assertEqual(len(self.calls()), 2)
        self.assertFalse(self.calls().partner_id)

    def test_transfer_goes_on_as_the_same_call(self):
        caller_channel = {"secondaryUniqueCallId": "1412750600.1"}
        self.ingest(
            ("101", "Ringing", caller_channel), ("101", "Connected", caller_channel)
        )
        self.ingest(
            ("101", "Hungup", caller_channel), ("102", "Ringing", caller_channel)
        )
        call = self.calls()
        self.assertEqual((len(call), call.state), (1, "ringing"))
        self.ingest(("102", "Connected", caller_channel))
        self.ingest(("102", "Hungup", caller_channel))
        self.assertEqual((call.state, call.outcome), ("ended", "answered"))

    def test_internal_call_is_one_call_at_two_desks(self):
        self.ingest(
            (
                "101",
                "Dialing Out",
                {
                    "inbound": False,
                    "callerId": "101",
                    "outboundDestination": "102",
                    "secondaryUniqueCallId": "1412750652.102",
                },
            ),
            (
                "102",
                "Ringing",
                {"callerId": "101", "secondaryUniqueCallId": "1412750652.101"},
            ),
        )
        call = self.calls()
        self.assertEqual((len(call), call.direction), (1, "internal"))
        self.assertEqual(len(call.channel_ids), 2)

    def test_unknown_states_keep_the_call(self):
        self.ingest(("101", "Ringing"), ("101", "Parked"), ("101", "Unknown"))
        self.assertEqual(self.calls().state, "ringing")

    def test_events_of_desks_that_are_not_ours(self):
        self.ingest(("999", "Ringing"))
        self.assertFalse(self.calls())

    def test_call_typed_on_the_handset(self):
        self.ingest(
            (
                "101",
                "Dialing Out",
                {
                    "inbound": False,
                    "callerId": "101",
                    "outboundDestination": CALLER,
                },
            )
        )
        call = self.calls()
        self.assertEqual((call.direction, call.state), ("outbound", "ringing"))
        self.assertEqual(call.partner_id, self.customer)

    def test_several_contacts_with_the_number_are_left_to_a_person(self):
        twin = self.customer.copy({"name": "Ravi Raman"})
        twin.phone = self.customer.phone
        self.ingest(("101", "Ringing"))
        call = self.calls()
        self.assertFalse(call.partner_id)
        state = call.with_user(self.anna).get_phone_state()
        [shown] = state["calls"]
        self.assertEqual(
            {candidate["name"] for candidate in shown["candidates"]},
            {"Priya Raman", "Ravi Raman"},
        )

    def test_names_with_markup_stay_words(self):
        self.ingest(("101", "Ringing", {"callerId": "<img src=x onerror=alert(1)>"}))
        [shown] = self.calls().with_user(self.anna).get_phone_state()["calls"]
        self.assertEqual(shown["number"], "<img src=x onerror=alert(1)>")
