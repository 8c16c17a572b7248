import logging
import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.noojee.client import CallEvent

from .common import TOO_LONG_FOR_AN_INDEX, NoojeeCommon

CALLER = "0370109876"
LOGGER = "odoo.addons.noojee.models.noojee_call_ingest"


@tagged("post_install", "-at_install", "noojee")
class TestIngest(NoojeeCommon):
    def ingest(self, *rows, **options):
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
            row = {"CallData": data, "CallID": data.pop("CallID", 10), "Code": 0}
            events.append(CallEvent.from_wire(extension, row, self.pbx.tz))
        options = {"is_polled": True, **options}
        return self.env["noojee.call"]._ingest(self.pbx, events, **options)

    def state(self, *rows):
        """What a read of the PBX's state tells."""
        return self.ingest(*rows, is_late=True, tells_state=True)

    def forget(self, *desks):
        """The PBX names nothing that would run there."""
        self.sweep(list(desks))

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

    def consult(self):
        """Anna asks Ben whether he takes her customer."""
        ids = ("1412750610.1", "1412750610.2")
        out = {"inbound": False, "callerId": "101", "outboundDestination": "102"}
        ends = (
            ("101", {**out, "uniqueCallId": ids[0], "secondaryUniqueCallId": ids[1]}),
            (
                "102",
                {
                    "callerId": "101",
                    "uniqueCallId": ids[1],
                    "secondaryUniqueCallId": ids[0],
                },
            ),
        )
        (here, dials), (there, rings) = ends
        self.ingest((here, "Dialing Out", dials), (there, "Ringing", rings))
        self.ingest((here, "Connected", dials), (there, "Connected", rings))
        return dials, rings

    def talk_with_customer(self):
        customer = {
            "uniqueCallId": "1412750600.2",
            "secondaryUniqueCallId": "1412750600.1",
        }
        self.ingest(("101", "Ringing", customer), ("101", "Connected", customer))
        return customer

    def test_customer_who_is_passed_on_after_a_word_with_the_colleague(self):
        for steps in (
            (self.talk_with_customer, self.consult),
            (self.consult, self.talk_with_customer),
        ):
            with self.subTest(steps[0].__name__):
                self.calls().unlink()
                lines = self.customer.message_ids
                told = {step: step() for step in steps}
                customer = told[self.talk_with_customer]
                dials, rings = told[self.consult]
                shared = customer["secondaryUniqueCallId"]
                self.ingest(
                    ("101", "Hungup", customer),
                    ("101", "Hungup", dials),
                    ("102", "Connected", {**rings, "secondaryUniqueCallId": shared}),
                )
                call = self.calls()
                self.assertEqual(len(call), 1)
                self.assertEqual(call.direction, "inbound")
                self.assertEqual(call.partner_id, self.customer)
                payload = call._payload(self.ben)
                self.assertEqual(payload["name"], self.customer.name)
                self.assertTrue(payload["record"])
                self.ingest(("102", "Hungup", rings))
                self.assertEqual(call.outcome, "answered")
                self.assertEqual(len(self.customer.message_ids - lines), 1)

    def test_customer_is_passed_on_to_a_colleague_who_was_dialled_from_odoo(self):
        customer = self.talk_with_customer()
        call = self.calls()
        dialled = call.create(
            {
                "pbx_id": self.pbx.id,
                "company_id": self.pbx.company_id.id,
                "user_id": self.anna.id,
                "direction": "internal",
                "state": "dialing",
                "number": "102",
                "request_token": "a-click",
                "dial_extension_id": self.desk_101.id,
                "session_id": "77",
            }
        )
        dials = {
            "CallID": 77,
            "isClickToDialCall": True,
            "inbound": False,
            "callerId": "101",
            "outboundDestination": "102",
            "uniqueCallId": "1412750620.1",
        }
        self.ingest(("101", "Ringing", dials), ("101", "Connected", dials))
        self.assertEqual(dialled.channel_ids.extension_id, self.desk_101)
        shared = {"secondaryUniqueCallId": customer["secondaryUniqueCallId"]}
        self.ingest(("101", "Connected", {**dials, **shared}))
        self.assertEqual(self.calls(), call)
        self.assertEqual((call.direction, call.partner_id), ("inbound", self.customer))
        self.assertLessEqual(call.started_at, call.answered_at)

    def test_who_has_it_back_answered_last(self):
        shared = {"secondaryUniqueCallId": "1412750652.101"}
        again = {**shared, "uniqueCallId": "1412750653.101"}
        self.ingest(("101", "Ringing"), ("101", "Connected"), ("101", "Hungup"))
        first = self.calls().channel_ids
        first.answered_at -= timedelta(minutes=2)
        self.ingest(*(("102", s, shared) for s in ("Ringing", "Connected", "Hungup")))
        (self.calls().channel_ids - first).answered_at -= timedelta(minutes=1)
        self.ingest(("101", "Ringing", again), ("101", "Connected", again))
        self.assertEqual(self.calls()._payload(self.ben)["answered_by"], "Anna Berg")

    def test_call_that_was_shown_is_told_of_in_a_state_that_is_none(self):
        shared = {"secondaryUniqueCallId": "1412750652.101"}
        self.ingest(("101", "Ringing"), ("101", "Connected"))
        self.ingest(("101", "Hungup"), ("102", "Parked", shared))
        shown = self.env["noojee.call"].with_user(self.anna).get_phone_state()
        self.assertEqual([call["id"] for call in shown["calls"]], self.calls().ids)

    def test_calls_that_are_one_as_is_told_after_their_end(self):
        lines = self.customer.message_ids
        for desk in ("101", "102"):
            self.ingest((desk, "Ringing"), (desk, "Hungup"))
        self.assertEqual(len(self.calls()), 2)
        self.assertEqual(len(self.customer.message_ids - lines), 2)
        same = {"secondaryUniqueCallId": "1412750652.101"}
        self.ingest(("102", "Hungup", same))
        self.assertEqual(len(self.calls()), 1)
        self.assertEqual(len(self.customer.message_ids - lines), 1)

    def test_who_answered_last_is_told(self):
        """Anna has passed the caller on to two others, of whom one answers."""
        self.ingest(("101", "Ringing"), ("101", "Connected"))
        passed_on = {"secondaryUniqueCallId": "1412750652.101", "isQueueCall": True}
        self.ingest(("102", "Ringing", passed_on), ("103", "Ringing", passed_on))
        chloe = new_test_user(self.env, "chloe_bell", name="Chloe Bell")
        call = self.calls()
        at_chloes = call.channel_ids.filtered(lambda c: c.extension_id == self.desk_103)
        at_chloes.user_id = chloe
        call.channel_ids.filtered("answered_at").answered_at -= timedelta(minutes=1)
        self.ingest(
            ("101", "Hungup"),
            ("103", "Connected", passed_on),
            ("102", "Hungup", passed_on),
        )
        self.assertEqual(call._payload(self.ben)["answered_by"], "Chloe Bell")

    def test_unknown_states_keep_the_call(self):
        self.ingest(("101", "Ringing"), ("101", "Parked"), ("101", "Unknown"))
        self.assertEqual(self.calls().state, "ringing")

    def test_unknown_state_is_logged_once(self):
        # what is told stays told while the process lives
        word = f"Parked {secrets.token_hex(4)}"
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            self.ingest(("101", "Ringing"), ("101", word), ("102", word))
        [line] = logs.output
        self.assertIn(f"Test PBX reports calls as '{word}'", line)
        with self.assertNoLogs(LOGGER, logging.INFO):
            self.ingest(("101", word))
            self.ingest(("102", word))

    def test_documented_unknown_state_is_not_strange(self):
        with self.assertNoLogs(LOGGER, logging.INFO):
            self.ingest(("101", "Ringing"), ("101", "Unknown"), ("101", "unknown"))

    def test_events_of_desks_that_are_not_ours(self):
        self.ingest(("999", "Ringing"))
        self.assertFalse(self.calls())

    def test_call_that_comes_in_is_no_dial(self):
        """Though it has the number that a dial's session had."""
        other = self.env["res.partner"].create({"name": "Marek Kowal"})
        dialled = self.env["noojee.call"].create(
            {
                "pbx_id": self.pbx.id,
                "company_id": self.pbx.company_id.id,
                "user_id": self.anna.id,
                "partner_id": other.id,
                "direction": "outbound",
                "session_id": "10",
                "dial_extension_id": self.desk_101.id,
            }
        )
        self.ingest(("101", "Ringing"))
        call = self.calls() - dialled
        self.assertEqual((call.direction, call.partner_id), ("inbound", self.customer))
        self.assertFalse(dialled.channel_ids)

    def test_dial_of_which_is_not_told_that_it_goes_out(self):
        """Its session tells."""
        dialled = self.env["noojee.call"].create(
            {
                "pbx_id": self.pbx.id,
                "company_id": self.pbx.company_id.id,
                "user_id": self.anna.id,
                "partner_id": self.customer.id,
                "direction": "outbound",
                "session_id": "10",
                "dial_extension_id": self.desk_101.id,
            }
        )
        self.ingest(("101", "Ringing", {"inbound": None, "callerId": "101"}))
        self.assertEqual(dialled.channel_ids.state, "ringing")
        self.assertEqual(dialled.direction, "outbound")

    def test_call_without_any_id(self):
        nameless = {"uniqueCallId": "", "CallID": ""}
        for outcome in ("answered", "missed"):
            self.ingest(("101", "Ringing", nameless))
            call = self.calls()[:1]
            self.assertEqual(call.state, "ringing")
            if outcome == "answered":
                self.ingest(("101", "Connected", nameless))
            self.ingest(("101", "Hungup", nameless))
            self.assertEqual(call.outcome, outcome)
        self.assertEqual(len(self.calls()), 2)

    def test_transferred_call_that_nobody_picks_up(self):
        """Whoever was to take it over has missed it."""
        shared = {"secondaryUniqueCallId": "1412750600.1"}
        self.ingest(("102", "Ringing", shared), ("102", "Connected", shared))
        self.ingest(("102", "Hungup", shared))
        self.ingest(("101", "Ringing", shared), ("103", "Ringing", shared))
        self.ingest(("101", "Hungup", shared), ("103", "Hungup", shared))
        outcomes = {c.extension_number: c.outcome for c in self.calls().channel_ids}
        self.assertEqual(
            outcomes, {"102": "answered", "101": "missed", "103": "missed"}
        )
        self.assertEqual(self.calls().outcome, "answered")

    def test_transfer_that_is_told_at_once_and_that_nobody_picks_up(self):
        """The end at one desk and the beginning at the next, in either order."""
        for number, first in enumerate(("101", "102")):
            with self.subTest(first=first):
                known = self.calls()
                shared = {"secondaryUniqueCallId": f"141275060{number}.1"}

                def told(desk, status, shared=shared, number=number):
                    ids = {"uniqueCallId": f"14127506{number}.{desk}", **shared}
                    return desk, status, ids

                self.ingest(told("101", "Ringing"), told("101", "Connected"))
                change = [told("101", "Hungup"), told("102", "Ringing")]
                if first == "101":
                    self.ingest(*change)
                else:
                    self.ingest(change[1])
                    self.ingest(change[0])
                self.ingest(told("102", "Hungup"))
                call = self.calls() - known
                by_desk = call.channel_ids.sorted("extension_number")
                self.assertEqual(by_desk.mapped("outcome"), ["answered", "missed"])
                self.assertTrue(by_desk[1].is_missed_unseen)

    def test_call_that_is_passed_on_twice_and_that_nobody_picks_up(self):
        shared = {"secondaryUniqueCallId": "1412750600.1"}
        self.ingest(("101", "Ringing", shared), ("101", "Connected", shared))
        # it is handed over while both talk
        self.ingest(("102", "Ringing", shared), ("102", "Connected", shared))
        self.ingest(("101", "Hungup", shared))
        self.ingest(("102", "Hungup", shared), ("103", "Ringing", shared))
        self.ingest(("103", "Hungup", shared))
        by_desk = self.calls().channel_ids.sorted("extension_number")
        outcomes = by_desk.mapped("outcome")
        self.assertEqual(outcomes, ["answered", "answered", "missed"])

    def test_transferred_call_that_one_of_two_picks_up(self):
        shared = {"secondaryUniqueCallId": "1412750600.1"}
        self.ingest(("102", "Ringing", shared), ("102", "Connected", shared))
        self.ingest(("102", "Hungup", shared))
        self.ingest(("101", "Ringing", shared), ("103", "Ringing", shared))
        self.ingest(("103", "Connected", shared), ("101", "Hungup", shared))
        self.ingest(("103", "Hungup", shared))
        outcomes = {c.extension_number: c.outcome for c in self.calls().channel_ids}
        self.assertEqual(
            outcomes, {"102": "answered", "101": "elsewhere", "103": "answered"}
        )

    def test_queue_call_of_which_all_is_told_at_once(self):
        """As after a pause: who answered stands in the same answer of the PBX."""
        shared = {"secondaryUniqueCallId": "1412750600.1", "isQueueCall": True}
        self.ingest(
            *((desk, "Ringing", shared) for desk in ("101", "102")),
            *(
                (desk, status, shared)
                for desk, status in (
                    ("102", "Connected"),
                    ("101", "Hungup"),
                    ("102", "Hungup"),
                )
            ),
        )
        outcomes = {c.extension_number: c.outcome for c in self.calls().channel_ids}
        self.assertEqual(outcomes, {"101": "elsewhere", "102": "answered"})

    def test_notes_of_calls_that_become_one(self):
        ends = ("1412750600.1", "1412750600.2")
        for desk, unique_id, number in zip(("101", "102"), ends, (10, 11), strict=True):
            fields = {"uniqueCallId": unique_id, "CallID": number}
            self.ingest((desk, "Ringing", fields), (desk, "Connected", fields))
            self.calls()[:1].note = f"note of {desk}"
        self.ingest(
            (
                "102",
                "Connected",
                {
                    "uniqueCallId": ends[1],
                    "CallID": 11,
                    "secondaryUniqueCallId": ends[0],
                },
            )
        )
        self.assertEqual(self.calls().note.splitlines(), ["note of 101", "note of 102"])

    def test_words_for_a_withheld_number(self):
        """Two who withhold theirs are two callers."""
        for number, words in enumerate(("Unavailable", "Private Number", "withheld")):
            before = self.calls()
            for desk in ("101", "102"):
                fields = {
                    "callerId": words,
                    "isQueueCall": True,
                    "uniqueCallId": f"14127506{number}0.{desk}",
                    "CallID": f"{number}{desk}",
                }
                self.ingest((desk, "Ringing", fields))
            self.assertEqual(len(self.calls() - before), 2)

    def test_call_of_which_is_not_told_whether_it_came_in(self):
        """Where it rings first, or who calls, tells it."""
        dialled = {"outboundDestination": CALLER, "callerId": "101"}
        for number, (statuses, fields, direction) in enumerate(
            [
                (("Ringing", "Hungup"), {}, "inbound"),
                (("Connected",), {}, "inbound"),
                (("Dialing Out",), dialled, "outbound"),
                (("Connected",), dialled, "outbound"),
            ]
        ):
            with self.subTest(statuses=statuses, direction=direction):
                ids = {"uniqueCallId": f"1412750600.{number}", "CallID": number + 20}
                for status in statuses:
                    self.ingest(("101", status, {**fields, **ids, "inbound": None}))
                call = self.calls()[:1]
                self.assertEqual(call.direction, direction)
                is_inbound = direction == "inbound"
                self.assertEqual(call.channel_ids.is_called, is_inbound)
                self.assertEqual(call.partner_id, self.customer)
                self.assertEqual(bool(call.missed_call_id), call.outcome == "missed")

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

    # === WHAT MUST NOT COST MORE THAN ITSELF === #

    def test_user_without_rights_on_leads_deafens_nobody(self):
        reception = new_test_user(self.env, "noojee_reception", "noojee.group_user")
        self.desk_103.user_id = reception
        self.ingest(("103", "Ringing"), ("101", "Ringing"))
        self.assertEqual(len(self.calls()), 2)
        [shown] = self.calls().with_user(reception).get_phone_state()["calls"]
        self.assertEqual(shown["name"], "Priya Raman")

    @mute_logger("odoo.addons.noojee.models.noojee_call_ingest", "odoo.sql_db")
    def test_event_that_cannot_be_taken_in_costs_itself_alone(self):
        listener = self.env["noojee.listener"].create(
            {"pbx_id": self.pbx.id, "extensions": "101,102,103"}
        )
        poison = {"uniqueCallId": TOO_LONG_FOR_AN_INDEX}
        other = {"uniqueCallId": "1412750654.1"}
        self.ingest(("101", "Ringing", poison), ("102", "Ringing", other))
        self.assertEqual(self.calls().channel_ids.user_id, self.ben)
        self.assertIn("could not be taken in", listener.incident)

    def test_strange_ids_and_numbers_are_taken_in(self):
        for number, strange in enumerate(
            [
                {"uniqueCallId": "99999999999999.1"},
                {"uniqueCallId": "-1.1"},
                {"uniqueCallId": "١٢٣.1"},
                {"uniqueCallId": "x" * 200},
                {"callerId": "0370\x00\ud8009876"},
            ],
            start=1,
        ):
            with self.subTest(strange):
                self.ingest(("101", "Connected", strange), is_late=True)
                self.assertEqual(len(self.calls()), number)

    def test_deleted_record_leaves_the_call(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.ingest(("101", "Ringing"))
        call = self.calls()
        call.record_ref = order
        order.unlink()
        self.assertFalse(call.record_ref)
        # a row that went without the ORM's knowing
        call.record_ref = lead = self.env["crm.lead"].create({"name": "Roof"})
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM crm_lead WHERE id = %s", [lead.id])
        self.env.invalidate_all()
        [shown] = call.with_user(self.anna).get_phone_state()["calls"]
        self.assertEqual(shown["name"], "Priya Raman")
        self.ingest(("101", "Connected"), ("101", "Hungup"))
        self.assertEqual(call.state, "ended")

    def test_record_of_an_application_that_was_uninstalled(self):
        """It deafens nobody: the call is about nothing."""
        self.ingest(("101", "Ringing"))
        call = self.calls()
        self.env.flush_all()
        gone = "x.gone,1"
        self.env.cr.execute(
            SQL(
                "UPDATE noojee_call SET record_ref = %s, dialled_ref = %s"
                " WHERE id = %s",
                *(gone, gone, call.id),
            )
        )
        self.env.invalidate_all()
        self.assertFalse(call.record_ref or call.dialled_ref)
        self.env["noojee.call"]._warm_up(self.pbx)
        self.ingest(("101", "Hungup"))
        self.assertEqual(call.outcome, "missed")
        self.ingest(("101", "Ringing", {"uniqueCallId": "1412750653.9", "CallID": 11}))
        self.assertEqual(self.calls()[:1].state, "ringing")

    def test_calls_follow_records_that_become_one(self):
        leads = self.env["crm.lead"].create([{"name": "Roof"}, {"name": "Roof again"}])
        twin = self.customer.copy()
        self.ingest(("101", "Ringing"))
        self.ingest(("102", "Ringing", {"callerId": "0491570156"}))
        annas = self.calls().filtered(lambda call: call.user_id == self.anna)
        bens = self.calls() - annas
        bens.record_ref = leads[1]
        annas.record_ref = annas.partner_id = twin
        kept = leads.merge_opportunity()
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((self.customer | twin).ids, self.customer)
        self.assertEqual(bens.record_ref, kept)
        self.assertEqual(annas.record_ref, self.customer)
        self.assertEqual(annas.partner_id, self.customer)

    # === WHICH CHANNELS ARE ONE CALL === #

    def test_queue_desks_of_one_batch_without_a_shared_id(self):
        queue = {"isQueueCall": True}
        self.ingest(
            ("101", "Ringing", queue),
            ("101", "Connected", queue),
            ("102", "Ringing", queue),
            ("102", "Hungup", queue),
        )
        call = self.calls()
        self.assertEqual(len(call), 1)
        outcomes = call.channel_ids.sorted("extension_number").mapped("outcome")
        self.assertEqual(outcomes, [False, "elsewhere"])

    def test_queue_desk_that_is_heard_of_after_the_answer(self):
        queue = {"isQueueCall": True}
        self.ingest(("101", "Ringing", queue), ("101", "Connected", queue))
        self.ingest(("102", "Ringing", queue), ("102", "Hungup", queue))
        self.assertEqual(len(self.calls()), 1)

    def test_second_caller_with_the_number_of_a_company(self):
        """Who rings once the first was answered is another one."""
        second = int(datetime.now().timestamp())

        def queue(seconds, number):
            unique_id = f"{second + seconds}.{number}"
            return {"isQueueCall": True, "uniqueCallId": unique_id}

        self.ingest(("101", "Ringing", queue(0, 1)), ("101", "Connected", queue(0, 1)))
        # heard of late
        self.ingest(("102", "Ringing", queue(1, 2)))
        first = self.calls()
        self.assertEqual(len(first.channel_ids), 2)
        self.ingest(("103", "Ringing", queue(5, 3)))
        self.assertEqual((self.calls() - first).state, "ringing")

    def test_queue_desks_of_which_one_is_heard_when_the_call_is_over(self):
        """Their lists of extensions are asked for one after the other."""
        for is_late in (False, True):
            with self.subTest(is_late=is_late):
                known = self.calls()
                begun = int(datetime.now().timestamp()) - (60 if is_late else 2)
                for desk in ("101", "102"):
                    data = {"isQueueCall": True, "uniqueCallId": f"{begun}.{desk}"}
                    self.ingest(
                        (desk, "Ringing", data), (desk, "Hungup", data), is_late=is_late
                    )
                call = self.calls() - known
                self.assertEqual((len(call), len(call.channel_ids)), (1, 2))
                # who calls again some seconds later is no part of it
                data = {"isQueueCall": True, "uniqueCallId": f"{begun + 5}.103"}
                self.ingest(("103", "Ringing", data), is_late=is_late)
                again = self.calls() - known - call
                self.assertEqual(again.state, "ringing")
                self.ingest(("103", "Hungup", data))

    def test_queue_of_which_ring_and_answer_are_told_at_once(self):
        """By a list that is late; another desk rang some seconds after the first."""
        begun = int(datetime.now().timestamp()) - 6

        def queue(seconds, number):
            unique_id = f"{begun + seconds}.{number}"
            return {"isQueueCall": True, "uniqueCallId": unique_id}

        self.ingest(("101", "Ringing", queue(0, 1)), ("101", "Connected", queue(0, 1)))
        self.ingest(("102", "Ringing", queue(5, 2)), ("102", "Hungup", queue(5, 2)))
        self.assertEqual(len(self.calls()), 1)

    def test_caller_who_rings_a_queue_again(self):
        queue = {"isQueueCall": True}
        again = {"isQueueCall": True, "uniqueCallId": "1412750700.101"}
        self.ingest(
            ("101", "Ringing", queue),
            ("101", "Hungup", queue),
            ("101", "Ringing", again),
            ("101", "Hungup", again),
        )
        self.assertEqual(len(self.calls()), 2)

    def test_id_that_is_learnt_later_makes_one_call_of_two(self):
        self.ingest(("101", "Ringing"), ("102", "Ringing"))
        self.assertEqual(len(self.calls()), 2)
        shared = {"secondaryUniqueCallId": "1412750600.1"}
        self.ingest(("101", "Connected", shared), ("102", "Hungup", shared))
        call = self.calls()
        self.assertEqual((len(call), call.state), (1, "connected"))
        self.assertEqual(len(call.channel_ids), 2)
        self.assertFalse(self.ingest(("101", "Connected", shared)))

    # === EVENTS WITHOUT AN ID === #

    def nameless(self, desk, status, call_id=10):
        return desk, status, {"uniqueCallId": "", "CallID": call_id}

    def let_hours_pass(self):
        for channel in self.calls().channel_ids:
            channel.ended_at -= timedelta(hours=2)

    def test_numbers_that_the_pbx_uses_again(self):
        ring, end = self.nameless("101", "Ringing"), self.nameless("101", "Hungup")
        self.ingest(ring)
        self.ingest(end)
        first = self.calls()
        # of the same call
        self.assertFalse(self.ingest(ring, end))
        self.let_hours_pass()
        self.assertFalse(self.ingest(end))
        self.ingest(ring)
        second = self.calls() - first
        self.assertEqual((second.state, first.state), ("ringing", "ended"))
        self.ingest(end)
        self.assertEqual((second.state, second.outcome), ("ended", "missed"))
        self.let_hours_pass()
        # at another desk
        self.ingest(self.nameless("102", "Ringing"))
        third = self.calls() - first - second
        self.assertEqual(third.channel_ids.user_id, self.ben)
        # whose beginning was lost
        self.ingest(self.nameless("101", "Connected"))
        self.assertFalse((first | second).filtered("answered_at"))

    def test_number_that_another_caller_has_after_a_restart(self):
        ring, end = self.nameless("101", "Ringing"), self.nameless("101", "Hungup")
        self.ingest(ring, end)
        first = self.calls()
        desk, status, data = ring
        self.ingest((desk, status, {**data, "callerId": "0491570156"}))
        second = self.calls() - first
        self.assertEqual((second.state, first.state), ("ringing", "ended"))
        # written another way he is the same
        self.ingest((desk, status, {**data, "callerId": "+61491570156"}))
        self.assertEqual(self.calls(), first | second)

    def test_number_of_a_call_that_a_restart_cut(self):
        desk, status, data = self.nameless("101", "Ringing")
        other = (desk, status, {**data, "callerId": "0491570156"})
        for tell in (self.ingest, self.state):
            with self.subTest(tell=tell.__name__):
                self.calls().unlink()
                self.ingest((desk, status, data))
                first = self.calls()
                self.forget("101")
                tell(other)
                self.assertEqual((self.calls() - first).state, "ringing")
                self.assertEqual(first.state, "ended")

    def test_number_of_another_call_that_goes_out(self):
        def out(status, number):
            data = {"inbound": False, "callerId": "101", "outboundDestination": number}
            return "101", status, {"uniqueCallId": "", "CallID": 3, **data}

        self.ingest(out("Dialing Out", CALLER), out("Hungup", CALLER))
        self.ingest(out("Dialing Out", "0491570156"))
        self.assertEqual(len(self.calls()), 2)

    def test_number_that_runs_although_its_call_has_ended(self):
        ring, end = self.nameless("101", "Ringing"), self.nameless("101", "Hungup")
        self.ingest(ring, end)
        first = self.calls()
        # it was asked for before the end
        self.state(ring)
        self.assertEqual(self.calls(), first)
        first.channel_ids.ended_at -= timedelta(minutes=2)
        self.state(ring)
        self.assertEqual((self.calls() - first).state, "ringing")

    def test_id_that_some_events_of_a_call_lack(self):
        steps = ("Ringing", "Connected", "Hungup")
        for number, named in enumerate(
            [(True, False, True), (False, True, False), (False, False, True)]
        ):
            rows = []
            for status, has_id in zip(steps, named, strict=True):
                data = {"CallID": 20 + number, "uniqueCallId": f"141275{number}.1"}
                if not has_id:
                    data["uniqueCallId"] = ""
                rows.append(("101", status, data))
            with self.subTest(named):
                known = self.calls()
                for row in rows:
                    self.ingest(row)
                call = self.calls() - known
                self.assertEqual((len(call), call.outcome), (1, "answered"))
                self.assertEqual(call.channel_ids.unique_call_id, f"141275{number}.1")
        with self.subTest("one batch"):
            known = self.calls()
            self.ingest(
                ("101", "Hungup", {"CallID": 30, "uniqueCallId": ""}),
                ("101", "Connected", {"CallID": 30, "uniqueCallId": "1412760.1"}),
                ("101", "Ringing", {"CallID": 30, "uniqueCallId": ""}),
            )
            call = self.calls() - known
            self.assertEqual((len(call), call.outcome), (1, "answered"))

    def test_same_number_of_another_life_is_another_call(self):
        self.ingest(("101", "Ringing"))
        self.ingest(("101", "Ringing", {"uniqueCallId": "1412750999.1"}))
        self.assertEqual(len(self.calls()), 2)

    def test_call_that_the_state_names_by_its_number_alone_runs_on(self):
        self.ingest(("101", "Ringing"), ("102", "Ringing"))
        row = {"CallData": {"status": "Ringing"}, "CallID": 10}
        running = CallEvent.from_wire("101", row, self.pbx.tz)
        self.sweep(["101", "102"], running)
        by_desk = self.calls().channel_ids.sorted("extension_number")
        self.assertEqual(by_desk.mapped("state"), ["ringing", "ended"])

    # === WHO === #

    def outbound(self, **data):
        return {"inbound": False, "callerId": "101", **data}

    def test_number_that_is_learnt_later(self):
        click = self.outbound(isClickToDialCall=True)
        self.ingest(("101", "Ringing", click))
        call = self.calls()
        self.assertFalse(call.number)
        number = self.outbound(isClickToDialCall=True, outboundDestination=CALLER)
        self.ingest(("101", "Dialing Out", number))
        self.assertEqual(call.number_e164, "+61370109876")
        self.assertEqual(call.partner_id, self.customer)
        self.assertEqual(call.direction, "outbound")

    def test_late_events_overwrite_nothing(self):
        self.ingest(
            ("101", "Connected", {"secondaryUniqueCallId": "1412750600.1"}),
            ("101", "Ringing", {"callerId": "1", "secondaryUniqueCallId": "9.9"}),
        )
        channel = self.calls().channel_ids
        self.assertEqual(channel.other_number, CALLER)
        self.assertEqual(channel.secondary_unique_call_id, "1412750600.1")

    def test_answerer_knows_the_caller_better(self):
        self.customer.company_id = company = self.env["res.company"].create(
            {"name": "Other company"}
        )
        self.ben.company_ids |= company
        queue = {"isQueueCall": True, "secondaryUniqueCallId": "1412750600.1"}
        self.ingest(("101", "Ringing", queue), ("102", "Ringing", queue))
        call = self.calls()
        self.assertFalse(call.partner_id)
        self.ingest(("102", "Connected", queue))
        self.assertEqual(call.partner_id, self.customer)
        bens_companies = {"allowed_company_ids": self.ben.company_ids.ids}
        bens = call.with_user(self.ben).with_context(**bens_companies)
        self.assertIn("Priya", bens.display_name)
        self.assertNotIn("Priya", call.with_user(self.anna).display_name)

    def test_person_who_said_who_it_is_is_believed(self):
        self.customer.company_id = self.env["res.company"].create({"name": "Other"})
        twin = self.env["res.partner"].create({"name": "Ravi Raman"})
        queue = {"isQueueCall": True, "secondaryUniqueCallId": "1412750600.1"}
        self.ingest(("101", "Ringing", queue), ("102", "Ringing", queue))
        self.calls().partner_id = twin
        self.ingest(("102", "Connected", queue))
        self.assertEqual(self.calls().partner_id, twin)

    def test_call_from_a_desk_without_a_user(self):
        self.ingest(("101", "Ringing", {"callerId": "103"}))
        self.assertEqual(self.calls().direction, "internal")

    # === HOW IT ENDED === #

    def internal(self, *steps):
        caller = self.outbound(outboundDestination="102")
        called = {"callerId": "101", "secondaryUniqueCallId": "1412750652.101"}
        rows = {"101": caller, "102": called}
        self.ingest(*[(desk, status, rows[desk]) for desk, status in steps])
        by_desk = self.calls().channel_ids.sorted("extension_number")
        return self.calls().outcome, by_desk.mapped("outcome")

    def test_internal_call_that_nobody_answers(self):
        rings = [("101", "Dialing Out"), ("102", "Ringing")]
        outcome, of_channels = self.internal(
            *rings, ("101", "Hungup"), ("102", "Hungup")
        )
        self.assertEqual(outcome, "missed")
        self.assertEqual(of_channels, ["cancelled", "missed"])
        self.assertEqual(self.calls().user_id, self.anna)

    def test_call_that_is_met_at_its_end(self):
        self.ingest(("101", "Hungup"))
        call = self.calls()
        self.assertEqual((call.outcome, call.has_rung), ("unknown", False))
        # a state that was read before names it still
        self.state(("101", "Ringing"))
        self.assertEqual((len(self.calls()), call.state), (1, "ended"))

    def test_end_that_is_told_of_before_the_beginning(self):
        self.ingest(("101", "Hungup"))
        self.ingest(("101", "Ringing"))
        call = self.calls()
        self.assertEqual((call.outcome, call.has_rung), ("missed", True))
        self.assertEqual(self.env["noojee.missed.call"].search([]).call_ids, call)
        self.ingest(("101", "Connected"))
        self.assertEqual(call.outcome, "answered")
        self.assertFalse(call.channel_ids.is_missed_unseen)

    def test_end_of_a_click_that_is_told_of_before_the_beginning(self):
        click = self.outbound(isClickToDialCall=True)
        self.ingest(("101", "Hungup", click))
        self.ingest(("101", "Ringing", click))
        call = self.calls()
        self.assertEqual((call.outcome, call.has_rung), ("cancelled", False))

    def test_call_that_the_state_names_again(self):
        """That it was left out once ends no call for good."""
        self.ingest(("101", "Ringing"), ("102", "Ringing"), ("102", "Connected"))
        missed, answered = self.calls().sorted("state", reverse=True)
        self.forget("101", "102")
        self.assertEqual(missed.outcome, "unknown")
        self.assertTrue(answered.message_id)
        self.state(("101", "Ringing"), ("102", "Connected"))
        self.assertEqual((missed.state, answered.state), ("ringing", "connected"))
        self.assertFalse((missed | answered).filtered("ended_at"))
        self.assertFalse((missed | answered).filtered("outcome"))
        # how it went is told when it has gone
        self.assertFalse(answered.message_id)
        self.ingest(("101", "Hungup"), ("102", "Hungup"))
        self.assertEqual((missed.outcome, answered.outcome), ("missed", "answered"))
        # which ended for good
        self.state(("101", "Ringing"), ("102", "Connected"))
        self.assertEqual((missed.state, answered.state), ("ended", "ended"))

    def test_call_that_was_answered_while_it_was_given_up(self):
        for is_told_by_event in (False, True):
            with self.subTest(is_told_by_event=is_told_by_event):
                known = self.calls()
                ids = {"uniqueCallId": f"1412750{len(known)}.1"}
                queue = {**ids, "isQueueCall": True}
                self.ingest(("101", "Ringing", queue))
                self.forget("101")
                if is_told_by_event:
                    self.ingest(("101", "Connected", queue), is_late=True)
                self.state(("101", "Connected", queue))
                call = self.calls() - known
                self.assertEqual(call.state, "connected")
                # another caller with this number may ring meanwhile
                left_out = []
                other = {"uniqueCallId": f"1412799{len(known)}.5", "isQueueCall": True}
                self.ingest(("102", "Ringing", other), left_out=left_out)
                self.assertFalse(left_out)
                self.ingest(("101", "Hungup", queue), ("102", "Hungup", other))
                self.assertEqual(call.outcome, "answered")

    def test_end_of_a_call_that_had_been_given_up(self):
        self.ingest(("101", "Ringing"))
        self.forget("101")
        call = self.calls()
        call.channel_ids.ended_at -= timedelta(minutes=5)
        # of whatever is late nothing is opened again
        self.ingest(("101", "Ringing"))
        self.assertEqual(call.outcome, "unknown")
        self.ingest(("101", "Hungup"))
        self.assertEqual(call.outcome, "missed")
        # it ended now, not when it was given up
        self.assertLess(datetime.now() - call.ended_at, timedelta(minutes=1))

    def test_answer_of_a_call_that_had_been_given_up(self):
        self.ingest(("101", "Ringing"))
        self.forget("101")
        self.ingest(("101", "Connected"))
        self.assertEqual(self.calls().state, "connected")
        self.assertTrue(self.calls().answered_at)
        # a state that falls behind makes it ring no more
        self.forget("101")
        self.state(("101", "Ringing"))
        self.assertEqual(self.calls().state, "connected")

    def test_call_that_is_met_in_the_middle(self):
        self.env["noojee.listener"].create(
            {"pbx_id": self.pbx.id, "extensions": "101", "clock_skew": -600}
        )
        now = datetime.now()
        start = now - timedelta(minutes=5)
        # by the PBX's clock, which is ten minutes ahead, in Melbourne
        answer = now.astimezone() - timedelta(minutes=4) + timedelta(minutes=10)
        told = answer.astimezone(ZoneInfo(self.pbx.tz))
        self.ingest(
            (
                "101",
                "Connected",
                {
                    "uniqueCallId": f"{int(start.timestamp()) + 600}.1",
                    "callStartTime": f"{told:%Y-%m-%d %H:%M:%S}",
                },
            ),
            is_late=True,
        )
        call = self.calls()
        moment = timedelta(seconds=2)
        self.assertAlmostEqual(
            call.started_at, now - timedelta(minutes=5), delta=moment
        )
        self.assertAlmostEqual(
            call.answered_at, now - timedelta(minutes=4), delta=moment
        )
