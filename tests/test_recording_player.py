from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.noojee.simulator import audio

from .call_common import CallCommon

SECONDS = 12


class PlayerCommon(CallCommon):
    """A recorded call of Anna's with two legs and a gap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.env["sale.order"].create(
            {"partner_id": cls.customer.id, "user_id": cls.anna.id}
        )

    def setUp(self):
        super().setUp()
        self.call = self.outbound("Dialing Out", "Connected", unique_id=41)
        self.call._recording_started("S00042", self.order)
        self.outbound("Hungup", unique_id=41)
        self.recording = self.call.recording_ids
        self.begun = fields.Datetime.now()
        self.legs = self.leg(1, 0) | self.leg(2, 60)

    def leg(self, number, after, **values):
        """A leg that began some seconds after the recording, with its audio."""
        content = audio.wav(SECONDS)
        leg = self.env["noojee.recording.leg"].create(
            {
                "recording_id": self.recording.id,
                "pbx_id": self.pbx.id,
                "unique_id": "41.101",
                "call_record_id": "70041",
                "number": number,
                "source": "101",
                "destination": "0370109876",
                "started_at": self.begun + timedelta(seconds=after),
                "duration": SECONDS,
                "state": "stored",
                "media_type": "audio/wav",
                "size": len(content),
                **values,
            }
        )
        self.env["ir.attachment"].create(
            {
                "name": "whatever",
                "res_model": leg._name,
                "res_id": leg.id,
                "res_field": "audio",
                "raw": content,
            }
        )
        return leg


@tagged("post_install", "-at_install", "noojee")
class TestRecordingPlayer(PlayerCommon):
    def player(self, user=None):
        return self.recording.with_user(user or self.anna).get_player()

    def test_legs_to_scale(self):
        told = self.player()
        self.assertEqual(told["name"], "S00042")
        self.assertEqual(
            [(t["number"], t["start"], t["seconds"]) for t in told["tracks"]],
            [(1, 0, SECONDS), (2, 60, SECONDS)],
        )
        self.assertEqual(told["seconds"], 60 + SECONDS)
        self.assertEqual(
            told["gaps"],
            [{"start": SECONDS, "seconds": 60 - SECONDS, "is_card": False}],
        )
        self.assertFalse(told["can_download"])

    def test_gap_for_card_data(self):
        self.recording.pause_ids = [
            Command.create(
                {
                    "started_at": self.begun + timedelta(seconds=13),
                    "ended_at": self.begun + timedelta(seconds=58),
                }
            )
        ]
        [gap] = self.player()["gaps"]
        self.assertTrue(gap["is_card"])

    def test_legs_that_overlap_by_a_second(self):
        self.legs[1].started_at = self.begun + timedelta(seconds=SECONDS - 1)
        told = self.player()
        self.assertEqual([t["start"] for t in told["tracks"]], [0, SECONDS])
        self.assertFalse(told["gaps"])

    def test_leg_whose_time_the_pbx_does_not_tell(self):
        """It is heard after the one before it."""
        self.leg(3, 90)
        self.legs[1].started_at = False
        told = self.player()
        self.assertEqual(
            [(track["number"], track["start"]) for track in told["tracks"]],
            [(1, 0), (2, SECONDS), (3, 90)],
        )
        self.recording.leg_ids.started_at = False
        told = self.player()
        self.assertEqual([t["start"] for t in told["tracks"]], [0, 12, 24])

    def test_leg_of_less_than_a_second(self):
        """Whoever transfers at once leaves legs of no whole second."""
        self.legs[0].duration = 0
        self.legs[1].started_at = self.begun
        told = self.player()
        self.assertEqual(
            [(track["start"], track["seconds"]) for track in told["tracks"]],
            [(0, 1), (1, SECONDS)],
        )

    def test_leg_that_is_not_here(self):
        self.legs[0].write({"state": "failed", "reason": "The PBX does not have it."})
        told = self.player()
        self.assertEqual([t["is_stored"] for t in told["tracks"]], [False, True])
        self.assertEqual(told["tracks"][0]["reason"], "The PBX does not have it.")

    def test_nothing_was_fetched_yet(self):
        self.legs.unlink()
        told = self.player()
        self.assertEqual((told["tracks"], told["seconds"]), ([], 0))

    def test_who_may_hear(self):
        leader = new_test_user(self.env, "leader", "noojee.group_supervisor")
        admin = new_test_user(
            self.env, "admin2", "noojee.group_admin,sales_team.group_sale_manager"
        )
        portal = new_test_user(self.env, "portal2", "base.group_portal")
        internal = new_test_user(self.env, "nobody2", "base.group_user")
        self.assertTrue(self.player(admin)["tracks"])
        for user in (self.ben, leader, portal, internal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.player(user)

    def test_leader_of_the_team(self):
        groups = "noojee.group_supervisor,sales_team.group_sale_salesman_all_leads"
        leader = new_test_user(self.env, "leader", groups)
        self.env["crm.team"].create(
            {
                "name": "Sales 2",
                "user_id": leader.id,
                "crm_team_member_ids": [Command.create({"user_id": self.anna.id})],
            }
        )
        self.assertTrue(self.player(leader)["tracks"])

    def test_what_it_is_filed_on_may_not_be_read(self):
        # a colleague's order, of which the salesperson sees his own alone
        self.anna.group_ids = [
            Command.unlink(self.env.ref("sales_team.group_sale_salesman_all_leads").id),
            Command.link(self.env.ref("sales_team.group_sale_salesman").id),
        ]
        self.order.user_id = self.ben
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.player()

    def test_line_in_the_chatter_plays_it(self):
        [line] = self.lines(self.order)
        self.assertNotIn("Play recording", line.body)
        self.recording.state = "stored"
        self.assertIn("Play recording", line.body)
        self.assertIn(f'data-oe-id="{self.recording.id}"', line.body)
        # its audio is deleted one day
        self.legs.state = "purged"
        self.recording.state = "purged"
        self.assertNotIn("Play recording", line.body)

    def test_audio_that_comes_while_the_call_ends(self):
        """Whoever ends the call at this moment has a row of it to collide with."""
        self.env.flush_all()
        version = self.call.version
        self.recording.state = "failed"
        self.assertGreater(self.call.version, version)

    def test_button_of_a_call(self):
        call = self.call.with_user(self.anna)
        self.assertTrue(call.has_audio)
        action = call.action_play_recording()
        self.assertEqual(action["params"]["id"], self.recording.id)


@tagged("post_install", "-at_install", "noojee")
class TestRecordingDoor(PlayerCommon, HttpCase):
    """The address of a leg's audio."""

    def setUp(self):
        super().setUp()
        self.url = f"/noojee/recording/leg/{self.legs[0].id}"
        self.content = audio.wav(SECONDS)

    def get(self, user, url=None, **headers):
        if user:
            self.authenticate(user.login, user.login)
        else:
            self.logout()
        return self.url_open(url or self.url, headers=headers, allow_redirects=False)

    def test_audio(self):
        reply = self.get(self.anna)
        self.assertEqual(reply.status_code, 200)
        self.assertEqual(reply.content, self.content)
        self.assertEqual(reply.headers["Content-Type"], "audio/wav")
        self.assertEqual(reply.headers["Cache-Control"], "private, no-store")
        self.assertNotIn("attachment", reply.headers.get("Content-Disposition", ""))

    def test_parts(self):
        reply = self.get(self.anna, Range="bytes=100-199")
        self.assertEqual(reply.status_code, 206)
        self.assertEqual(reply.content, self.content[100:200])
        reply = self.get(self.anna, Range=f"bytes={len(self.content)}-")
        self.assertEqual(reply.status_code, 416)

    def test_strangers_learn_nothing(self):
        """A leg that is another's answers as one that is not."""
        portal = new_test_user(self.env, "portal2", "base.group_portal")
        internal = new_test_user(self.env, "nobody2", "base.group_user")
        for user in (self.ben, portal, internal):
            for address in (self.url, f"{self.url}?download=1"):
                with self.subTest(user.login, address=address):
                    reply = self.get(user, address)
                    self.assertEqual(reply.status_code, 404)
                    nothing = self.get(user, "/noojee/recording/leg/999999999")
                    self.assertEqual(nothing.status_code, 404)
                    self.assertEqual(reply.text, nothing.text)
                    self.assertIn("There is no such recording", reply.text)
        # asked to log in
        self.assertEqual(self.get(None).status_code, 303)

    def test_who_may_not_see_what_it_is_filed_on(self):
        with self.assertLogs("odoo.http", "WARNING"):
            self.anna.group_ids = [
                Command.unlink(
                    self.env.ref("sales_team.group_sale_salesman_all_leads").id
                ),
                Command.link(self.env.ref("sales_team.group_sale_salesman").id),
            ]
            self.order.user_id = self.ben
            self.env.invalidate_all()
            reply = self.get(self.anna)
        self.assertEqual(reply.status_code, 403)
        self.assertIn("You may not see what this recording is filed on.", reply.text)

    def test_no_other_door(self):
        attachment = self.legs[0]._attachment_sudo()
        urls = [
            f"/web/content/{attachment.id}",
            f"/web/content/noojee.recording.leg/{self.legs[0].id}/audio",
            f"/web/image/noojee.recording.leg/{self.legs[0].id}/audio",
            f"/web/image/{attachment.id}",
        ]
        portal = new_test_user(self.env, "portal2", "base.group_portal")
        admin = self.env.ref("base.user_admin")
        for user in (self.anna, self.ben, portal, None):
            for url in urls:
                with self.subTest(url, user=user and user.login):
                    reply = self.get(user, url)
                    self.assertNotEqual(reply.content, self.content)
                    self.assertNotIn(b"RIFF", reply.content[:4])
        with self.assertRaises(AccessError):
            self.legs[0].with_user(admin).read(["audio"])
        self.assertFalse(
            self.env["ir.attachment"]
            .with_user(self.anna)
            .search([("res_model", "=", "noojee.recording.leg")])
        )

    def test_files_for_those_allowed(self):
        self.assertEqual(self.get(self.anna, f"{self.url}?download=1").status_code, 403)
        self.anna.group_ids = [Command.link(self.env.ref("noojee.group_download").id)]
        reply = self.get(self.anna, f"{self.url}?download=1")
        self.assertEqual(reply.content, self.content)
        self.assertIn(
            f"recording-{self.recording.id}-1.wav",
            reply.headers["Content-Disposition"],
        )

    def test_listening_is_logged_once(self):
        for _part in range(3):
            self.get(self.anna, Range="bytes=0-99")
        self.get(self.anna, f"/noojee/recording/leg/{self.legs[1].id}")
        listening = self.recording.listening_ids
        self.assertEqual(listening.user_id, self.anna)
        self.assertEqual(len(listening), 1)
        # half an hour later it is another time
        listening.listened_at -= timedelta(minutes=31)
        self.get(self.anna)
        self.env.invalidate_all()
        self.assertEqual(len(self.recording.listening_ids), 2)

    def test_who_may_not_hear_leaves_no_trace(self):
        self.get(self.ben)
        self.assertFalse(self.recording.listening_ids)

    def test_audio_that_is_not_here(self):
        """Why it is not stands there in plain words, for who may hear it."""
        for values, words in (
            ({"state": "purged"}, "was deleted"),
            ({"state": "listed"}, "is not here yet"),
            ({"state": "failed", "reason": "It broke off."}, "It broke off."),
        ):
            self.legs[0].write(values)
            with self.subTest(values["state"]):
                reply = self.get(self.anna)
                self.assertEqual(reply.status_code, 404)
                self.assertIn(words, reply.text)
        self.legs[0].state = "stored"
        self.legs[0]._attachment_sudo().unlink()
        self.assertIn("is lost", self.get(self.anna).text)
        reply = self.get(self.anna, "/noojee/recording/leg/999999999")
        self.assertIn("There is no such recording", reply.text)

    def test_other_files_are_no_audio(self):
        """What somebody attaches to the same rows is neither played nor served."""
        for record in (self.legs[0], self.recording, self.order):
            self.env["ir.attachment"].create(
                {
                    "name": "offer.wav",
                    "res_model": record._name,
                    "res_id": record.id,
                    "raw": b"RIFF of somebody",
                    "mimetype": "audio/wav",
                }
            )
        self.assertEqual(self.get(self.anna).content, self.content)
        self.assertEqual(len(self.recording.get_player()["tracks"]), 2)
        self.legs[0]._attachment_sudo().unlink()
        self.assertEqual(self.get(self.anna).status_code, 404)
