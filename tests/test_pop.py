from urllib.parse import parse_qs, urlsplit

from lxml import html

from odoo.tests import HttpCase, new_test_user, tagged

from .common import NoojeeCommon

NUMBER = "0370109876"


@tagged("post_install", "-at_install", "noojee")
class TestPop(NoojeeCommon, HttpCase):
    """What opens when a desk phone opens an address."""

    def setUp(self):
        super().setUp()
        self.authenticate("noojee_anna", "noojee_anna")

    def pop(self, number=NUMBER, **others):
        return self.url_open(
            "/noojee/pop?"
            + "&".join(f"{n}={v}" for n, v in {"number": number, **others}.items()),
            allow_redirects=False,
        )

    def page(self, response, status=200):
        self.assertEqual(response.status_code, status)
        return html.fromstring(response.text).xpath("//div[@data-page]")[0]

    def opened(self, response):
        self.assertEqual(response.status_code, 303)
        return urlsplit(response.headers["Location"]).path

    def creatable(self, login):
        self.authenticate(login, login)
        return self.make_jsonrpc_request("/web/session/get_session_info")[
            "noojee_can_create"
        ]

    def test_browser_is_told_what_callers_can_be_made(self):
        new_test_user(self.env, "noojee_reception", "noojee.group_user")
        new_test_user(
            self.env, "noojee_contacts", "noojee.group_user,base.group_partner_manager"
        )
        self.assertEqual(self.creatable("noojee_anna"), ["res.partner", "crm.lead"])
        self.assertEqual(self.creatable("noojee_contacts"), ["res.partner"])
        self.assertEqual(self.creatable("noojee_reception"), [])

    def test_the_one_customer_is_opened(self):
        for number in (
            *(NUMBER, "%2B61370109876", "(03)+7010-9876"),
            *("tel:%2B61370109876", "sip:0370109876@10.0.0.5:5060"),
            "%22Priya%22%20%3Csip%3A0370109876%40pbx%3E",
        ):
            with self.subTest(number):
                path = self.opened(self.pop(number))
                self.assertEqual(path, f"/odoo/res.partner/{self.customer.id}")

    def test_plus_as_phones_write_it(self):
        berlin = self.env["res.partner"].create(
            {"name": "Mia Fuchs", "phone": "+49 30 23125100"}
        )
        for number in (
            *("+493023125100", "%2B493023125100", "+49+30+23125100"),
            *("sip:+493023125100@pbx", "tel:+493023125100"),
        ):
            with self.subTest(number):
                path = self.opened(self.pop(number))
                self.assertEqual(path, f"/odoo/res.partner/{berlin.id}")

    def test_own_lead_is_opened(self):
        lead = self.env["crm.lead"].create(
            {"name": "Roof", "phone": "+61491578888", "user_id": self.anna.id}
        )
        self.assertEqual(
            self.opened(self.pop("0491578888")), f"/odoo/crm.lead/{lead.id}"
        )

    def test_colleague_is_opened(self):
        path = self.opened(self.pop("102"))
        self.assertEqual(path, f"/odoo/res.partner/{self.ben.partner_id.id}")

    def test_several_are_to_choose_from(self):
        twin = self.env["res.partner"].create(
            {"name": "<b>Twin</b>", "phone": "+61370109876"}
        )
        response = self.pop()
        page = self.page(response)
        self.assertEqual(page.get("data-page"), "choose")
        links = page.xpath(".//a[contains(@class, 'o_noojee_pop_candidate')]")
        self.assertEqual(
            {link.get("href") for link in links},
            {f"/odoo/res.partner/{id_}" for id_ in (self.customer + twin).ids},
        )
        self.assertIn("(03) 7010 9876", page.text_content())
        self.assertIn("&lt;b&gt;Twin&lt;/b&gt;", response.text)
        self.assertNotIn("<b>Twin", response.text)

    def test_remembered_one_of_several_is_opened(self):
        twin = self.env["res.partner"].create({"name": "Twin", "phone": "+61370109876"})
        self.env["noojee.number"].create(
            {
                "number": "+61370109876",
                "record_ref": f"res.partner,{twin.id}",
                "company_id": self.pbx.company_id.id,
            }
        )
        self.assertEqual(self.opened(self.pop()), f"/odoo/res.partner/{twin.id}")

    def test_nobody_is_known(self):
        page = self.page(self.pop("0491578888"))
        self.assertEqual(page.get("data-page"), "nobody")
        contact, lead = page.xpath(".//a[contains(@class, 'btn')]")
        for link, path in (
            (contact, "/odoo/noojee_create_contact"),
            (lead, "/odoo/noojee_create_lead"),
        ):
            address = urlsplit(link.get("href"))
            self.assertEqual(address.path, path)
            self.assertEqual(parse_qs(address.query), {"number": ["+61491578888"]})

    def test_no_number(self):
        strange = [
            "",
            "12",
            "9876",
            "hello",
            "<script>alert(1)</script>",
            "%00",
            "1" * 200,
        ]
        for number in strange:
            with self.subTest(number):
                response = self.pop(number)
                page = self.page(response, 400)
                self.assertEqual(page.get("data-page"), "no_number")
                self.assertNotIn("<script>alert", response.text)
        self.assertEqual(self.url_open("/noojee/pop").status_code, 400)

    def test_hidden_caller(self):
        page = self.page(self.pop("anonymous"))
        self.assertEqual(page.get("data-page"), "hidden")

    def test_what_the_user_may_not_read_is_not_opened(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.customer.company_id = other
        self.assertEqual(self.page(self.pop()).get("data-page"), "nobody")

    def test_nothing_but_the_number_counts(self):
        foreign = "https://example.com"
        response = self.pop(redirect=foreign, url=foreign, name="x", next=foreign)
        self.assertEqual(self.opened(response), f"/odoo/res.partner/{self.customer.id}")
        path = self.opened(self.pop(model="res.users", id="2"))
        self.assertEqual(path, f"/odoo/res.partner/{self.customer.id}")

    def test_nothing_is_written(self):
        looked = []
        pop = self.registry["noojee.call"]._pop

        def look(calls, number):
            looked.append(calls.env.cr.readonly)
            return pop(calls, number)

        self.patch(self.registry["noojee.call"], "_pop", look)
        self.pop()
        self.pop("0491578888")
        # what writes is refused by the database, and runs again where it may write
        self.assertEqual(looked, [True, True])

    def test_only_by_get(self):
        response = self.url_open("/noojee/pop", data={"number": NUMBER})
        self.assertEqual(response.status_code, 405)

    def test_signed_in_by_nobody(self):
        self.logout()
        address = urlsplit(self.pop().headers["Location"])
        self.assertEqual(address.path, "/web/login")
        back = parse_qs(address.query)["redirect"][0]
        self.assertEqual(back, f"/noojee/pop?number={NUMBER}")

    def test_who_is_no_user_of_the_telephony(self):
        for login, group in (
            ("noojee_other", "base.group_user"),
            ("noojee_portal", "base.group_portal"),
        ):
            with self.subTest(login):
                new_test_user(self.env, login, group)
                self.authenticate(login, login)
                page = self.page(self.pop(), 403)
                self.assertEqual(page.get("data-page"), "forbidden")
                self.assertNotIn("Priya", page.text_content())

    def test_without_a_pbx(self):
        self.desk_101.user_id = False
        self.env["noojee.pbx"].search([]).active = False
        self.assertEqual(self.page(self.pop()).get("data-page"), "no_pbx")

    def test_form_with_the_number(self):
        self.browser_js(
            "/odoo/noojee_create_contact?number=%2B4930901820",
            """
            const phone = document.querySelector(".o_field_phone input");
            if (!phone.value.startsWith("+49")) {
                throw new Error(phone.value);
            }
            console.log("test successful");
            """,
            "Boolean(document.querySelector('.o_field_phone input'))",
            login="noojee_anna",
        )
