import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models

from .noojee_campaign_result_link import escaped
from .noojee_campaign_result_take_in import same_word
from .transaction import is_database_away, spoils_transaction, store

_logger = logging.getLogger(__name__)

BATCH = 20
# of the PBX's lists, for a disposition that they did not tell of
REFRESH_EVERY = timedelta(hours=1)


class NoojeeCampaignResult(models.Model):
    """Working off what was taken in, each record in transactions of its own: one that
    is cut off goes on where it was, and one that fails holds up no other."""

    _inherit = "noojee.campaign.result"

    @api.model
    def _work_off(self, pbx):
        """:return: whether there is time left in this run"""
        last_id = 0
        tried = set()
        while batch := self._new_of(pbx, last_id):
            self._know_dispositions(pbx, batch, tried)
            for result in batch:
                result._work()
            last_id = batch[-1].id
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return False
        return True

    @api.model
    def _new_of(self, pbx, last_id):
        domain = [("pbx_id", "=", pbx.id), ("state", "=", "new"), ("id", ">", last_id)]
        return self.search(domain, order="id", limit=BATCH)

    def _work(self):
        """Find the lead, make the call, apply the rules."""
        try:
            if store(self.env.cr, self._link):
                self._store_call()
                store(self.env.cr, self._conclude)
        except Exception as error:
            if is_database_away(error):
                raise
            self.env.cr.rollback()
            _logger.exception("Call record %s is left as it is.", self.wire_id)
            is_broken = isinstance(error, psycopg2.IntegrityError)
            if spoils_transaction(error) and not is_broken:
                # somebody else held what it needs: the next run comes back to it
                return
            words = " ".join(str(error).split())
            store(self.env.cr, lambda: self._note_failed(words))

    def _store_call(self):
        """Make or complete the call, while nobody else takes calls of this PBX in."""
        calls = self.env["noojee.call"]

        def take_in():
            with calls._exclusively(self.pbx_id.id):
                call = calls._ingest_dispositioned(self)
                if call != self.call_id:
                    self.call_id = call
                self.env["noojee.recording"]._bring_result(self)
                # the lock must outlive what it guards
                self.env.cr.commit()  # pylint: disable=invalid-commit

        store(self.env.cr, take_in)

    def _conclude(self):
        """The last step: with it the record is done, or says what is not."""
        self.ensure_one()
        if not self.lead_id:
            self._note_unmatched()
            return
        self.push_id._note_result(self)
        self._apply_rules()

    def _note_unmatched(self):
        reason = self.reason or self.env._("No lead is known by its key or number.")
        self.write({"state": "unmatched", "reason": reason})

    def _note_failed(self, words):
        self.write({"state": "failed", "reason": words})

    # === DISPOSITIONS === #

    @api.model
    def _know_dispositions(self, pbx, batch, tried):
        """Tie records to the dispositions of their templates. Where one is not known,
        the PBX's lists are read anew: once for each record, and once for all that
        came with it.

        :param set tried: templates and words that they were read for in this run
        """
        store(self.env.cr, batch._find_dispositions)
        unknown = batch.filtered(
            lambda r: r.disposition and not r.disposition_id and not r.is_refresh_tried
        )
        if not unknown:
            return
        store(self.env.cr, lambda: unknown.write({"is_refresh_tried": True}))
        words = {(r.template_id.id, r.disposition.strip().lower()) for r in unknown}
        if words <= tried or unknown._is_refused_already(words):
            return
        tried |= words
        self.env["noojee.campaign.mirror"]._of(pbx)._refresh()
        store(self.env.cr, unknown._find_dispositions)

    def _is_refused_already(self, words):
        """Whether of each of some templates and words another record has told within
        the last hour that the PBX lists no such disposition."""
        since = fields.Datetime.now() - REFRESH_EVERY
        return all(
            self.search_count(
                [
                    ("template_id", "=", template_id),
                    ("disposition", "=ilike", escaped(word)),
                    ("state", "=", "failed"),
                    ("disposition_id", "=", False),
                    ("write_date", ">", since),
                    ("is_refresh_tried", "=", True),
                    ("id", "not in", self.ids),
                ],
                limit=1,
            )
            for template_id, word in words
        )

    def _want_refresh(self):
        """Somebody says that the PBX's dispositions may be others by now."""
        same = self.search(
            [
                ("template_id", "in", self.template_id.ids),
                ("disposition", "in", self.mapped("disposition")),
                ("disposition_id", "=", False),
                ("is_refresh_tried", "=", True),
            ]
        )
        same.is_refresh_tried = False

    def _find_dispositions(self):
        for result in self.filtered(lambda r: r.disposition and not r.disposition_id):
            wanted = result.disposition
            listed = result.template_id.disposition_ids
            result.disposition_id = listed.filtered(
                lambda row, wanted=wanted: same_word(row.name, wanted)
            )[:1]
