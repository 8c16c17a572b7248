from odoo import api, fields, models
from odoo.fields import Domain

STATS_GROUPBY = ["direction", "has_rung"]
STATS_AGGREGATES = ["__count", "started_at:max", "started_at:min", "answered_at:min"]


class NoojeeCallMixin(models.AbstractModel):
    """How often and how soon a record was called: one query for all of it.

    Counted is what the user may see of the calls, as in the list behind the button.
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
        stats = {}
        for ids, *values in self._noojee_call_groups():
            for record_id in ids:
                stats.setdefault(record_id, []).append(values)
        for record in self:
            record._noojee_set_stats(stats.get(record._origin.id, []))

    def _noojee_set_stats(self, groups):
        attempts, last, first = 0, False, False
        for direction, has_rung, count, last_start, start, answer in groups:
            is_attempt = direction == "outbound" and has_rung
            attempts += count if is_attempt else 0
            last = max(filter(None, [last, last_start]), default=False)
            reached = start if is_attempt else answer
            first = min(filter(None, [first, reached]), default=False)
        self.noojee_call_count = sum(values[2] for values in groups)
        self.noojee_last_call_at = last
        self.noojee_attempt_count = attempts
        self.noojee_first_call_at = first
        waited = first and self.create_date and first - self.create_date
        self.noojee_hours_to_first_call = (
            max(0, waited.total_seconds() / 3600) if waited else 0
        )

    def _noojee_call_groups(self):
        """The calls of these records, grouped.

        :return: list of ``(ids of the records they count for, *STATS_GROUPBY,
            *STATS_AGGREGATES)``
        """
        groups = self.env["noojee.call"]._read_group(
            [("record_ref", "in", [f"{self._name},{id_}" for id_ in self._origin.ids])],
            ["record_ref", *STATS_GROUPBY],
            STATS_AGGREGATES,
        )
        return [({int(ref.partition(",")[2])}, *values) for ref, *values in groups]

    @api.model
    def _noojee_open_domain(self):
        """Which records are still worked on."""
        return Domain.TRUE
