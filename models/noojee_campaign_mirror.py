import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..client import NoojeeError
from . import campaign_lists
from .transaction import is_database_away, store

_logger = logging.getLogger(__name__)

# somewhat less than the job's own interval: each of its runs finds all due
EVERY = timedelta(hours=20)
# after a refresh that failed
RETRY = timedelta(hours=1)
# what the PBX may have learnt since the last refresh
SINCE_UPDATED = {"has_old_leads": False}


class NoojeeCampaignMirror(models.Model):
    """When a PBX's campaign lists were read, and when they are to be read next.

    A row of its own: nobody who works with the PBX waits for a lock on it.
    """

    _name = "noojee.campaign.mirror"
    _description = "Refreshes of a PBX's campaign lists"

    pbx_id = fields.Many2one("noojee.pbx", required=True, ondelete="cascade")
    due_at = fields.Datetime()
    asked_by_id = fields.Many2one("res.users", ondelete="set null")
    refreshed_at = fields.Datetime()
    reason = fields.Text(help="Why the last refresh failed.")

    _pbx_unique = models.Constraint("unique(pbx_id)", "A PBX has one such row.")

    @api.model
    def _of(self, pbx):
        found = self.search([("pbx_id", "=", pbx.id)], limit=1)
        return found or self.create({"pbx_id": pbx.id})

    def _want(self, user):
        """Have the lists read after commit; a user is told what came of it."""
        self.write({"due_at": fields.Datetime.now(), "asked_by_id": user.id})
        self._cron()._trigger()

    def _want_soon(self):
        """Have the lists read: a PBX that refuses a place may have closed it."""
        self.due_at = fields.Datetime.now()
        self._cron()._trigger()

    @api.model
    def _cron(self):
        return self.env.ref("noojee.ir_cron_refresh_campaigns")

    def _refresh(self):
        """Read all lists with no transaction open, then store them in one: whole, or
        not at all."""
        self.ensure_one()
        pbx = self.pbx_id
        speaking = self.with_context(lang=self.asked_by_id.lang or self.env.lang)
        try:
            lists = pbx.with_env(speaking.env)._ask(
                campaign_lists.read_lists, before_wait=self._commit
            )
            store(self.env.cr, lambda: speaking._take_in(lists))
        except (NoojeeError, UserError) as error:
            words = speaking._failure_words(error)
        except Exception as error:
            if is_database_away(error):
                raise
            _logger.exception("The campaigns of %s are not taken in.", pbx.name)
            words = str(error)
        else:
            words = False
        store(self.env.cr, lambda: speaking._note_end(words))

    @api.model
    def _commit(self):
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _failure_words(self, error):
        is_wire = isinstance(error, NoojeeError)
        pbx = self.pbx_id
        return self.env._(
            "The campaigns of %(pbx)s could not be read, and are as they were. "
            "%(reason)s",
            pbx=pbx.name,
            reason=pbx._explain_in_full(error) if is_wire else str(error),
        )

    def _take_in(self, lists):
        """Mirror what was read.

        :param lists: list of :class:`TemplateLists`
        """
        rows = tuple(template.row for template in lists)
        present = self.env["noojee.campaign.template"]._mirror(self.pbx_id, rows)
        for template in lists:
            present[template.row.id]._take_in(template)

    def _note_end(self, words):
        now = fields.Datetime.now()
        due_at = now + (RETRY if words else EVERY)
        user = self.asked_by_id
        values = {"due_at": due_at, "asked_by_id": False, "reason": words}
        self.write(
            values if words else {**values, "refreshed_at": now, **SINCE_UPDATED}
        )
        if words:
            self._cron()._trigger(due_at)
        if user:
            user._bus_send("noojee.campaigns/refreshed", self._news(words))

    def _news(self, words):
        """What whoever asked for a refresh is told.

        :return: ``{"type": of the notification, "title", "message"}``
        """
        pbx = self.pbx_id
        if words:
            title = self.env._("Campaigns of %(pbx)s", pbx=pbx.name)
            return {"type": "danger", "title": title, "message": words}
        templates = self.env["noojee.campaign.template"].search(
            [("pbx_id", "=", pbx.id)]
        )
        faults = "\n".join(filter(None, templates.mapped("faults")))
        message = self.env._(
            "%(templates)s templates, %(campaigns)s campaigns.",
            templates=len(templates),
            campaigns=len(templates.campaign_ids),
        )
        return {
            "type": "warning" if faults else "success",
            "title": self.env._("Campaigns of %(pbx)s are up to date", pbx=pbx.name),
            "message": f"{message}\n{faults}" if faults else message,
        }

    # === CRON === #

    @api.model
    def _cron_refresh(self):
        """Refresh what is due: each PBX once a day, and when somebody asked for it."""
        pbxs = self.env["noojee.pbx"].search([("api_key", "!=", False)])
        now = fields.Datetime.now()
        for pbx in pbxs:
            mirror = self._of(pbx)
            if not mirror.due_at or mirror.due_at <= now:
                mirror._refresh()
            if not self.env["ir.cron"]._commit_progress(1):
                break
