import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..client import AnswerTooLarge, HttpError, NoojeeError
from .campaign_lists import is_of_the_part
from .transaction import is_database_away, store

_logger = logging.getLogger(__name__)

# the job's own interval is somewhat longer: each of its runs finds all due
EVERY = timedelta(minutes=4)
# an allocation that the PBX refuses to tell of
REFUSED_EVERY = timedelta(hours=1)
TOO_MANY_REQUESTS = 429


class NoojeeCampaignPoll(models.Model):
    """When an allocation's call records were read, and when they are to be read next.

    The PBX lists what was dispositioned of late, whole at each question: each time
    begins where it likes, and what is known already is told apart by its id.
    (noojee-api.md section 6)
    """

    _name = "noojee.campaign.poll"
    _description = "Reading an allocation's call records"
    _order = "due_at, id"

    allocation_id = fields.Many2one(
        "noojee.campaign.allocation", required=True, ondelete="cascade"
    )
    pbx_id = fields.Many2one(related="allocation_id.pbx_id", store=True, index=True)
    company_id = fields.Many2one(related="pbx_id.company_id", store=True)
    due_at = fields.Datetime(default=fields.Datetime.now, required=True)
    read_at = fields.Datetime()
    reason = fields.Char(help="Why its call records could not be read.")

    _allocation_unique = models.Constraint(
        "unique(allocation_id)", "An allocation has one such row."
    )

    @api.model
    def _follow(self, pbx):
        """Have a row for each allocation that the PBX lists."""
        known = self.search([("pbx_id", "=", pbx.id)]).allocation_id
        listed = self.env["noojee.campaign.allocation"].search(
            [("pbx_id", "=", pbx.id)]
        )
        self.create([{"allocation_id": new.id} for new in listed - known])

    @api.model
    def _listed(self, pbx):
        places = ("allocation_id", "allocation_id.campaign_id")
        templates = "allocation_id.campaign_id.template_id"
        is_there = [
            Domain(f"{name}.active", "=", True) for name in (*places, templates)
        ]
        return Domain.AND([Domain("pbx_id", "=", pbx.id), *is_there])

    @api.model
    def _next(self, pbx):
        now = fields.Datetime.now()
        domain = self._listed(pbx) & Domain("due_at", "<=", now)
        return self.search(domain, limit=1)

    def _read(self):
        """Ask for the call records with no transaction open, then store them in one.

        :return: why the PBX cannot be asked for others either, or False
        """
        self.ensure_one()
        allocation = self.allocation_id
        campaign = allocation.campaign_id
        place = (campaign.template_id.wire_id, campaign.wire_id, allocation.wire_id)
        pbx = self.pbx_id
        try:
            rows = pbx._ask(
                lambda client: client.get_call_records(*place),
                before_wait=self.env.cr.commit,
            )
        except NoojeeError as error:
            words = pbx._explain_campaign_list(error)
            if self._is_away(error):
                # it may be this list that the PBX cannot make: others come first
                store(self.env.cr, self._come_last)
                return words
            store(self.env.cr, lambda: self._note_refused(words))
        except UserError as error:
            return str(error)
        else:
            self._store(rows)
        return False

    def _store(self, rows):
        """Whatever is wrong with a list is no reason to read no other."""
        try:
            store(self.env.cr, lambda: self._take_in(rows))
        except Exception as error:
            if is_database_away(error):
                raise
            name = self.allocation_id.name
            _logger.exception("The call records of %s are not taken in.", name)
            words = str(error)
            store(self.env.cr, lambda: self._note_refused(words))

    def _come_last(self):
        self.due_at = fields.Datetime.now()

    @api.model
    def _is_away(self, error):
        if isinstance(error, AnswerTooLarge):
            return False
        is_busy = isinstance(error, HttpError) and error.status == TOO_MANY_REQUESTS
        return is_busy or not is_of_the_part(error)

    def _take_in(self, rows):
        now = fields.Datetime.now()
        left_out = self.env["noojee.campaign.result"]._take_in(self.allocation_id, rows)
        values = {"read_at": now, "due_at": now + EVERY, "reason": False}
        if left_out:
            values["reason"] = self.env._(
                "%(count)s call records could not be taken in: the server's log tells "
                "why.",
                count=left_out,
            )
        self.write(values)

    def _note_refused(self, words):
        self.write({"due_at": fields.Datetime.now() + REFUSED_EVERY, "reason": words})
