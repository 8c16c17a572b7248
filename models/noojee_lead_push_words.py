from odoo import api, models
from odoo.exceptions import UserError

from ..client import (
    ApiError,
    CannotConnect,
    HttpError,
    KeyRefused,
    LeadRefusal,
    LeadRefused,
    NoojeeError,
    TimedOut,
)
from .noojee_pbx_lead import TOO_MANY_REQUESTS, knows_no_such_method

TOO_LARGE = 413
REQUEST_TIMEOUT = 408


class NoojeeLeadPush(models.Model):
    """What an error means for a lead, and for those behind it."""

    _inherit = "noojee.lead.push"

    @api.model
    def _may_retry(self, error):
        """Whether the same may succeed later (section 7)."""
        if isinstance(error, LeadRefused):
            return error.may_retry
        if isinstance(error, HttpError):
            is_late = error.status == REQUEST_TIMEOUT
            return error.says_away or error.status >= 500 or is_late
        return isinstance(error, NoojeeError) and not isinstance(error, ApiError)

    @api.model
    def _is_of_pbx(self, error):
        """Whether it says nothing of the lead: it is not one of its attempts."""
        if isinstance(error, HttpError):
            is_busy = error.status == TOO_MANY_REQUESTS
            return error.says_away or is_busy or knows_no_such_method(error)
        if isinstance(error, TimedOut):
            return error.while_connecting
        if isinstance(error, CannotConnect):
            return not error.maybe_done
        # not set up, switched off, or known to be away
        return isinstance(error, (KeyRefused, UserError))

    @api.model
    def _pauses(self, error):
        """Whether the PBX is better left alone for a while."""
        if isinstance(error, LeadRefused):
            is_import = error.reason is LeadRefusal.EXCEPTION and is_old(error)
            busy = LeadRefusal.TIMEOUT_TOO_MANY_CONCURRENT_REQUESTS
            return error.reason is busy or is_import
        return self._is_of_pbx(error) or self._may_retry(error)

    def _words(self, error):
        pbx = self.pbx_id
        if isinstance(error, LeadRefused):
            return self._refusal_words(error)
        if isinstance(error, HttpError) and error.status == TOO_MANY_REQUESTS:
            return self.env._("%(pbx)s was asked too often.", pbx=pbx.name)
        if isinstance(error, HttpError) and error.status == TOO_LARGE:
            return self.env._(
                "The lead is too large for %(pbx)s. Shorten its texts, or send fewer "
                "of them.",
                pbx=pbx.name,
            )
        if knows_no_such_method(error):
            return self.env._(
                "%(pbx)s takes no leads: neither by its present methods nor by the "
                "older ones. An administrator should check the address, and ask "
                "Noojee's support whether campaigns are part of this PBX. Leads wait "
                "until then.",
                pbx=pbx.name,
            )
        return pbx._explain(error) if isinstance(error, NoojeeError) else str(error)

    def _refusal_words(self, error):
        match error.reason:
            case LeadRefusal.COULDNT_FIND_THE_LEAD:
                words = self.env._("The campaign does not have this lead.")
            case LeadRefusal.NO_PHONE_FIELDS:
                words = self.env._(
                    "The PBX took no phone number of the lead. Its campaign's phone "
                    "fields may have changed: an administrator can have the campaigns "
                    "refreshed, and check the mapping."
                )
            case LeadRefusal.EXCEPTION:
                words = self.env._("The PBX failed, or somebody imports leads there.")
            case LeadRefusal.DNC:
                words = self.env._("The number is on the PBX's do-not-call list.")
            case LeadRefusal.DUPLICATE:
                words = self.env._(
                    "Another lead of the campaign has this number. It can be sent all "
                    "the same by allowing equal numbers."
                )
            case LeadRefusal.INVALID_DISPOSITION:
                words = self.env._(
                    "The template does not have this disposition any more. An "
                    "administrator can choose another one in the template."
                )
            case LeadRefusal.DISPOSITION_ISNT_SET_AND_NOCHANGE_SPECIFIED:
                words = self.env._(
                    "Nobody has called the lead yet: the PBX takes changes only with a "
                    "disposition. An administrator can choose one in the template."
                )
            case LeadRefusal.TIMEOUT_TOO_MANY_CONCURRENT_REQUESTS:
                words = self.env._("The PBX had too many leads to work on.")
            case _:
                return self._unlisted_words(error)
        return f"{words} ({error.code} {error.message})"

    def _unlisted_words(self, error):
        """Of a code that the document does not list for leads."""
        words = self.pbx_id._explain(error)
        if error.code >= 0:
            return words
        return self.env._(
            "%(refusal)s The campaign or the allocation may be closed there: its lists "
            "are being read anew. Then send the lead again, or to another place.",
            refusal=words,
        )


def is_old(error):
    """Whether an older method failed: it stops while somebody imports leads."""
    return not error.method.endswith("Fast")
