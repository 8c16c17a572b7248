from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class NoojeeCallMixin(models.AbstractModel):
    """How often and how soon a record was called: one query for all of it.

    The button counts what its list shows the user. The figures are the record's own,
    whoever called it: a lead that colleagues tried five times was tried.
    """

    _inherit = "noojee.call.mixin"

    noojee_call_count = fields.Integer(
        string="Calls",
        compute="_compute_noojee_stats",
        groups="noojee.group_user",
    )
    noojee_last_call_at = fields.Datetime(
        string="Last call",
        compute="_compute_noojee_stats",
        groups="noojee.group_user",
    )
    noojee_attempt_count = fields.Integer(
        string="Call attempts",
        compute="_compute_noojee_stats",
        groups="noojee.group_user",
        help="How often this was called, answered or not.",
    )
    noojee_first_call_at = fields.Datetime(
        string="First call",
        compute="_compute_noojee_stats",
        groups="noojee.group_user",
        help="When this was called for the first time, or a call from there answered.",
    )
    noojee_hours_to_first_call = fields.Float(
        string="Hours to first call",
        compute="_compute_noojee_stats",
        groups="noojee.group_user",
        help="From its creation to the first call.",
    )

    @api.depends("create_date")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_noojee_stats(self):
        stats = {record_id: figures for record_id, *figures in self._noojee_stats()}
        for record in self:
            count, attempts, last, first = stats.get(record._origin.id, (0, 0, 0, 0))
            record.noojee_call_count = count
            record.noojee_attempt_count = attempts
            record.noojee_last_call_at = last
            record.noojee_first_call_at = first
            waited = first and record.create_date and first - record.create_date
            record.noojee_hours_to_first_call = (
                max(0, waited.total_seconds() / 3600) if waited else 0
            )

    def _noojee_stats(self):
        """The figures of those of these records that were called.

        :return: list of ``(record's id, count of the calls that the user may see,
            attempts, start of the last call, first call)``
        """
        if not self._origin.ids:
            return []
        about = self._noojee_about()
        calls = self.env["noojee.call"]
        calls.flush_model()
        seen = calls._search(
            Domain("id", "in", SQL("(SELECT call_id FROM (%s) AS about)", about))
        )
        # SQL: what the user may see and what there is, in one query
        return self.env.execute_query(
            SQL(
                """
                SELECT about.record_id,
                       COUNT(*) FILTER (WHERE id IN %(seen)s),
                       COUNT(*) FILTER (WHERE %(is_attempt)s),
                       MAX(started_at),
                       MIN(CASE WHEN %(is_attempt)s THEN started_at
                                ELSE answered_at END)
                  FROM noojee_call
                  JOIN (%(about)s) AS about ON about.call_id = id
                 WHERE company_id IN %(companies)s
              GROUP BY about.record_id
                """,
                seen=seen.subselect(),
                is_attempt=SQL("direction = 'outbound' AND has_rung"),
                about=about,
                companies=self.env.user._get_company_ids(),
            )
        )

    def _noojee_about(self):
        """:return: query of ``record_id, call_id``: which calls count for which of
        these records, each once"""
        return SQL(
            """
            SELECT split_part(record_ref, ',', 2)::int AS record_id, id AS call_id
              FROM noojee_call
             WHERE record_ref IN %s
            """,
            tuple(f"{self._name},{record_id}" for record_id in self._origin.ids),
        )

    @api.model
    def _noojee_open_domain(self):
        """Which records are still worked on."""
        return Domain.TRUE
