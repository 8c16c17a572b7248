from datetime import datetime, timedelta

from odoo import api, fields, models

from .transaction import store

# between the questions to a PBX that does not answer
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]


class NoojeeCampaignMirror(models.Model):
    """Bringing home what came of a campaign's calls."""

    _inherit = "noojee.campaign.mirror"

    results_asked_by_id = fields.Many2one("res.users", ondelete="set null")
    results_read_at = fields.Datetime(string="Results read at")
    results_begun_at = fields.Datetime(help="When this PBX had its last turn.")
    results_due_at = fields.Datetime(help="The PBX is left alone until then.")
    results_failures = fields.Integer()
    results_reason = fields.Text(help="Why the call records could not be read.")

    def _want_results(self, user):
        """Have all call records read after commit; a user is told what came of it."""
        self.write({"results_asked_by_id": user.id, "results_due_at": False})
        polls = self.env["noojee.campaign.poll"]
        polls.search([("pbx_id", "=", self.pbx_id.id)]).due_at = fields.Datetime.now()
        self._results_cron()._trigger()

    @api.model
    def _results_cron(self):
        return self.env.ref("noojee.ir_cron_fetch_results")

    def _fetch_results(self):
        """Read what is due, and work off what it brings.

        :return: whether there is time left in this run
        """
        self.ensure_one()
        pbx = self.pbx_id
        polls = self.env["noojee.campaign.poll"]
        results = self.env["noojee.campaign.result"]
        store(self.env.cr, lambda: polls._follow(pbx))
        has_answered = False
        while poll := polls._next(pbx):
            if words := poll._read():
                store(
                    self.env.cr,
                    lambda words=words, has_answered=has_answered: (
                        self._note_results_away(words, has_answered)
                    ),
                )
                return results._work_off(pbx)
            has_answered = True
            if not self.env["ir.cron"]._commit_progress(1):
                return False
        if not results._work_off(pbx):
            return False
        store(self.env.cr, self._note_results_read)
        return True

    def _note_results_read(self):
        user = self.results_asked_by_id
        self.write(
            {
                "results_read_at": fields.Datetime.now(),
                "results_due_at": False,
                "results_failures": 0,
                "results_reason": False,
                "results_asked_by_id": False,
            }
        )
        if user:
            speaking = self.with_context(lang=user.lang or self.env.lang)
            user._bus_send("noojee.campaigns/refreshed", speaking._results_news())

    def _note_results_away(self, words, has_answered):
        """:param bool has_answered: whether it told of others in this run"""
        user = self.results_asked_by_id
        failures = 0 if has_answered else self.results_failures
        wait = WAITS[min(failures, len(WAITS) - 1)]
        due_at = fields.Datetime.now() + wait
        self.write(
            {
                "results_due_at": due_at,
                "results_failures": failures + 1,
                "results_reason": words,
                "results_asked_by_id": False,
            }
        )
        self._results_cron()._trigger(due_at)
        if user:
            title = self.with_context(lang=user.lang or self.env.lang).env._(
                "Results of %(pbx)s", pbx=self.pbx_id.name
            )
            news = {"type": "danger", "title": title, "message": words}
            user._bus_send("noojee.campaigns/refreshed", news)

    def _results_news(self):
        """What whoever asked for the results is told, as :meth:`_news`."""
        pbx = self.pbx_id
        results = self.env["noojee.campaign.result"]
        counts = dict(
            results._read_group([("pbx_id", "=", pbx.id)], ["state"], ["__count"])
        )
        refused = self.env["noojee.campaign.poll"].search(
            [("pbx_id", "=", pbx.id), ("reason", "!=", False)]
        )
        words = [
            self.env._("Results: %(count)s.", count=sum(counts.values())),
            counts.get("unmatched")
            and self.env._("Without a lead: %(count)s.", count=counts["unmatched"]),
            counts.get("failed")
            and self.env._("Not all done: %(count)s.", count=counts["failed"]),
            *(f"{poll.allocation_id.name}: {poll.reason}" for poll in refused),
        ]
        return {
            "type": "warning" if counts.get("failed") or refused else "success",
            "title": self.env._("Results of %(pbx)s are up to date", pbx=pbx.name),
            "message": "\n".join(filter(None, words)),
        }

    # === CRON === #

    @api.model
    def _in_turn(self, pbxs):
        """First those whose last turn was longest ago: one that fills a whole run
        keeps no other from its own."""
        begun_at = {
            mirror.pbx_id.id: mirror.results_begun_at
            for mirror in self.search([("pbx_id", "in", pbxs.ids)])
        }
        return pbxs.sorted(lambda pbx: begun_at.get(pbx.id) or datetime.min)

    def _begin_results(self):
        self.results_begun_at = fields.Datetime.now()

    @api.model
    def _cron_fetch_results(self):
        """Read the call records of each PBX's campaigns; what a run that was cut off
        has left is worked off first."""
        results = self.env["noojee.campaign.result"]
        pbxs = self.env["noojee.pbx"].search([("api_key", "!=", False)])
        for pbx in self._in_turn(pbxs):
            mirror = store(self.env.cr, lambda pbx=pbx: self._of(pbx))
            store(self.env.cr, mirror._begin_results)
            is_due = (mirror.results_due_at or fields.Datetime.now()) <= (
                fields.Datetime.now()
            )
            has_time = results._work_off(pbx)
            if has_time and is_due:
                has_time = mirror._fetch_results()
            if not has_time:
                self._results_cron()._trigger()
                break
