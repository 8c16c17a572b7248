from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.noojee.client import CallEvent

from .common import NoojeeCommon

# country of the record, as people write it, E.164, what Australia's PBX gets; numbers
# are from the ranges reserved for fiction where a country has one that is in use
WRITTEN = [
    ("au", "03 7010 1234", "+61370101234", "0370101234"),
    ("au", "(03) 7010 1234", "+61370101234", "0370101234"),
    ("au", "03.7010.1234", "+61370101234", "0370101234"),
    ("au", "03-7010-1234", "+61370101234", "0370101234"),
    ("au", "03–7010–1234", "+61370101234", "0370101234"),
    ("au", "0370101234", "+61370101234", "0370101234"),
    ("au", "+61 3 7010 1234", "+61370101234", "0370101234"),
    ("au", "+61 (0)3 7010 1234", "+61370101234", "0370101234"),
    ("au", "+61 (03) 7010 1234", "+61370101234", "0370101234"),
    ("au", "61 3 7010 1234", "+61370101234", "0370101234"),
    ("au", "0011 61 3 7010 1234", "+61370101234", "0370101234"),
    ("au", "0061 3 7010 1234", "+61370101234", "0370101234"),
    ("au", "00 61 3 7010 1234", "+61370101234", "0370101234"),
    ("au", "tel:+61-3-7010-1234", "+61370101234", "0370101234"),
    ("au", "tel:70101234;phone-context=+613", "+61370101234", "0370101234"),
    ("au", "+61\u00a03\u00a07010\u00a01234", "+61370101234", "0370101234"),
    ("au", "\u202a+61 3 7010 1234\u202c", "+61370101234", "0370101234"),
    ("au", "０３ ７０１０ １２３４", "+61370101234", "0370101234"),
    ("au", "٠٣ ٧٠١٠ ١٢٣٤", "+61370101234", "0370101234"),
    ("au", "03 7010 1234 ext. 12", "+61370101234", "0370101234"),
    ("au", "03 7010 1234 x12", "+61370101234", "0370101234"),
    ("au", "03 7010 1234;ext=12", "+61370101234", "0370101234"),
    ("au", "03 7010 1234 home", "+61370101234", "0370101234"),
    ("au", "Tel. 03 7010 1234", "+61370101234", "0370101234"),
    ("au", "📞 03 7010 1234", "+61370101234", "0370101234"),
    ("au", "02 5550 1234", "+61255501234", "0255501234"),
    ("au", "0491 570 156", "+61491570156", "0491570156"),
    ("au", "+61 491 570 156 (Mum)", "+61491570156", "0491570156"),
    ("au", "1800 975 707", "+611800975707", "1800975707"),
    ("au", "1300 975 707", "+611300975707", "1300975707"),
    ("au", "1300 FLOWER", "+611300356937", "1300356937"),
    ("au", "13 11 14", "+61131114", "131114"),
    ("nz", "09 887 6543", "+6498876543", "00116498876543"),
    ("nz", "(021) 123 4567", "+64211234567", "001164211234567"),
    ("nz", "+64 (0)9 887 6543", "+6498876543", "00116498876543"),
    ("nz", "0800 123 4567", "+648001234567", "0011648001234567"),
    ("de", "030 23125 100", "+493023125100", "0011493023125100"),
    ("de", "030/23125-100", "+493023125100", "0011493023125100"),
    ("de", "(0 30) 2 31 25-100", "+493023125100", "0011493023125100"),
    ("de", "+49 (0)30 23125 100", "+493023125100", "0011493023125100"),
    ("de", "0049 30 23125 100", "+493023125100", "0011493023125100"),
    ("de", "0011 49 30 23125 100", "+493023125100", "0011493023125100"),
    ("de", "040 66969 123", "+494066969123", "0011494066969123"),
    ("de", "0152 28817386", "+4915228817386", "00114915228817386"),
    # letters of the keypad would make another number in use of it
    ("de", "030 23125 privat", "+493023125", "0011493023125"),
    ("at", "01 23456789", "+43123456789", "001143123456789"),
    ("at", "+43 (0)664 1234567", "+436641234567", "0011436641234567"),
    ("gb", "020 7946 0123", "+442079460123", "0011442079460123"),
    ("gb", "0114 496 0123", "+441144960123", "0011441144960123"),
    ("gb", "+44 (0)20 7946 0123", "+442079460123", "0011442079460123"),
    ("gb", "0808 157 0192", "+448081570192", "0011448081570192"),
    ("fr", "01 99 00 12 34", "+33199001234", "001133199001234"),
    ("fr", "+33 (0)1.99.00.12.34", "+33199001234", "001133199001234"),
    ("fr", "0 800 123 456", "+33800123456", "001133800123456"),
    # the zero belongs to Italy's numbers
    ("it", "06 698 12345", "+390669812345", "0011390669812345"),
    ("it", "+39 06 698 12345", "+390669812345", "0011390669812345"),
    ("it", "347 123 4567", "+393471234567", "0011393471234567"),
    ("ch", "044 668 18 00", "+41446681800", "001141446681800"),
    ("us", "(212) 555-0123", "+12125550123", "001112125550123"),
    ("us", "212.555.0123", "+12125550123", "001112125550123"),
    ("us", "1-212-555-0123", "+12125550123", "001112125550123"),
    ("us", "+1 (212) 555-0123 ext. 5", "+12125550123", "001112125550123"),
    ("us", "1-800-FLOWERS", "+18003569377", "001118003569377"),
    ("us", "011 61 3 7010 1234", "+61370101234", "0370101234"),
    ("ca", "1 (416) 555-0123", "+14165550123", "001114165550123"),
    ("jp", "03-5550-1234", "+81355501234", "001181355501234"),
    ("jp", "０９０－１２３４－５６７８", "+819012345678", "0011819012345678"),
    ("in", "098765 43210", "+919876543210", "0011919876543210"),
    ("in", "+91-22-2345-6789", "+912223456789", "0011912223456789"),
    ("br", "(11) 96123-4567", "+5511961234567", "00115511961234567"),
    ("br", "+55 (11) 3003-4567", "+551130034567", "0011551130034567"),
    ("sg", "6123 4567", "+6561234567", "00116561234567"),
    ("sg", "(+65) 8123-4567", "+6581234567", "00116581234567"),
    ("nl", "020 123 4567", "+31201234567", "001131201234567"),
    ("ie", "+353 (0)1 234 5678", "+35312345678", "001135312345678"),
    ("es", "912 345 678", "+34912345678", "001134912345678"),
]
# what a person wrote, and what the refusal says
REFUSED = [
    ("", "no number to call"),
    ("   ", "no number to call"),
    (None, "no number to call"),
    ("Priya", "no digits"),
    ("FLOWERS", "no digits"),
    ("+", "no digits"),
    ("☎ 📞", "no digits"),
    ("7010 123", "not a number in use in Australia"),
    ("03 7010 123", "not a number in use in Australia"),
    ("01 7010 1234", "not a number in use in Australia"),
    ("+999 3 7010 1234", "code that no country has"),
    ("12", "too short"),
    ("1194", "too short"),
    ("000", "emergency number: dial it at the handset"),
    ("112", "emergency number: dial it at the handset"),
    ("1" * 40, "too many digits"),
    ("1" * 100_000, "too many digits"),
    ("03 7010 1234 / 0491 570 156", "too many digits"),
    ("1300 FLOWERS", "not a number in use in Australia"),
    ("*61370101234", "code for the phone system"),
    ("#31#0491570156", "code for the phone system"),
    ("'; DROP TABLE res_partner; --", "is not a phone number"),
    ("0370101234' OR '1'='1", "is not a phone number"),
    ("<script>alert(1)</script>", "is not a phone number"),
    ("<b>0370101234</b>", "is not a phone number"),
    ("03 7010\x001234", "is not a phone number"),
    ("03 7010 1234\ud83d", "is not a phone number"),
    (["0370101234"], "is not a phone number"),
]
NASTY = [
    "<script>alert(1)</script>",
    "'; DROP TABLE res_partner; --",
    "🌞 <b>Solar</b> & “Söhne”",
    "1" * 40,
    "+",
]


@tagged("post_install", "-at_install", "noojee")
class TestNumbers(NoojeeCommon):
    def country(self, code):
        return self.env.ref(f"base.{'uk' if code == 'gb' else code}")

    def pbx_in(self, code, prefix):
        return self.pbx.copy(
            {"country_id": self.country(code).id, "international_prefix": prefix}
        )

    def test_written_forms_at_an_australian_pbx(self):
        self.assertGreaterEqual(len(WRITTEN), 60)
        self.assertGreaterEqual(len({code for code, *_rest in WRITTEN}), 10)
        for code, written, e164, digits in WRITTEN:
            with self.subTest(country=code, written=written):
                self.assertEqual(
                    self.pbx._dial_form(written, self.country(code)), (digits, e164)
                )

    def test_other_dial_plans(self):
        germany = self.pbx_in("de", "00")
        states = self.pbx_in("us", "011")
        trunk = self.pbx_in("au", "+")
        cases = [
            (germany, "de", "030 23125 100", "03023125100"),
            (germany, "de", "+49 (0)152 28817386", "015228817386"),
            (germany, "au", "03 7010 1234", "0061370101234"),
            (germany, "at", "01 23456789", "0043123456789"),
            (germany, "it", "06 698 12345", "00390669812345"),
            (states, "us", "+1 212 555 0123", "2125550123"),
            (states, "ca", "1 (416) 555-0123", "4165550123"),
            (states, "au", "0491 570 156", "01161491570156"),
            (states, "gb", "020 7946 0123", "011442079460123"),
            (trunk, "de", "030 23125 100", "+493023125100"),
        ]
        for pbx, code, written, digits in cases:
            with self.subTest(pbx=pbx.country_id.code, written=written):
                found = pbx._dial_form(written, self.country(code))
                self.assertEqual(found[0], digits)

    def test_without_a_country_the_companys_counts_then_the_pbxs(self):
        germany = self.pbx_in("de", "00")
        self.assertEqual(germany._dial_form("03 7010 1234")[1], "+61370101234")
        # none of the company's country
        self.assertEqual(germany._dial_form("01522 8817386")[1], "+4915228817386")
        germany.company_id = self.env["res.company"].create({"name": "Nowhere"})
        self.assertEqual(germany._dial_form("030 23125 100")[1], "+493023125100")

    def test_extensions_are_dialled_as_they_are(self):
        for written in ("102", " 102 ", "x102", "Ext. 102", "１０２"):
            with self.subTest(written):
                self.assertEqual(self.pbx._dial_form(written), ("102", False))

    def test_what_cannot_be_dialled_says_why(self):
        australia = self.country("au")
        for written, words in REFUSED:
            with (
                self.subTest(written=str(written)[:40]),
                self.assertRaisesRegex(UserError, words) as refusal,
            ):
                self.pbx._dial_form(written, australia)
            self.assertLess(len(str(refusal.exception)), 250)

    def test_local_number_without_its_area(self):
        with self.assertRaisesRegex(UserError, "lacks its area code"):
            self.pbx._dial_form("555-0123", self.country("us"))

    def test_emergency_numbers_of_the_pbx_and_of_the_record(self):
        states = self.pbx_in("us", "011")
        for code, written in [("us", "911"), ("gb", "999"), ("us", "tel:911")]:
            with (
                self.subTest(written),
                self.assertRaisesRegex(UserError, "emergency number"),
            ):
                states._dial_form(written, self.country(code))


@tagged("post_install", "-at_install", "noojee")
class TestDialledNumbers(NoojeeCommon):
    """End to end: what the simulator was sent."""

    def dial(self, *args):
        calls = self.env["noojee.call"].with_user(self.anna)
        with self.own_cursors():
            return calls.dial(*args)

    def test_the_pbx_is_sent_the_form_of_its_dial_plan(self):
        self.customer.country_id = self.env.ref("base.de")
        cases = [
            ("030/23125-100", self.customer, "0011493023125100", "outbound"),
            ("٠٣ ٧٠١٠ ١٢٣٤", None, "0370101234", "outbound"),
            ("102", None, "102", "internal"),
        ]
        for written, record, digits, direction in cases:
            with self.subTest(written):
                self.simulator.control("reset")
                self.env["noojee.call"].search([]).dial_extension_id = False
                self.dial(written, *(record and (record._name, record.id) or ()))
                [dialled] = self.simulator.requests("dial")
                self.assertEqual(dialled["params"]["number"], digits)
                self.assertEqual(self.call().number, written)
                self.assertEqual(self.call().direction, direction)

    def test_what_cannot_be_dialled_is_neither_sent_nor_stored(self):
        before = self.env["noojee.call"].search_count([])
        for written, words in REFUSED:
            with (
                self.subTest(written=str(written)[:40]),
                self.assertRaisesRegex(UserError, words),
            ):
                self.dial(written)
        self.assertFalse(self.simulator.requests("dial"))
        self.assertEqual(self.env["noojee.call"].search_count([]), before)

    def test_nasty_caption_reaches_the_desk_as_it_is(self):
        for text in NASTY:
            with self.subTest(text), self.pbx._client() as client:
                self.simulator.control("reset")
                client.dial("102", "101", "", phone_caption=text)
                [dialled] = self.simulator.requests("dial")
                self.assertEqual(dialled["params"]["phoneCaption"], text)

    def test_nasty_tag_is_kept_and_shown_as_text(self):
        self.action_call(self.customer)
        self.listen_until(lambda: self.call().state == "connected")
        for text in NASTY:
            with self.subTest(text):
                command = self.env["noojee.command"]._wish(
                    "start_recording",
                    self.customer,
                    {self.customer.id: (self.anna, False)},
                    {self.customer.id: (text, False)},
                )
                with self.own_cursors():
                    self.env.ref("noojee.ir_cron_run_commands").method_direct_trigger()
                self.env.invalidate_all()
                self.assertEqual(command.sudo().state, "done")
                started = self.simulator.requests("start")[-1]
                self.assertEqual(started["params"]["tag"], text)
                body = self.customer.message_ids[0].body
                self.assertNotIn("<script", body)
                self.assertNotIn("<b>Solar", body)

    def test_nasty_caller_is_stored_and_named_as_text(self):
        for index, text in enumerate(NASTY):
            with self.subTest(text):
                row = {
                    "status": "Ringing",
                    "callerId": text,
                    "inbound": True,
                    "uniqueCallId": f"1.{index}",
                }
                event = CallEvent.from_wire("101", row, "UTC")
                call = self.env["noojee.call"]._ingest(self.pbx, [event])
                self.assertEqual(call.number, text)
                self.assertEqual(call._payload(self.anna)["number"], text)
                self.assertFalse(call._payload(self.anna)["record"])
