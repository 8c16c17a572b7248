import contextlib
import functools
import re
import unicodedata

import phonenumbers

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.phone_validation.tools import phone_validation

# E.164 allows 15 digits; an international prefix may stand before them
MOST_DIGITS = 20
FEWEST_DIGITS = 7
# fewer, without +, may be a number of the own country that lacks its beginning
FEWEST_WITH_COUNTRY = 11
# longer texts are not read at all
LONGEST = 250
# what an error repeats of a text that is no number
SHOWN_LENGTH = 40
# RFC 3966: tel:+61-3-7010-1234;ext=12;phone-context=…
PARAMETERS = re.compile(r";[a-z-]+=[\w.+-]*", re.IGNORECASE)
# they stand in no number, but in what was pasted by mistake or on purpose
FOREIGN_SIGNS = re.compile(r"[<>;=\"'`\\{}$%&|^@?!]")
SCHEME = re.compile(r"^\s*(?:tel|callto|sms):(?://)?", re.IGNORECASE)
SEPARATORS = re.compile(r"[\s.()\[\]/‐-―−~-]")
EXTENSION = re.compile(r"(?:extension|ext|x)?([0-9*#]+)", re.IGNORECASE)


# each event of a call asks for its number several times
@functools.lru_cache(maxsize=4096)
def _formatted(number, country_code, phone_code, force_format, abroad_prefix):
    for reading in (number, *_readings_abroad(number, abroad_prefix)):
        with contextlib.suppress(UserError):
            return phone_validation.phone_format(
                reading, country_code, phone_code, force_format=force_format
            )
    return False


def _readings_behind_prefix(text, abroad_prefix):
    """People, and PBXs, write the prefix for abroad of their own country, or of the
    PBX's."""
    for prefix in filter(None, (abroad_prefix, "00")):
        if text.startswith(prefix):
            yield f"+{text.removeprefix(prefix)}"


def _readings_abroad(text, abroad_prefix):
    """What a text may say where it is no number of the own country: it begins with a
    prefix for abroad, or with a country's code alone."""
    yield from _readings_behind_prefix(text, abroad_prefix)
    if text[:1] in "123456789" and sum(map(str.isdecimal, text)) >= FEWEST_WITH_COUNTRY:
        yield f"+{text}"


class NoojeePbx(models.Model):
    """Numbers in the form of the PBX's dial plan, and in that of its people."""

    _inherit = "noojee.pbx"

    def _dial_form(self, number, country=None):
        """The digits that the PBX's dial plan wants for a number.

        An extension behind the number (``ext. 12``, ``x12``, ``;ext=12``) is not
        dialled: the PBX takes one number.

        :param str number: as a person wrote it
        :param country: of the record or its contact, for a number in a national
            form; else that of the PBX's company, or the PBX's own
        :return: ``(digits to dial, E.164 or False for an extension)``
        :raise UserError: when it cannot be dialled, saying why and what to do.
        """
        self.ensure_one()
        text = self._plain_text(number)
        if extension := self._own_extension(text):
            return extension, False
        self._check_signs(text)
        own = self.company_id.country_id
        # typed beside any record: what is no number of the company's country may be one
        # of the people's at the PBX
        countries = country or own | self.country_id
        readings = (self._read_number(text, known) for known in countries)
        parsed = next(filter(None, readings), None)
        if not parsed:
            raise UserError(self._explain_number(text, countries[:1]))
        parsed.extension = None
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        if parsed.country_code == self.country_id.phone_code:
            national = phonenumbers.format_number(
                parsed, phonenumbers.PhoneNumberFormat.NATIONAL
            )
            return "".join(filter(str.isdigit, national)), e164
        return f"{self.international_prefix}{e164[1:]}", e164

    def _international_form(self, number, country):
        """A number as it can be dialled from any record, or as it was written where
        it cannot be read.

        :param country: of a number in a national form
        """
        text = self._plain_text(number)
        with contextlib.suppress(UserError):
            self._check_signs(text)
            if parsed := self._read_number(text, country):
                parsed.extension = None
                return phonenumbers.format_number(
                    parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL
                )
        return number

    def _local_format(self, number):
        """A number as people of the PBX's country write it."""
        self.ensure_one()
        return self._formatted(number, "NATIONAL") or number

    def _formatted(self, number, force_format="E164"):
        """A number as it is written, or False where it is none, neither in the PBX's
        country nor abroad."""
        country = self.country_id
        return number and _formatted(
            *(number, country.code, country.phone_code, force_format),
            self.international_prefix,
        )

    # === READING === #

    @staticmethod
    def _plain_text(number):
        """The text in signs that every keyboard has: other scripts' digits and wide
        letters become ours, invisible marks (of direction, of emoji) fall away."""
        text = unicodedata.normalize("NFKC", str(number or ""))
        return "".join(
            str(unicodedata.decimal(sign, sign))
            for sign in text
            if unicodedata.category(sign) not in ("Cf", "Mn", "Me")
        ).strip()

    def _own_extension(self, text):
        """The number of this PBX's extension that a text names, if any."""
        named = EXTENSION.fullmatch(SEPARATORS.sub("", text))
        # sudo: which numbers are extensions is no secret inside the company
        numbers = self.sudo().extension_ids.mapped("number")
        return named and named[1] in numbers and named[1]

    def _read_number(self, text, country):
        """:return: what the first reading that makes a valid number says, or None"""
        for reading in self._readings(text):
            with contextlib.suppress(UserError):
                return phone_validation.phone_parse(reading, country.code)
        return None

    def _readings(self, text):
        """The ways to read a text, the likeliest first."""
        # words behind a number that is whole without them are a remark ("home"):
        # read as letters of the keypad they would make another number
        remark = re.match(r"(.*?\d.*?)[^\W\d_]{2,}", text)
        if remark:
            yield remark[1]
        yield text
        yield from _readings_behind_prefix(text, self.international_prefix)
        if "(0)" in text:
            yield text.replace("(0)", "")

    # === REFUSING === #

    def _check_signs(self, text):
        """:raise UserError: when a text cannot be a number whatever the country."""
        if not text:
            raise UserError(self.env._("There is no number to call."))
        written = self._shorten(text)
        if len(text) > LONGEST:
            raise UserError(self._too_many_digits(written))
        without_parameters = PARAMETERS.sub("", text)
        has_controls = any(
            unicodedata.category(sign) in ("Cc", "Cs") and not sign.isspace()
            for sign in text
        )
        if has_controls or FOREIGN_SIGNS.search(without_parameters):
            raise UserError(
                self.env._(
                    "“%(number)s” is not a phone number. Only digits, +, spaces and "
                    ". - / ( ) should stand in it: correct it, then call again.",
                    number=written,
                )
            )
        if not any(map(str.isdigit, text)):
            raise UserError(
                self.env._(
                    "“%(number)s” has no digits: it is not a phone number. Correct "
                    "it, then call again.",
                    number=written,
                )
            )
        if text.startswith("#") or "*" in text:
            raise UserError(
                self.env._(
                    "“%(number)s” is a code for the phone system: dial it at the "
                    "handset.",
                    number=written,
                )
            )

    def _explain_number(self, text, country):
        """Why a text with digits is not a number that can be dialled."""
        written = self._shorten(text)
        digits = phonenumbers.normalize_digits_only(
            phonenumbers.convert_alpha_characters_in_number(SCHEME.sub("", text))
        )
        if self._is_emergency(digits, country):
            return self.env._(
                "%(number)s is an emergency number: dial it at the handset, so that "
                "it is known where you are.",
                number=digits,
            )
        if len(digits) < FEWEST_DIGITS:
            return self.env._(
                "“%(number)s” is too short for a phone number, and %(pbx)s has no such "
                "extension. If it is a service number, dial it at the handset.",
                number=written,
                pbx=self.name,
            )
        if len(digits) > MOST_DIGITS:
            return self._too_many_digits(written)
        match self._possibility(text, country):
            case phonenumbers.ValidationResult.TOO_LONG:
                return self._too_many_digits(written)
            case phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
                return self.env._(
                    "“%(number)s” lacks its area code. Write it before the number, "
                    "then call again.",
                    number=written,
                )
            case phonenumbers.ValidationResult.INVALID_COUNTRY_CODE:
                return self.env._(
                    "“%(number)s” starts with a code that no country has. Correct it, "
                    "then call again.",
                    number=written,
                )
        return self.env._(
            "“%(number)s” is not a number in use in %(country)s. Check its digits; a "
            "number abroad starts with + and the country's code.",
            number=written,
            country=country.name,
        )

    def _too_many_digits(self, written):
        return self.env._(
            "“%(number)s” has too many digits for a phone number. If two numbers stand "
            "there, leave one of them.",
            number=written,
        )

    def _is_emergency(self, digits, country):
        return any(
            phonenumbers.is_emergency_number(digits, code)
            for code in (country.code, self.country_id.code)
        )

    @staticmethod
    def _possibility(text, country):
        try:
            parsed = phonenumbers.parse(text, country.code)
        except phonenumbers.NumberParseException as error:
            too_long = phonenumbers.NumberParseException.TOO_LONG
            no_country = phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
            return {
                too_long: phonenumbers.ValidationResult.TOO_LONG,
                no_country: phonenumbers.ValidationResult.INVALID_COUNTRY_CODE,
            }.get(error.error_type)
        return phonenumbers.is_possible_number_with_reason(parsed)

    @staticmethod
    def _shorten(text):
        return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"
