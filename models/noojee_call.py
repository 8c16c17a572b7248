from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from .reference import KnownReference

# how far a call or channel has come
STATES = [
    ("dialing", "Dialling"),
    ("ringing", "Ringing"),
    ("connected", "Connected"),
    ("ended", "Ended"),
]
OUTCOMES = [
    ("answered", "Answered"),
    ("missed", "Missed"),
    ("cancelled", "Cancelled"),
    ("elsewhere", "Answered elsewhere"),
    ("unknown", "Unknown"),
]
RUNNING = ("dialing", "ringing", "connected")
DIRECTIONS = [
    ("inbound", "Inbound"),
    ("outbound", "Outbound"),
    ("internal", "Internal"),
]


class NoojeeCall(models.Model):
    """One conversation: who spoke with whom, when, and about which record.

    What it was at one desk is its channel there. Nobody creates or writes calls over
    RPC: people call the methods below, the PBX's events come in by ``_ingest``.
    """

    _name = "noojee.call"
    _description = "Call"
    _order = "started_at desc, id desc"

    name = fields.Char(compute="_compute_name")
    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True)
    direction = fields.Selection(DIRECTIONS, required=True)
    is_internal = fields.Boolean(
        string="Internal", compute="_compute_is_internal", store=True
    )
    state = fields.Selection(STATES, required=True, default="dialing")
    outcome = fields.Selection(OUTCOMES)
    failure_reason = fields.Char(
        string="Why it failed", help="Why the PBX did not place this call."
    )
    is_queue_call = fields.Boolean(string="From a queue")
    has_rung = fields.Boolean(
        string="Rang",
        help="The other side was rung, or rang here. What was hung up before, while "
        "only one's own desk rang, is no attempt.",
    )

    # Who
    from_number = fields.Char(
        string="From", compute="_compute_from_to", compute_sudo=True
    )
    to_number = fields.Char(string="To", compute="_compute_from_to", compute_sudo=True)
    caller_id_shown = fields.Char(
        string="Caller ID shown",
        compute="_compute_caller_id_shown",
        store=True,
        groups="noojee.group_see_numbers",
        help="What the PBX told as the caller's number. Empty where it told none.",
    )
    number = fields.Char(
        string="Number as it came",
        groups="noojee.group_see_numbers",
        help="The other party's number as the PBX sent it or a person wrote it.",
    )
    number_e164 = fields.Char(
        string="International number",
        index="btree_not_null",
        groups="noojee.group_see_numbers",
    )
    local_number = fields.Char(
        string="Number",
        compute="_compute_local_number",
        compute_sudo=True,
        search="_search_local_number",
        help="As the user may see it.",
    )
    partner_id = fields.Many2one("res.partner", string="Contact", index=True)
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Company of the contact",
        store=True,
        index="btree_not_null",
    )
    record_ref = KnownReference(
        selection="_selection_record_models", string="About", index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users",
        index=True,
        help="Who dialled or answered, and where nobody answered, whom it rang at "
        "first.",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales team",
        compute="_compute_team_id",
        store=True,
        index="btree_not_null",
        help="Of the record that the call is about, else of the user.",
    )

    # When
    started_at = fields.Datetime(string="Start", default=fields.Datetime.now)
    answered_at = fields.Datetime(string="Answered")
    ended_at = fields.Datetime(string="End")
    ring_seconds = fields.Integer(
        string="Ring time", compute="_compute_seconds", store=True, aggregator="avg"
    )
    talk_seconds = fields.Integer(
        string="Talk time", compute="_compute_seconds", store=True
    )
    ring_time = fields.Char(string="Rang for", compute="_compute_times")
    talk_time = fields.Char(string="Talked for", compute="_compute_times")

    # On the wire
    session_id = fields.Char(index="btree_not_null")
    channel_ids = fields.One2many("noojee.call.channel", "call_id", string="Channels")
    dial_extension_id = fields.Many2one(
        "noojee.extension",
        help="Where this call was dialled from, until its channel is known: a second "
        "dial there is refused meanwhile.",
    )
    request_token = fields.Char(
        groups="noojee.group_see_numbers",
        help="The request that dialled: when Odoo runs it again, nothing is dialled.",
    )
    version = fields.Integer(
        default=1,
        aggregator=None,
        help="Counts the changes, so that late messages can be told.",
    )

    _dial_extension_unique = models.UniqueIndex(
        "(dial_extension_id) WHERE dial_extension_id IS NOT NULL",
        "Another call is being dialled at this extension.",
    )
    _request_token_unique = models.UniqueIndex(
        "(request_token) WHERE request_token IS NOT NULL",
        "This request has dialled already.",
    )
    _open_idx = models.Index("(pbx_id) WHERE state != 'ended'")
    _recent_idx = models.Index("(user_id, started_at DESC) WHERE state = 'ended'")

    @api.model
    @tools.ormcache("self.env.lang")
    def _selection_record_models(self):
        return [
            (model.model, model.name)
            for model in self.env["ir.model"]
            .sudo()
            .search([("model", "in", self._record_models())])
        ]

    @api.model
    def _record_models(self):
        """Names of the models whose records a call can be about."""
        return [
            name
            for name, model in self.env.registry.items()
            if not model._abstract and issubclass(model, self.pool["noojee.call.mixin"])
        ]

    @api.depends("partner_id.name", "local_number")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_name(self):
        for call in self:
            # a customer of another company, or a private one, stays a number
            partner = call.partner_id._filtered_access("read")
            names = [partner.display_name, call.local_number]
            call.name = " · ".join(filter(None, names)) or self.env._("Unknown caller")

    @api.depends("name")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        for call in self:
            call.display_name = call.name

    @api.depends("number", "number_e164", "pbx_id", "direction")
    @api.depends_context("uid")
    def _compute_local_number(self):
        for call in self:
            call.local_number = call._shown_number(self.env.user)

    @api.depends("direction")
    def _compute_is_internal(self):
        for call in self:
            call.is_internal = call.direction == "internal"

    @api.depends(
        "direction",
        "local_number",
        "dial_extension_id.number",
        "channel_ids.extension_number",
        "channel_ids.is_called",
        "channel_ids.answered_at",
    )
    @api.depends_context("uid")
    def _compute_from_to(self):
        for call in self:
            called = call.channel_ids.filtered("is_called")
            calling = (call.channel_ids - called)[:1]
            # who answered last has the call; where nobody did, it rang there first
            called = called.sorted(lambda c: (not c.answered_at, c.id))[:1]
            desk = calling.extension_number or call.dial_extension_id.number
            match call.direction:
                case "inbound":
                    numbers = call.local_number, called.extension_number
                case "outbound":
                    numbers = desk, call.local_number
                case _internal:
                    numbers = (
                        desk or call.local_number,
                        called.extension_number
                        or self._shown_desk(
                            calling.other_number, call.pbx_id, self.env.user
                        )
                        or call.local_number,
                    )
            call.from_number, call.to_number = numbers

    @api.depends("direction", "number", "channel_ids.caller_id")
    def _compute_caller_id_shown(self):
        for call in self:
            shown = next(filter(None, call.channel_ids.mapped("caller_id")), False)
            # of some outbound calls the PBX tells the dialled number there
            is_dialled = call.direction != "inbound" and shown == call.number
            call.caller_id_shown = not is_dialled and shown

    @api.depends("user_id", "record_ref")
    def _compute_team_id(self):
        for call in self:
            record = call._existing_record()
            has_team = (
                record
                and "team_id" in record
                and record._fields["team_id"].comodel_name == "crm.team"
            )
            call.team_id = has_team and record.team_id or call.user_id.sale_team_id

    @api.depends("started_at", "answered_at", "ended_at")
    def _compute_seconds(self):
        for call in self:
            ring_end = call.answered_at or call.ended_at
            call.ring_seconds = self._seconds(call.started_at, ring_end)
            call.talk_seconds = self._seconds(call.answered_at, call.ended_at)

    @api.depends("ring_seconds", "talk_seconds")
    @api.depends_context("lang")
    def _compute_times(self):
        for call in self:
            call.ring_time = self._duration_words(call.ring_seconds)
            call.talk_time = self._duration_words(call.talk_seconds)

    @api.model
    def _duration_words(self, seconds):
        minutes, seconds = divmod(seconds, 60)
        if not minutes:
            return self.env._("%(seconds)s s", seconds=seconds)
        return self.env._(
            "%(minutes)s min %(seconds)s s", minutes=minutes, seconds=seconds
        )

    @staticmethod
    def _seconds(start, end):
        return max(0, int((end - start).total_seconds())) if start and end else 0

    def action_open_record(self):
        """Open the record that the call is about, or its contact."""
        self.ensure_one()
        self._in_all_companies().check_access("read")
        record = self._existing_record() or self.partner_id
        if not record:
            raise UserError(self.env._("This call is not linked to a record yet."))
        return record.get_formview_action()

    def _in_all_companies(self):
        """These in each of the user's companies, whichever he works in now: his phone
        rings for all of them."""
        return self.with_context(allowed_company_ids=self.env.user.company_ids.ids)

    @api.model
    def _about(self, records, fname="record_ref"):
        """The calls that are about some records, or were when they were dialled.

        :param str fname: ``record_ref`` or ``dialled_ref``
        """
        return self.search(
            [(fname, "in", [f"{records._name},{id_}" for id_ in records.ids])]
        )

    def _existing_record(self):
        """The record that this call is about, unless it was deleted."""
        self.ensure_one()
        record = self.record_ref
        return record and record.exists()
