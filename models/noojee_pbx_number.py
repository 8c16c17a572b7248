from odoo import models
from odoo.exceptions import UserError

from odoo.addons.phone_validation.tools import phone_validation


class NoojeePbx(models.Model):
    """Numbers in the form of the PBX's dial plan, and in that of its people."""

    _inherit = "noojee.pbx"

    def _dial_form(self, number, country=None):
        """The digits that the PBX's dial plan wants for a number.

        :param str number: as a person wrote it
        :param country: of the number where it is written in a national form
        :return: ``(digits to dial, E.164 or False for an extension)``
        :raise UserError: when it is not a number, saying why.
        """
        self.ensure_one()
        number = (number or "").strip()
        if not number:
            raise UserError(self.env._("There is no number to call."))
        # sudo: which numbers are extensions is no secret inside the company
        if self.sudo().extension_ids.filtered(lambda line: line.number == number):
            return number, False
        parsed = phone_validation.phone_parse(number, (country or self.country_id).code)
        e164 = f"+{parsed.country_code}{self._national_significant(parsed)}"
        if parsed.country_code == self.country_id.phone_code:
            formatted = phone_validation.phone_format(
                e164,
                self.country_id.code,
                self.country_id.phone_code,
                force_format="NATIONAL",
            )
            return "".join(filter(str.isdigit, formatted)), e164
        return f"{self.international_prefix}{e164[1:]}", e164

    @staticmethod
    def _national_significant(parsed):
        # leading zeros belong to some countries' numbers (Italy's)
        zeros = "0" * (parsed.number_of_leading_zeros or 1)
        return f"{zeros if parsed.italian_leading_zero else ''}{parsed.national_number}"

    def _local_format(self, number):
        """A number as people of the PBX's country write it."""
        self.ensure_one()
        country = self.country_id
        return (
            self._phone_format_number(number, country, force_format="NATIONAL")
            or number
        )
