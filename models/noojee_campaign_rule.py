from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

ACTIONS = [
    ("result", "Set the call's result"),
    ("stage", "Move the lead"),
    ("lost", "Mark the lead as lost"),
    ("won", "Mark the lead as won"),
    ("blacklist", "Never call the number again"),
    ("activity", "Schedule an activity"),
    ("assign", "Assign the lead"),
]
# what each action cannot do without
NEEDED = {
    "result": ("call_result_id",),
    "stage": ("stage_id",),
    "activity": ("activity_type_id",),
}


class LeftAsItIs(UserError):
    """There is nothing to be done: somebody knew more than the agent."""


class NoojeeCampaignRule(models.Model):
    """What follows in Odoo when an agent gives a lead a disposition."""

    _name = "noojee.campaign.rule"
    _description = "Rule for a disposition"
    _order = "template_id, sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    template_id = fields.Many2one(
        "noojee.campaign.template", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    disposition_id = fields.Many2one(
        "noojee.campaign.disposition",
        domain="[('template_id', '=', template_id)]",
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: for every disposition of the template.",
    )
    action = fields.Selection(ACTIONS, string="Then", required=True, default="stage")
    call_result_id = fields.Many2one(
        "noojee.call.result",
        ondelete="set null",
        check_company=True,
    )
    stage_id = fields.Many2one("crm.stage", string="To stage", ondelete="set null")
    lost_reason_id = fields.Many2one("crm.lost.reason", ondelete="set null")
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Activity",
        ondelete="set null",
        default=lambda self: self.env.ref(
            "mail.mail_activity_data_call", raise_if_not_found=False
        ),
    )
    activity_days = fields.Integer(string="In days", default=1)
    activity_summary = fields.Char(string="Summary")
    activity_for = fields.Selection(
        [
            ("owner", "The lead's salesperson"),
            ("agent", "The agent who called"),
            ("user", "This user"),
        ],
        string="For",
        default="owner",
    )
    user_id = fields.Many2one(
        "res.users",
        ondelete="set null",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    team_id = fields.Many2one(
        "crm.team", string="Sales team", ondelete="set null", check_company=True
    )

    @api.depends("action", "disposition_id", "stage_id", "call_result_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        words = dict(self._fields["action"]._description_selection(self.env))
        for rule in self:
            about = rule.stage_id.name or rule.call_result_id.name
            name = words.get(rule.action, "")
            rule.display_name = f"{name} ({about})" if about else name

    @api.constrains("disposition_id", "template_id")
    def _check_disposition(self):
        for rule in self:
            if rule.disposition_id and rule.disposition_id.template_id != (
                rule.template_id
            ):
                raise ValidationError(
                    self.env._(
                        "“%(disposition)s” is another template's.",
                        disposition=rule.disposition_id.name,
                    )
                )

    @api.constrains(
        *("action", "call_result_id", "stage_id", "user_id", "team_id"),
        *("activity_type_id", "activity_days", "activity_for"),
    )
    def _check_action(self):
        for rule in self:
            rule._check_complete()
            if rule.activity_days < 0:
                raise ValidationError(
                    self.env._("An activity cannot be scheduled in the past.")
                )

    def _check_complete(self):
        """:raise ValidationError: where the rule does not say what it needs to."""
        missing = [name for name in NEEDED.get(self.action, ()) if not self[name]]
        is_for_user = self.action == "activity" and self.activity_for == "user"
        if is_for_user and not self.user_id:
            missing.append("user_id")
        if self.action == "assign" and not self.user_id and not self.team_id:
            missing.append("user_id")
        if missing:
            field = self._fields[missing[0]]
            raise ValidationError(
                self.env._(
                    "“%(field)s” is empty, or what it named is gone. Choose it in the "
                    "rule.",
                    field=field._description_string(self.env),
                )
            )

    # === WHAT FOLLOWS === #

    def _carry_out(self, result):
        """Do what this rule says.

        :param result: ``noojee.campaign.result`` with a lead, by the rights and in the
            company that it is to be done in
        :raise UserError: in plain words, when it cannot be done.
        :raise LeftAsItIs: when it is not to be done any more.
        """
        self.ensure_one()
        self._check_complete()
        lead = result.lead_id
        match self.action:
            case "result":
                self._set_result(result)
            case "stage":
                self._check_not_closed_since(result)
                self._bring_back(lead)
                lead.stage_id = self.stage_id
            case "lost":
                self._check_not_closed_since(result)
                lead.action_set_lost(lost_reason_id=self.lost_reason_id.id)
            case "won":
                lead.action_set_won()
            case "blacklist":
                self._blacklist(result)
            case "activity":
                self._schedule(result)
            case "assign":
                self._assign(lead)

    @api.model
    def _check_not_closed_since(self, result):
        """What is won stays won, and what was closed after the call stays closed;
        unless it was by what the agent says otherwise now.

        :raise LeftAsItIs: in plain words
        """
        lead = result.lead_id
        own = result.step_ids.filtered(lambda step: step.is_done and not step.reason)
        if any(rule._closes_as() == lead.won_status for rule in own.rule_id):
            return
        if lead.won_status == "won":
            raise LeftAsItIs(self.env._("The lead is won, and stays as it is."))
        ended_at = result.started_at + timedelta(seconds=result.duration)
        if not lead.active and lead.date_closed and lead.date_closed > ended_at:
            raise LeftAsItIs(
                self.env._("The lead was closed after the call, and stays as it is.")
            )

    def _closes_as(self):
        is_won = self.action == "stage" and self.stage_id.is_won
        return "won" if is_won else self.action

    @api.model
    def _bring_back(self, lead):
        """What was lost by another disposition is worked on again."""
        if not lead.active:
            lead.action_unarchive()

    def _set_result(self, result):
        call = result.call_id
        # what a person said in Odoo counts more
        if call and call.result_id in (call.result_id.browse(), result.rule_result_id):
            call.result_id = result.rule_result_id = self.call_result_id
            call._update_chatter()
            call._notify()

    def _blacklist(self, result):
        numbers = self._numbers_called(result)
        if not numbers:
            raise UserError(self.env._("No number of the lead is known."))
        message = self.env._(
            "%(campaign)s: %(disposition)s",
            campaign=result.campaign_id.name,
            disposition=result.disposition,
        )
        self.env["phone.blacklist"]._add(numbers, message=message)

    @api.model
    def _numbers_called(self, result):
        """The number that was called; where the PBX does not tell it, those that the
        lead was sent with."""
        if result.number_e164:
            return [result.number_e164]
        lead = result.lead_id
        phones = result.push_id and result.template_id._phone_fields() or ()
        sent = [field._value_of(lead)[2] for field in phones]
        return [*filter(None, sent)] or [*filter(None, [lead.phone_sanitized])]

    def _schedule(self, result):
        lead = result.lead_id
        user = {
            "owner": lead.user_id or result.user_id,
            "agent": result.user_id or lead.user_id,
            "user": self.user_id,
        }[self.activity_for]
        if not user.active:
            raise UserError(
                self.env._("Nobody is there for whom an activity could be scheduled.")
            )
        today = result.pbx_id._today_of(user)
        lead.activity_schedule(
            activity_type_id=self.activity_type_id.id,
            date_deadline=today + timedelta(days=self.activity_days),
            summary=self.activity_summary or result.disposition,
            user_id=user.id,
            automated=True,
        )

    def _assign(self, lead):
        wanted = {"user_id": self.user_id, "team_id": self.team_id}
        if any(record and not record.active for record in wanted.values()):
            raise UserError(
                self.env._("Whom the lead is to be assigned to is archived.")
            )
        # who has it already is not told once more
        values = {
            name: record.id
            for name, record in wanted.items()
            if record and lead[name] != record
        }
        if values:
            lead.write(values)
