import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .noojee_pbx_number import SCHEME, SEPARATORS

LIMIT = 8
SHORTEST = 2
# with fewer digits half of the customers are found
SHORTEST_NUMBER = 3
# ext. 12, x12, ;ext=12 behind a number: who has it is not told by that
NAMED_EXTENSION = re.compile(r"(?<=\d)(?:;?ext(?:ension)?=?|x)\d+$", re.IGNORECASE)
# a telephone in front, for one
OTHER_SYMBOLS = re.compile(r"[\u2190-\u2bff\U0001f000-\U0001faff]")


class NoojeeCall(models.Model):
    """Whom to call, and what a call can be about: the panel's two searches."""

    _inherit = "noojee.call"

    @api.model
    def search_parties(self, term):
        """Whom the user may mean, by name or by number.

        :param str term: what he has typed so far
        :return: list of up to 8 ``{"model", "id", "name", "subtitle", "number" (the
            one that would be dialled, or ""; see :meth:`_shown_values`),
            "is_wrong_number", "avatar"}``
        """
        term = self._search_term(term)
        if len(term) < SHORTEST:
            return []
        pbx = self._own_pbx()
        own = self._in_all_companies()
        if prefixes := self._number_prefixes(term, pbx):
            found = own._parties_by_number(prefixes)
        else:
            found = own._parties_by_name(term)
        rows = [self._party_row(record, pbx) for record in found]
        # a number that is an extension is a colleague's
        colleagues = [
            {**row, "number": term, "is_wrong_number": False}
            for row in self._match_extension(term, pbx)
            if row["id"]
        ]
        rows = colleagues + sorted(rows, key=lambda row: not row["number"])
        names = ("model", "id", "name", "subtitle", "number", "dial_number", "avatar")
        names += ("is_wrong_number",)
        return [
            {name: row[name] for name in names if name in row} for row in rows[:LIMIT]
        ]

    @api.model
    def search_records(self, term, call_id):
        """What a call can be linked to, those of its customer first.

        :param str term: what the user has typed so far; empty: the customer's own
        :return: list of up to 8 ``{"model", "id", "name", "subtitle"}``
        """
        call = self._in_all_companies().browse(call_id)
        call.check_access("read")
        term = self._search_term(term)
        customer = call.partner_id.sudo().commercial_partner_id
        own, others = [], []
        for name in self._record_models():
            model = call.env[name]
            if not model.has_access("read"):
                continue
            by_name = Domain("display_name", "ilike", term) if term else Domain.TRUE
            is_own = self._of_customer(model, customer)
            if customer:
                is_open = model._noojee_open_domain() if not term else Domain.TRUE
                own += model.search(by_name & is_own & is_open, limit=LIMIT)
            if term:
                others += model.search(by_name & ~is_own, limit=LIMIT)
        return [self._record_row(record) for record in (own + others)[:LIMIT]]

    @api.model
    def _search_local_number(self, operator, value):
        """Numbers in whatever form a person writes them."""
        return self._number_domain(operator, value, "number", "number_e164")

    @api.model
    def _number_domain(self, operator, value, fname, fname_e164):
        """
        :param str fname: name of the field of numbers as they came
        :param str fname_e164: of that of international ones
        """
        if not self.env.user._noojee_sees_numbers():
            # nothing, whatever is asked: one list of guesses, or one part after the
            # other, would tell what is hidden. Whole numbers: :meth:`search_parties`
            return Domain.FALSE
        if operator not in ("ilike", "like", "=", "=like", "=ilike"):
            return NotImplemented
        prefixes = self._number_prefixes(self._search_term(value), self._own_pbx())
        return Domain.OR(
            [
                Domain(fname, operator, value),
                *(Domain(fname_e164, "=like", f"+{p}%") for p in prefixes),
            ]
        )

    @api.model
    def _of_numbers(self, numbers):
        """Calls with some international numbers, whether the user sees them or not."""

        def to_sql(model, alias, query):
            # sudo: whoever asks knows the numbers
            number = model.sudo()._field_to_sql(alias, "number_e164", query)
            return SQL("%s = ANY(%s)", number, numbers)

        return Domain.custom(to_sql=to_sql)

    # === STEPS === #

    @api.model
    def _search_term(self, term):
        return str(term or "").replace("\x00", "").strip()[:100]

    @api.model
    def _own_pbx(self):
        # his desk is the same whichever of his companies he works in
        line = self.env["noojee.extension"]._line_of(self.env.user)
        return line.pbx_id or self.env["noojee.pbx"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )

    @api.model
    def _number_prefixes(self, term, pbx):
        """How international numbers begin that begin as this term; empty: no number."""
        # with the signs that stand in what was copied from elsewhere
        text = SEPARATORS.sub("", SCHEME.sub("", pbx._plain_text(term)))
        text = OTHER_SYMBOLS.sub("", NAMED_EXTENSION.sub("", text))
        if not re.fullmatch(r"\+?\d+", text):
            return set()
        digits = text.removeprefix("+")
        if len(digits) < SHORTEST_NUMBER:
            return set()
        if text.startswith("+"):
            return {digits}
        country = pbx.country_id or self.env.company.country_id
        prefixes = {digits, f"{country.phone_code}{digits.removeprefix('0')}"}
        abroad = pbx.international_prefix
        if abroad and digits.startswith(abroad) and len(digits) > len(abroad):
            prefixes.add(digits.removeprefix(abroad))
        return prefixes

    @api.model
    def _parties_by_number(self, prefixes):
        if self.env.user._noojee_sees_numbers():
            domain = Domain.OR(self._phone_starts_with(prefix) for prefix in prefixes)
        else:
            # whole: from what parts of a number find the rest could be told
            domain = Domain("phone_sanitized", "in", [f"+{p}" for p in prefixes])
        partners = self.env["res.partner"].search(domain, limit=LIMIT)
        leads = self.env["crm.lead"]
        if leads.has_access("read"):
            leads = leads.search(domain & self._open_lead(), limit=LIMIT)
        return self._few_of_each(partners, leads)

    @api.model
    def _phone_starts_with(self, prefix):
        """Numbers that begin so: a range on the index, where a pattern would read
        every customer. As a domain its end would take in empty numbers too, and the
        index would not serve."""
        start = f"+{prefix}"
        # letters come after digits in every collation
        end = f"+{prefix}A"

        def to_sql(model, alias, query):
            phone = model._field_to_sql(alias, "phone_sanitized", query)
            return SQL("(%s >= %s AND %s < %s)", phone, start, phone, end)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _parties_by_name(self, term):
        partners = self.env["res.partner"].search(
            Domain("complete_name", "ilike", term), limit=LIMIT
        )
        leads = self.env["crm.lead"]
        if leads.has_access("read"):
            named = Domain.OR(
                Domain(field, "ilike", term)
                for field in ("name", "contact_name", "partner_name")
            )
            leads = leads.search(named & self._open_lead(), limit=LIMIT)
        orders = self.env["sale.order"]
        if orders.has_access("read"):
            orders = orders.search(Domain("name", "ilike", term), limit=LIMIT)
        return self._few_of_each(partners, leads, orders)

    @api.model
    def _few_of_each(self, *kinds):
        """As many of each kind as fit, none crowding out the others."""
        kinds = [list(records) for records in kinds if records]
        share = LIMIT // len(kinds) if kinds else 0
        first = [record for records in kinds for record in records[:share]]
        rest = [record for records in kinds for record in records[share:]]
        return first + rest[: LIMIT - len(first)]

    @api.model
    def _of_customer(self, model, customer):
        if not customer:
            return Domain.FALSE
        fname = "commercial_partner_id"
        if model._name != "res.partner":
            if "partner_id" not in model or not model._fields["partner_id"].store:
                return Domain.FALSE
            fname = "partner_id.commercial_partner_id"
        return Domain(fname, "=", customer.id)

    # === ROWS === #

    @api.model
    def _party_row(self, record, pbx):
        number = record._noojee_number()
        return {
            **self._describe(record),
            **self._shown_values(
                self._number_shown(record, number, pbx), number, record
            ),
            "is_wrong_number": record.noojee_is_wrong_number,
        }

    @api.model
    def _describe(self, record):
        """Who is behind a record: ``{"model", "id", "name", "subtitle", "avatar"}``."""
        if record._name == "res.partner":
            return self._candidate_partner(record)
        if record._name == "crm.lead":
            return self._candidate_lead(record)
        customer = self._partner_of(record)._filtered_access("read")
        return {
            "model": record._name,
            "id": record.id,
            "name": customer.name or record.display_name,
            "subtitle": record.display_name if customer.name else "",
            "avatar": self._avatar(customer),
        }

    @api.model
    def _record_row(self, record):
        description = record.env["ir.model"]._get(record._name).name
        if record._name == "res.partner":
            # without the company's name in front, which stands in the subtitle
            name, about = record.name, record.parent_id
        else:
            name, about = record.display_name, self._partner_of(record)
        about = about._filtered_access("read")
        return {
            "model": record._name,
            "id": record.id,
            "name": name or record.display_name,
            "subtitle": " · ".join(filter(None, [description, about.name])),
        }

    @api.model
    def _number_shown(self, record, number, pbx):
        """The number that would be dialled for a record, as people here write it."""
        if not number or not pbx:
            return number or ""
        country = self._country_of(record, self._partner_of(record)) or pbx.country_id
        if country == pbx.country_id:
            e164 = self._phone_format_number(number, country)
            return pbx._local_format(e164) if e164 else number
        # it is read by the record's country again when it is dialled
        return (
            self._phone_format_number(number, country, force_format="INTERNATIONAL")
            or number
        )
