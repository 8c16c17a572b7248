from odoo import api, fields, models
from odoo.tools import SQL

from ..models.noojee_lead_push import STATES


class NoojeeCampaignReport(models.Model):
    """What became of leads in campaigns: a row for each time that a lead was in one.

    What came of a lead is counted once: for the campaign that it was in last before.
    """

    _name = "noojee.campaign.report"
    _description = "Campaign dashboard"
    _auto = False
    _rec_name = "lead_id"
    _order = "sent_at desc, id desc"
    _depends = {
        "noojee.lead.push": [
            "allocation_id",
            "campaign_id",
            "company_id",
            "entered_at",
            "last_agent_id",
            "last_dialled_at",
            "last_disposition",
            "last_disposition_id",
            "lead_id",
            "pbx_id",
            "state",
        ],
        "noojee.campaign.result": ["call_id", "duration", "push_id"],
        "noojee.campaign": ["template_id"],
        "crm.lead": ["date_conversion", "team_id", "type", "user_id", "won_status"],
        "sale.order": [
            "amount_untaxed",
            "company_id",
            "currency_rate",
            "date_order",
            "opportunity_id",
            "state",
        ],
    }

    # Whose row it is
    lead_id = fields.Many2one("crm.lead", readonly=True)
    pbx_id = fields.Many2one("noojee.pbx", string="PBX", readonly=True)
    template_id = fields.Many2one("noojee.campaign.template", readonly=True)
    campaign_id = fields.Many2one("noojee.campaign", readonly=True)
    allocation_id = fields.Many2one("noojee.campaign.allocation", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales team", readonly=True)

    # How far it got
    state = fields.Selection(STATES, readonly=True)
    sent_at = fields.Datetime(string="Sent", readonly=True)
    last_dialled_at = fields.Datetime(string="Last call", readonly=True)
    last_disposition = fields.Char(
        string="Last disposition given",
        readonly=True,
        help="As the agent gave it, also where the template has no such.",
    )
    disposition_id = fields.Many2one(
        "noojee.campaign.disposition", string="Last disposition", readonly=True
    )
    agent_id = fields.Many2one("res.users", readonly=True)

    # What is counted
    pushed = fields.Integer(
        readonly=True, help="Leads that the PBX took into a campaign."
    )
    dialled = fields.Integer(readonly=True, help="Leads with a call that was listed.")
    calls = fields.Integer(readonly=True)
    talk_minutes = fields.Float(readonly=True)
    converted = fields.Integer(
        string="Became opportunities",
        readonly=True,
        help="Leads that were converted after they had been sent.",
    )
    won = fields.Integer(
        readonly=True, help="Leads that are won by now, in their last campaign."
    )
    ordered = fields.Integer(
        string="With an order",
        readonly=True,
        help="Leads with an order that was confirmed after they had been sent.",
    )
    amount = fields.Monetary(
        string="Ordered, untaxed", readonly=True, help="In the company's currency."
    )

    # Of what was pushed
    dialled_rate = fields.Float(string="Dialled (%)", readonly=True, aggregator="avg")
    conversion_rate = fields.Float(
        string="Became opportunities (%)", readonly=True, aggregator="avg"
    )
    order_rate = fields.Float(
        string="With an order (%)", readonly=True, aggregator="avg"
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT push.id,
                   push.lead_id,
                   push.pbx_id,
                   campaign.template_id,
                   push.campaign_id,
                   push.allocation_id,
                   push.company_id,
                   lead.user_id,
                   lead.team_id,
                   push.state,
                   push.entered_at AS sent_at,
                   push.last_dialled_at,
                   push.last_disposition,
                   push.last_disposition_id AS disposition_id,
                   push.last_agent_id AS agent_id,
                   counted.pushed,
                   counted.dialled,
                   COALESCE(results.calls, 0) AS calls,
                   COALESCE(results.seconds, 0) / 60.0 AS talk_minutes,
                   counted.converted,
                   counted.won,
                   counted.ordered,
                   COALESCE(orders.amount, 0) AS amount,
                   %(dialled_rate)s AS dialled_rate,
                   %(conversion_rate)s AS conversion_rate,
                   %(order_rate)s AS order_rate
              FROM (%(pushes)s) AS push
              JOIN noojee_campaign AS campaign ON campaign.id = push.campaign_id
         LEFT JOIN crm_lead AS lead ON lead.id = push.lead_id
         LEFT JOIN (%(results)s) AS results ON results.push_id = push.id
         LEFT JOIN LATERAL (%(orders)s) AS orders ON TRUE
        CROSS JOIN LATERAL (
                SELECT (push.entered_at IS NOT NULL)::int AS pushed,
                       (push.last_dialled_at IS NOT NULL)::int AS dialled,
                       COALESCE(
                           lead.type = 'opportunity'
                           AND lead.date_conversion >= push.entered_at
                           AND lead.date_conversion < push.left_at,
                           FALSE
                       )::int AS converted,
                       COALESCE(
                           lead.won_status = 'won'
                           AND push.entered_at IS NOT NULL
                           AND push.left_at = 'infinity',
                           FALSE
                       )::int AS won,
                       (orders.count > 0)::int AS ordered
              ) AS counted
            """,
            pushes=self._pushes_query(),
            results=self._results_query(),
            orders=self._orders_query(),
            dialled_rate=self._rate("dialled"),
            conversion_rate=self._rate("converted"),
            order_rate=self._rate("ordered"),
        )

    @api.model
    def _pushes_query(self):
        """With the moment from which on another campaign of the company counts."""
        return SQL(
            """
            SELECT *,
                   COALESCE(
                       LEAD(entered_at) OVER (
                           PARTITION BY lead_id, company_id ORDER BY entered_at, id
                       ),
                       'infinity'
                   ) AS left_at
              FROM noojee_lead_push
            """
        )

    @api.model
    def _results_query(self):
        return SQL(
            """
            SELECT push_id, COUNT(*) AS calls, SUM(duration) AS seconds
              FROM noojee_campaign_result
             WHERE push_id IS NOT NULL
               AND call_id IS NOT NULL
          GROUP BY push_id
            """
        )

    @api.model
    def _orders_query(self):
        return SQL(
            """
            SELECT COUNT(*) AS count,
                   SUM(
                       amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1)
                   ) AS amount
              FROM sale_order
             WHERE opportunity_id = push.lead_id
               AND company_id = push.company_id
               AND state = 'sale'
               AND date_order >= push.entered_at
               AND date_order < push.left_at
            """
        )

    @api.model
    def _rate(self, column):
        """What was not sent has no share in what was reached."""
        return SQL(
            "CASE WHEN push.entered_at IS NOT NULL THEN counted.%s * 100.0 END",
            SQL.identifier(column),
        )
