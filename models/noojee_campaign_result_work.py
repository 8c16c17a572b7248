import logging

from odoo import api, models

from .transaction import spoils_transaction, store

_logger = logging.getLogger(__name__)

BATCH = 20


class NoojeeCampaignResult(models.Model):
    """Working off what was taken in, each record in transactions of its own: one that
    is cut off goes on where it was, and one that fails holds up no other."""

    _inherit = "noojee.campaign.result"

    @api.model
    def _work_off(self, pbx):
        """:return: whether there is time left in this run"""
        last_id = 0
        while batch := self._new_of(pbx, last_id):
            self._know_dispositions(pbx, batch)
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
            if spoils_transaction(error):
                raise
            _logger.exception("Call record %s is left as it is.", self.wire_id)
            words = str(error)
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
    def _know_dispositions(self, pbx, batch):
        """Tie records to the dispositions of their templates. Where one is not known,
        the PBX's lists are read anew: once for each record."""
        store(self.env.cr, batch._find_dispositions)
        unknown = batch.filtered(
            lambda r: r.disposition and not r.disposition_id and not r.is_refresh_tried
        )
        if not unknown:
            return
        store(self.env.cr, lambda: unknown.write({"is_refresh_tried": True}))
        self.env["noojee.campaign.mirror"]._of(pbx)._refresh()
        store(self.env.cr, unknown._find_dispositions)

    def _find_dispositions(self):
        for result in self.filtered(lambda r: r.disposition and not r.disposition_id):
            wanted = result.disposition.strip().lower()
            listed = result.template_id.disposition_ids
            result.disposition_id = listed.filtered(
                lambda row, wanted=wanted: row.name.strip().lower() == wanted
            )[:1]
