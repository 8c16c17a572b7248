import json

from odoo.tests import HttpCase, tagged

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestNotice(HttpCase, NoojeeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        action = cls.pbx.action_new_notice_token()
        cls.token = action["context"]["default_token"]

    def notice(self, body, token=None, pbx_id=None, **headers):
        if not isinstance(body, (str, dict)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if token != "":
            headers["X-Noojee-Token"] = token or self.token
        return self.url_open(
            f"/noojee/notice/{pbx_id or self.pbx.id}", data=body, headers=headers
        )

    def ringing(self, **data):
        return {
            "exten": "101",
            "CallID": 10,
            "CallData": {
                "status": "Ringing",
                "callerId": "0370109876",
                "uniqueCallId": "1412750652.496",
                "inbound": True,
                "canAnswer": True,
                **data,
            },
        }

    def calls(self):
        return self.env["noojee.call"].search([("pbx_id", "=", self.pbx.id)])

    def test_notice_in_json(self):
        reply = self.notice([self.ringing()])
        self.assertEqual(reply.status_code, 200)
        self.assertEqual(self.calls().partner_id, self.customer)
        self.assertNotIn("Priya", reply.text)

    def test_repeated_notice_makes_no_second_call(self):
        self.notice([self.ringing()])
        self.notice([self.ringing()])
        self.assertEqual(len(self.calls()), 1)

    def test_notice_in_form_fields(self):
        form = {"exten": "101", **self.ringing()["CallData"]}
        reply = self.notice({name: str(value) for name, value in form.items()})
        self.assertEqual(reply.status_code, 200)
        self.assertEqual(self.calls().state, "ringing")

    def test_refusals(self):
        ringing = [self.ringing()]
        unset = self.pbx.copy({"name": "No token"})
        cases = [
            ({"token": ""}, 403),
            ({"token": "wrong"}, 403),
            ({"pbx_id": unset.id}, 403),
            ({"pbx_id": 0x7FFFFFFF}, 403),
        ]
        for how, status in cases:
            with self.subTest(how):
                self.assertEqual(self.notice(ringing, **how).status_code, status)
        self.assertFalse(self.calls())

    def test_bodies_that_are_no_notice(self):
        for body in [[{}], ["text"], [{"exten": "101", "CallData": "x"}], [[]]]:
            with self.subTest(body):
                self.assertEqual(self.notice(body).status_code, 400)
        broken = self.notice("{", **{"Content-Type": "application/json"})
        self.assertEqual(broken.status_code, 400)
        self.assertFalse(self.calls())

    def test_body_that_is_too_large(self):
        reply = self.notice([self.ringing(callerId="0" * 100_000)])
        self.assertEqual(reply.status_code, 413)
