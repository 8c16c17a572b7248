from odoo import api, models

from ..client import bare_number
from .noojee_call_ingest import ANONYMOUS


class NoojeeCall(models.Model):
    """What is shown to a person whose phone opens an address when it rings."""

    _inherit = "noojee.call"

    @api.model
    def _pop(self, number):
        """What to open for a number that the user's phone tells.

        :return: ``{"open": candidate or False, "page": otherwise what the page is
            about, "number": international, "shown": as people here write it,
            "candidates"}``
        """
        number = bare_number(str(number or "")[:100].replace("\x00", ""))
        pbx = self._own_pbx()
        if not pbx:
            return {"open": False, "page": "no_pbx"}
        user = self.env.user
        colleagues = self._match_extension(number, pbx)
        if colleagues and colleagues[0]["id"]:
            return {"open": colleagues[0]}
        e164 = self._customer_number(number, pbx)
        if not e164:
            is_hidden = number and number.lower() in ANONYMOUS
            page = "hidden" if is_hidden else "no_number"
            return {"open": False, "page": page, "shown": number[:40]}
        candidates = self._candidates(number, pbx, user)
        decided = self._decide(candidates)
        return {
            "open": decided and self._candidate_values(decided, user),
            "page": "choose" if candidates else "nobody",
            "number": e164,
            "shown": pbx._local_format(e164),
            "candidates": [
                self._candidate_values(candidate, user) for candidate in candidates
            ],
        }
