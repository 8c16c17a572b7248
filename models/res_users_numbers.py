from odoo import api, models

from .masked_number import masked, without_number

SEE_NUMBERS = "noojee.group_see_numbers"


class ResUsers(models.Model):
    """Who sees the numbers of outside parties whole.

    Whatever shows a number asks here how: the views' fields, what the phone's panel and
    cards are sent, and texts that are stored for everybody.
    """

    _inherit = "res.users"

    def _noojee_sees_numbers(self):
        # sudo: what a message to somebody else may tell is asked as well
        return self.sudo().has_group(SEE_NUMBERS)

    def _noojee_shown(self, number):
        """An outside party's number as this user may see it.

        :param str number: as it would be written for people, or False
        """
        if not number or self._noojee_sees_numbers():
            return number
        return masked(number)

    # === TEXTS THAT EVERYBODY READS === #

    @api.model
    def _noojee_all_see_numbers(self):
        """Whether everybody who has the phone sees numbers whole."""
        groups = self.env["res.groups"]._get_group_definitions()
        implied = groups.get_superset_ids([groups.get_id("noojee.group_user")])
        return groups.get_id(SEE_NUMBERS) in implied

    @api.model
    def _noojee_shown_to_all(self, number):
        """A number as it stands in a text that is stored, whoever reads it later."""
        if not number or self._noojee_all_see_numbers():
            return number
        return masked(number)

    @api.model
    def _noojee_words_to_all(self, words, number):
        """Words of somebody else's, which may repeat a number, to be stored."""
        if not words or not number or self._noojee_all_see_numbers():
            return words
        return without_number(words, number)
