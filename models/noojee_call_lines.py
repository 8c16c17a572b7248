from odoo import api, models

# how far the lines were written again; without a value there is nothing to do
LAST = "noojee.lines_written_again_to"
BATCH = 200


class NoojeeCall(models.Model):
    """The lines of earlier calls, when it was changed who sees numbers whole: whoever
    reads a chatter reads the same text."""

    _inherit = "noojee.call"

    @api.model
    def _write_lines_again(self):
        """Have it done soon: there may be as many as calls were ever made."""
        self.env["ir.config_parameter"].sudo().set_param(LAST, "0")
        # sudo: whoever changes the setting need not be allowed to run jobs
        self.env.ref("noojee.ir_cron_write_lines").sudo()._trigger()
        # sudo: their names tell numbers too
        activities_sudo = self.env["mail.activity"].sudo()
        activities_sudo.search(
            [("res_model", "=", "noojee.missed.call")]
        )._compute_res_name()

    @api.model
    def _cron_write_lines(self):
        params, crons = self.env["ir.config_parameter"].sudo(), self.env["ir.cron"]
        last = params.get_param(LAST)
        if not last:
            return
        with_line = [("message_id", "!=", False)]
        left = self.search_count([*with_line, ("id", ">", int(last))])
        crons._commit_progress(remaining=left)
        while calls := self.search(
            [*with_line, ("id", ">", int(last))], order="id", limit=BATCH
        ):
            calls._update_chatter()
            last = calls[-1].id
            params.set_param(LAST, last)
            if not crons._commit_progress(len(calls)):
                return
        params.set_param(LAST, False)
