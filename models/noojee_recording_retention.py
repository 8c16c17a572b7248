from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .noojee_recording import RUNNING
from .noojee_recording_fetch import FETCHED
from .transaction import store

BATCH = 50


class NoojeeRecording(models.Model):
    """How long a recording is kept, and how its audio goes."""

    _inherit = "noojee.recording"

    is_on_hold = fields.Boolean(
        string="Legal hold", help="Its audio is not deleted, whatever a rule says."
    )
    purged_at = fields.Datetime(string="Deleted")
    purged_by_id = fields.Many2one("res.users", string="Deleted by")

    def _absorb(self, others):
        self.is_on_hold = self.is_on_hold or any(others.mapped("is_on_hold"))
        if self.state == "purged" and not self.is_on_hold:
            # what was deleted does not come back with them
            kept = others.leg_ids.filtered(lambda leg: leg.state != "purged")
            kept._purge(self.reason)
            kept.write(kept._prepare_tombstone(self.reason))
            others.tag_ids.unlink()
            others.write({"tag": False, "record_ref": False})
        return super()._absorb(others)

    # === BY A PERSON === #

    def action_hold(self):
        """Keep these until somebody releases them."""
        self._check_may_decide()
        # sudo: administrators decide, nobody writes recordings
        self.sudo().is_on_hold = True

    def action_release(self):
        self._check_may_decide()
        # sudo: as above
        self.sudo().is_on_hold = False

    def action_purge(self):
        """Delete the audio of these for good. What is known of them stays.

        :raise UserError: where one is on hold, or still running.
        """
        self._check_may_decide()
        # sudo: as above
        self.sudo()._purge(
            self.env._("Deleted by %(name)s.", name=self.env.user.name), self.env.user
        )

    def _check_may_decide(self):
        self.check_access("read")
        if not self.env.user.has_group("noojee.group_admin"):
            raise UserError(
                self.env._("Only Noojee administrators decide how long audio is kept.")
            )

    # === PURGE === #

    def _purge(self, reason, user=None):
        """Delete the audio and leave tombstones: nothing brings it back.

        :param str reason: why
        :param user: who decided, if anybody did
        :raise UserError: where one is on hold, or still running.
        """
        for recording in self:
            if recording.is_on_hold:
                raise UserError(
                    self.env._(
                        "%(name)s is on legal hold. Release it first.",
                        name=recording.name,
                    )
                )
            if recording.state in RUNNING:
                raise UserError(
                    self.env._("%(name)s is still being recorded.", name=recording.name)
                )
        self.leg_ids._purge(reason)
        self.write(
            {
                "state": "purged",
                "reason": reason,
                "purged_at": fields.Datetime.now(),
                "purged_by_id": user and user.id,
            }
        )

    @api.model
    def _cron_purge(self):
        """Delete the audio that its rule keeps no longer."""
        rules = self.env["noojee.retention.rule"].search([("active", "=", True)])
        over = rules._over_domain()
        due = over & Domain("state", "in", FETCHED) & Domain("is_on_hold", "=", False)
        cron = self.env["ir.cron"]
        last, is_full, seconds_left = 0, True, True
        while is_full and seconds_left:
            ids = store(self.env.cr, lambda last=last: self._purge_next(due, last))
            last = ids[-1] if ids else last
            is_full = len(ids) == BATCH
            # how many are left is not counted: there is at least one
            seconds_left = cron._commit_progress(len(ids), remaining=int(is_full))

    @api.model
    def _purge_next(self, due, after):
        """Delete the next ones whose time is over; what another process has in its
        hands waits for another day.

        :param due: domain of what may go, looked at again in each transaction
        :param int after: id of the last one before
        :return: ids, of no more than a batch
        """
        found = self.search(due & Domain("id", ">", after), order="id", limit=BATCH)
        found.try_lock_for_update()._purge(self.env._("Its time was over."))
        return found.ids
