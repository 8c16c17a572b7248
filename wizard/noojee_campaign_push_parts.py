from odoo import api, fields, models

LEAD = "crm.lead"
PARTS = (
    "there",
    "other_company",
    "closed",
    "unnumbered",
    "incomplete",
    "blocked",
    "equal",
    "sendable",
)


class NoojeeCampaignPush(models.TransientModel):
    """What will become of the chosen leads: by the rules that hold when they are sent,
    with few queries however many they are."""

    _inherit = "noojee.campaign.push"

    lead_count = fields.Integer(string="Chosen", compute="_compute_counts")
    sendable_count = fields.Integer(string="To be sent", compute="_compute_counts")
    there_count = fields.Integer(
        string="In the campaign already", compute="_compute_counts"
    )
    unnumbered_count = fields.Integer(
        string="Without a number", compute="_compute_counts"
    )
    incomplete_count = fields.Integer(
        string="Without a required field", compute="_compute_counts"
    )
    blocked_count = fields.Integer(string="Not to be called", compute="_compute_counts")
    equal_count = fields.Integer(
        string="With another lead's number", compute="_compute_counts"
    )
    closed_count = fields.Integer(string="Won or lost", compute="_compute_counts")
    other_company_count = fields.Integer(
        string="Of another company", compute="_compute_counts"
    )

    @api.depends("template_id", "campaign_id", "call_back_at", "allow_duplicates")
    @api.depends_context("active_ids", "active_model")
    def _compute_counts(self):
        for wizard in self:
            parts = wizard._parts()
            wizard.lead_count = len(wizard._leads())
            for part in PARTS:
                wizard[f"{part}_count"] = len(parts[part])

    def _leads(self):
        """The leads that were chosen in the list or form."""
        leads = self.env[LEAD]
        if self.env.context.get("active_model") != LEAD:
            return leads
        return leads.browse(self.env.context.get("active_ids") or []).exists()

    def _parts(self):
        """The chosen leads by what will become of them.

        :return: dict of each of ``PARTS`` to leads
        """
        parts = dict.fromkeys(PARTS, self.env[LEAD])
        left = self._leads()
        # sudo: what is in a campaign counts, whoever may see it
        pushes_sudo = self.env["noojee.lead.push"].sudo()

        def part(name, leads):
            parts[name] = leads
            return left - leads

        left = part("there", self._there(left, pushes_sudo))
        company = self.template_id.company_id
        left = part(
            "other_company",
            left.filtered(
                lambda lead: company and not pushes_sudo._is_of_company(lead, company)
            ),
        )
        left = part(
            "closed",
            left.filtered(lambda lead: not lead.active or lead.won_status != "pending"),
        )
        numbers = self._numbers_of(left)
        left = part("unnumbered", left.filtered(lambda lead: not numbers[lead.id]))
        left = part("incomplete", self._incomplete(left))
        left = part("blocked", self._blocked(left, numbers, pushes_sudo))
        left = part("equal", self._equal(left, numbers, pushes_sudo))
        parts["sendable"] = left
        return parts

    def _there(self, leads, pushes_sudo):
        if not self.campaign_id:
            return leads.browse()
        here = pushes_sudo._here(leads, self.campaign_id)
        there = here.filtered(lambda push: push.state != "refused").lead_id
        return leads & there.with_env(self.env)

    def _numbers_of(self, leads):
        """What the leads can be called at, in E.164, by their ids."""
        phones = self.template_id._phone_fields()
        return {
            lead.id: [n for field in phones if (n := self._number_of(lead, field))]
            for lead in leads
        }

    def _number_of(self, lead, field):
        if field.lead_path == "phone" and lead.phone_sanitized:
            # it is kept in this form: thousands are not to be read one by one
            return lead.phone_sanitized
        return field._value_of(lead)[2]

    def _incomplete(self, leads):
        """Those that lack what the campaign requires."""
        required = self.template_id._sent_fields().filtered("is_required")
        phones = required & self.template_id._phone_fields()
        return leads.filtered(
            lambda lead: (
                any(field._value_of(lead)[1] for field in required - phones)
                or not all(self._number_of(lead, field) for field in phones)
            )
        )

    def _blocked(self, leads, numbers, pushes_sudo):
        """Those that must not be called, or not at the chosen moment."""
        blacklisted = pushes_sudo._blacklisted(
            [number for lead in leads for number in numbers[lead.id]]
        )
        blocked = leads.filtered(lambda lead: blacklisted & set(numbers[lead.id]))
        if at := self.call_back_at:
            by_lead = {lead: numbers[lead.id] for lead in leads - blocked}
            blocked = blocked.union(*self.env["noojee.call"]._out_of_hours(by_lead, at))
        return blocked

    def _equal(self, leads, numbers, pushes_sudo):
        """Those whose number the PBX has from another lead, or from one of these."""
        if self.allow_duplicates:
            return leads.browse()
        wanted = [number for lead in leads for number in numbers[lead.id]]
        seen = self.campaign_id and pushes_sudo._numbers_in(self.campaign_id, wanted)
        seen = set(seen or ())
        equal = []
        for lead in leads:
            if seen.isdisjoint(numbers[lead.id]):
                seen.update(numbers[lead.id])
            else:
                equal.append(lead.id)
        return leads.browse(equal)
