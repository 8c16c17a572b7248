import uuid

from odoo import api, models

# which change it is done for, and up to which call it is; without a value there is
# nothing to do
DONE = "noojee.lines_written_again"
BATCH = 200


class NoojeeCall(models.Model):
    """The lines of earlier calls, when it was changed who sees numbers whole: whoever
    reads a chatter reads the same text."""

    _inherit = "noojee.call"

    @api.model
    def _write_lines_again(self):
        """Have it done soon: there may be as many as calls were ever made."""
        change = f"{uuid.uuid4().hex} 0"
        self.env["ir.config_parameter"].sudo().set_param(DONE, change)
        # sudo: whoever changes the setting need not be allowed to run jobs
        self.env.ref("noojee.ir_cron_write_lines").sudo()._trigger()
        # sudo: their names tell numbers too
        activities_sudo = self.env["mail.activity"].sudo()
        activities_sudo.search(
            [("res_model", "=", "noojee.missed.call")]
        )._compute_res_name()

    @api.model
    def _cron_write_lines(self):
        crons, done_for = self.env["ir.cron"], None
        while done_sudo := self._lines_done():
            change, last = done_sudo.value.split()
            if change != done_for:
                # who sees numbers was changed meanwhile, perhaps in another process
                self.env.registry.clear_cache("groups")
                crons._commit_progress(remaining=self._count_lines(last))
                done_for = change
                continue
            calls = self.search(self._with_line(last), order="id", limit=BATCH)
            calls._update_chatter()
            if calls:
                done_sudo.value = f"{change} {calls[-1].id}"
            else:
                done_sudo.unlink()
            if not crons._commit_progress(len(calls)):
                return

    @api.model
    def _lines_done(self):
        """How far the lines are written; nothing where there is nothing to do.

        Locked: whoever changes meanwhile who sees numbers waits for the batch.
        """
        # not get_param, which may answer with what was before a change elsewhere
        params_sudo = self.env["ir.config_parameter"].sudo()
        done_sudo = params_sudo.search([("key", "=", DONE)]).try_lock_for_update()
        done_sudo.invalidate_recordset(["value"])
        return done_sudo

    @api.model
    def _with_line(self, last):
        return [("message_id", "!=", False), ("id", ">", int(last))]

    @api.model
    def _count_lines(self, last):
        return self.search_count(self._with_line(last))
