from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import consteq, hmac

from .masked_number import without_number
from .noojee_call_dial import NotToBeCalled

# what stands for a number begins so, and no number that a person writes does
STAND_IN = "noojee:"
SCOPE = "noojee.number"
DIGEST_LENGTH = 24
OWN_MODELS = ("noojee.call", "noojee.missed.call")


class NoojeeCall(models.Model):
    """A call's number as a user may see it, and how he calls one that he may not.

    His browser is given a word that stands for the number: of which record it is, and
    which of the record's numbers. The number itself is looked up here.
    """

    _inherit = "noojee.call"

    def _written_number(self):
        """The other party's number as people of the PBX's country write it."""
        if self.number_e164:
            return self.pbx_id._local_format(self.number_e164)
        return self.number

    def _shown_number(self, user):
        number = self._written_number()
        # extensions are no secret inside the company
        return number if self.direction == "internal" else user._noojee_shown(number)

    def _number_to_all(self):
        """As it stands in a text that is stored, whoever reads it later."""
        number = self._written_number()
        if self.direction == "internal":
            return number
        return self.env["res.users"]._noojee_shown_to_all(number)

    def _link_to_all(self):
        """A link to this call, for such a text."""
        partner = self.partner_id._filtered_access("read")
        names = [partner.display_name, self.sudo()._number_to_all()]
        title = " · ".join(filter(None, names)) or self.env._("Unknown caller")
        return self._get_html_link(title=title)

    @api.model
    def _shown_desk(self, number, pbx, user):
        """A number at the other end of a call among colleagues: an extension, unless
        the call was handed on to the outside."""
        if not number or user._noojee_sees_numbers() or self._line_with(number, pbx):
            return number
        return user._noojee_shown(number)

    # === CALLING WHAT IS NOT SHOWN === #

    def _noojee_dial_numbers(self):
        """The numbers that words of :meth:`_dial_word` may stand for."""
        self.check_access("read")
        # sudo: whether the user may read the call was asked
        call_sudo = self.sudo()
        return [call_sudo.number_e164 or call_sudo.number]

    @api.model
    def _dial_word(self, number, record, user):
        """What a browser dials a number by: itself, or a word that stands for it where
        the user may not see it.

        :param record: that the number is one of the numbers of
        """
        if not number or user._noojee_sees_numbers():
            return number
        place = f"{record._name},{record.id}"
        return f"{STAND_IN}{place},{self._digest(place, number)}"

    @api.model
    def _digest(self, place, number):
        # keyed, and another one at each record: nobody can try all numbers that there
        # are, nor compare them with one that he has given to a record of his own
        return hmac(self.env(su=True), SCOPE, (place, number))[:DIGEST_LENGTH]

    @api.model
    def _number_meant(self, word):
        """The number that a browser dials by a word; a number stands for itself.

        :raise UserError: where the record has no such number any more.
        """
        text = str(word or "")
        if not text.startswith(STAND_IN):
            return word
        name, record_id, digest = [*text[len(STAND_IN) :].split(","), "", ""][:3]
        numbers = []
        is_known = name in OWN_MODELS or name in self._record_models()
        if is_known and record_id.isdecimal():
            record = self._in_all_companies().env[name].browse(int(record_id)).exists()
            record.check_access("read")
            numbers = record and record._noojee_dial_numbers()
        for number in filter(None, numbers):
            if consteq(self._digest(f"{name},{record_id}", number), digest):
                return number
        raise UserError(
            self.env._("This number has changed meanwhile. Reload the page.")
        )

    @contextmanager
    def _unseen(self, word, number):
        """Errors do not tell a number that was dialled by another word."""
        try:
            yield
        except NotToBeCalled as refusal:
            refusal.check["number"] = word
            raise
        except UserError as error:
            if word != number:
                error.args = (without_number(str(error), number), *error.args[1:])
            raise

    @contextmanager
    def _told_to_all(self, number):
        """Errors are stored for everybody to read."""
        try:
            yield
        except UserError as error:
            words = self.env["res.users"]._noojee_words_to_all(str(error), number)
            error.args = (words, *error.args[1:])
            raise

    @api.model
    def _shown_values(self, shown, number, record):
        """A record's number as the browser shows it and dials it.

        :param str shown: the number as it would be written for people
        :return: ``{"number"}``, and ``dial_number`` where that is another one
        """
        user = self.env.user
        if not number or user._noojee_sees_numbers():
            return {"number": shown}
        return {
            "number": user._noojee_shown(shown),
            "dial_number": self._dial_word(number, record, user),
        }
