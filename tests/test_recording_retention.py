from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.noojee.client import RecordingLeg

from .test_recording_player import PlayerCommon


@tagged("post_install", "-at_install", "noojee")
class TestRecordingRetention(PlayerCommon):
    def setUp(self):
        super().setUp()
        self.recording.write({"state": "stored"})
        self.admin = new_test_user(self.env, "keeper", "noojee.group_admin")

    def rule(self, days, **values):
        return self.env["noojee.retention.rule"].create({"days": days, **values})

    def age(self, days):
        self.recording.started_at -= timedelta(days=days)

    def purge(self):
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_purge_recordings").method_direct_trigger()
        self.env.invalidate_all()
        return self.recording.state == "purged"

    def test_kept_until_somebody_decides(self):
        self.age(4000)
        self.assertFalse(self.purge())
        self.rule(0)
        self.assertFalse(self.purge())

    def test_time_that_is_over(self):
        self.rule(90)
        self.age(89)
        self.assertFalse(self.purge())
        self.age(2)
        self.assertTrue(self.purge())
        self.assertEqual(set(self.legs.mapped("state")), {"purged"})
        self.assertTrue(self.recording.reason)
        self.assertFalse(self.legs[0]._attachment_sudo())
        # what is known of it stays
        self.assertEqual(self.recording.tag, "S00042")
        self.assertEqual(self.legs.mapped("duration"), [12, 12])

    def test_first_rule_that_fits_counts(self):
        other = self.pbx.copy({"name": "Other"})
        self.rule(1, sequence=1, pbx_id=other.id)
        self.rule(1000, sequence=2, tag_prefix="S0")
        self.rule(1, sequence=3)
        self.age(10)
        self.assertFalse(self.purge())

    def test_tag_that_it_had_before(self):
        self.call._recording_tagged("CONTRACT 7")
        self.rule(1, tag_prefix="S0")
        self.age(10)
        self.assertTrue(self.purge())

    def test_prefix_is_meant_as_it_is_written(self):
        self.rule(1, tag_prefix="S_")
        self.rule(1, tag_prefix="s0")
        self.rule(1, tag_prefix="%")
        self.age(10)
        self.assertFalse(self.purge())

    def test_first_rule_may_end_it_sooner(self):
        self.rule(1, sequence=1, tag_prefix="S0")
        self.rule(1000, sequence=2)
        self.age(10)
        self.assertTrue(self.purge())

    def others(self, count, **values):
        return self.env["noojee.recording"].create(
            [
                {
                    "pbx_id": self.pbx.id,
                    "company_id": self.pbx.company_id.id,
                    "state": "stored",
                    "started_at": self.begun - timedelta(days=10),
                    **values,
                }
                for _ in range(count)
            ]
        )

    def queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.purge()
        return self.env.cr.sql_log_count - before

    def test_what_is_kept_longer_costs_nothing(self):
        self.rule(1000, sequence=1, tag_prefix="S0")
        self.rule(1, sequence=2)
        self.queries()
        few = self.queries()
        kept = self.others(120, tag="S00043")
        self.assertEqual(self.queries(), few)
        self.assertEqual(set(kept.mapped("state")), {"stored"})

    def test_more_than_one_batch(self):
        self.rule(1)
        due = self.others(120)
        held = self.others(1, is_on_hold=True)
        self.purge()
        self.assertEqual(set(due.mapped("state")), {"purged"})
        self.assertEqual(held.state, "stored")

    def test_legal_hold(self):
        self.rule(1)
        self.age(10)
        own = self.recording.with_user(self.admin)
        own.action_hold()
        self.assertFalse(self.purge())
        with self.assertRaisesRegex(UserError, "legal hold"):
            own.action_purge()
        own.action_release()
        self.assertTrue(self.purge())

    def test_by_hand(self):
        with self.assertRaisesRegex(UserError, "administrators"):
            self.recording.with_user(self.anna).action_purge()
        self.recording.with_user(self.admin).action_purge()
        self.assertEqual(self.recording.state, "purged")
        self.assertEqual(self.recording.purged_by_id, self.admin)

    def test_what_still_runs(self):
        self.recording.state = "recording"
        with self.assertRaisesRegex(UserError, "still being recorded"):
            self.recording.with_user(self.admin).action_purge()

    def test_left_at_the_pbx(self):
        self.recording.with_user(self.admin).action_purge()
        action = self.env.ref("noojee.noojee_recording_leg_action_left")
        left = self.legs.with_user(self.admin).search([("is_left_on_pbx", "=", True)])
        self.assertEqual(left, self.legs)
        self.assertIn("is_left_on_pbx", action.domain)
        left[0].action_gone_from_pbx()
        self.assertEqual(self.legs.filtered("is_left_on_pbx"), self.legs - self.legs[0])
        with self.assertRaisesRegex(UserError, "administrators"):
            self.legs.with_user(self.anna).action_gone_from_pbx()

    def test_leg_that_is_listed_after_it_was_deleted(self):
        """It leaves a tombstone, too, and the PBX's administrator learns of it."""
        self.recording.with_user(self.admin).action_purge()
        row = RecordingLeg.from_wire(
            {
                "Source": "101",
                "Destination": "0370109876",
                "UniqueId": "41.101",
                "CallRecordId": "70041",
                "Leg": "3",
                "Tag": "S00042",
            },
            self.pbx.tz,
        )
        late = self.recording._take_in([row])
        self.assertEqual((late.number, late.state), (3, "purged"))
        self.assertTrue(late.is_left_on_pbx)
        self.assertFalse(late.source or late.destination or late.tag)


@tagged("post_install", "-at_install", "noojee")
class TestErase(PlayerCommon):
    def erase(self):
        groups = "noojee.group_admin,base.group_partner_manager"
        admin = new_test_user(self.env, "eraser", groups)
        action = self.env.ref("noojee.action_erase_telephony").with_user(admin)
        action = action.with_context(
            active_model="res.partner",
            active_id=self.customer.id,
            active_ids=self.customer.ids,
        ).run()
        wizard = self.env["noojee.erase"].with_user(admin).browse(action["res_id"])
        self.assertIn("1 call", Form(wizard).save().action_erase()["params"]["message"])
        self.env.flush_all()
        self.env.invalidate_all()

    def test_person_is_erased_and_figures_stay(self):
        self.call.with_user(self.anna).set_note("Her roof leaks")
        self.assertTrue(self.lines(self.order))
        seconds = (self.call.talk_seconds, self.call.started_at)
        self.erase()
        call, channel = self.call, self.call.channel_ids
        self.assertEqual((call.talk_seconds, call.started_at), seconds)
        for owner, names in (
            (call, ("number", "number_e164", "partner_id", "record_ref", "note")),
            (call, ("caller_id_shown", "dialled_ref", "local_number")),
            (channel, ("caller_id", "other_number")),
            (self.recording, ("tag", "record_ref", "tag_ids")),
        ):
            for name in names:
                with self.subTest(name, model=owner._name):
                    self.assertFalse(owner[name])
        self.assertEqual(self.recording.state, "purged")
        self.assertFalse(self.lines(self.order))
        self.env.cr.execute(
            "SELECT count(*) FROM noojee_recording_leg"
            " WHERE source IS NOT NULL OR destination IS NOT NULL"
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_words_that_name_him(self):
        names = ("overridden_rules", "failure_reason")
        self.call.write(dict.fromkeys(names, "Priya Raman does not want to be called."))
        self.erase()
        self.assertFalse(self.call.overridden_rules or self.call.failure_reason)

    def test_by_number_too(self):
        # nobody knew whose it was
        self.call.partner_id = False
        self.erase()
        self.assertFalse(self.call.number)

    def test_somebody_else_with_the_same_number(self):
        """His calls are his own, as those of a company at its switchboard."""
        other = self.customer.copy({"name": "Raman & Sons"})
        theirs = self.talked()
        theirs.partner_id = other
        self.erase()
        self.assertTrue(theirs.number)
        self.assertEqual(theirs.partner_id, other)

    def test_recordings_whose_calls_are_not_known(self):
        """Found at the PBX, and filed on the person; or of his number."""
        recordings = self.env["noojee.recording"]
        values = {
            "pbx_id": self.pbx.id,
            "company_id": self.pbx.company_id.id,
            "state": "stored",
            "tag": "Priya",
        }
        made = filed, on_order, of_number, others = recordings.create([values] * 4)
        filed.record_ref = self.customer
        on_order.record_ref = self.order
        numbers = ("anonymous", "", "03 7010 9876", "0390001876")
        for recording, number in zip(made, numbers, strict=True):
            self.leg(
                1,
                0,
                recording_id=recording.id,
                unique_id=f"{recording.id}.7",
                source=number,
                destination="101",
            )
        self.erase()
        states = [recording.state for recording in made]
        self.assertEqual(states, ["purged", "purged", "purged", "stored"])
        self.assertFalse(filed.record_ref or filed.tag or of_number.tag)
        self.assertFalse(of_number.leg_ids.source)
        self.assertTrue(others.leg_ids.source)

    def test_wishes_for_the_person(self):
        lines = {self.customer.id: (self.anna, False)}
        commands = self.env["noojee.command"]._wish("hang_up", self.customer, lines)
        self.assertEqual(commands.record_name, "Priya Raman")
        self.erase()
        self.assertFalse(commands.exists())

    def test_who_may_not(self):
        with self.assertRaisesRegex(UserError, "administrators"):
            self.customer.with_user(self.anna).action_noojee_erase()
        self.assertTrue(self.call.number)

    def test_recording_on_hold(self):
        self.recording.is_on_hold = True
        with self.assertRaisesRegex(UserError, "legal hold"):
            self.erase()
