from odoo import api, models
from odoo.fields import Domain


class NoojeeCall(models.Model):
    """Matching: whose number is this?"""

    _inherit = "noojee.call"

    @api.model
    def _match(self, number, pbx, user):
        """Who may stand behind a number, as one user may see it.

        A colleague for an extension; else the partners and leads whose number is the
        same in its international form, best first. Archived records and those that
        the user may not read are left out.

        :param str number: as it came
        :param user: whose rights count; without one those records that belong to the
            PBX's company or to none
        :return: list of ``{"model", "id", "name", "subtitle", "reason", "avatar",
            "partner_id"}``
        """
        if not number:
            return []
        if colleagues := self._match_extension(number, pbx):
            return colleagues
        e164 = self._phone_format_number(number, pbx.country_id)
        if not e164:
            return []
        seer = self._seer(pbx, user)
        same_number = Domain("phone_sanitized", "=", e164)
        if not user:
            # without a user no record rule tells companies apart
            same_number &= Domain("company_id", "in", [pbx.company_id.id, False])
        partners = self._search_as(seer["res.partner"], same_number)
        leads = self._search_as(seer["crm.lead"], same_number & self._open_lead())
        # people before companies: a switchboard's number tells less
        partners = partners.sorted(lambda partner: (partner.is_company, partner.id))
        leads = leads.filtered(lambda lead: lead.partner_id not in partners)
        return [self._candidate_partner(partner) for partner in partners] + [
            self._candidate_lead(lead) for lead in leads
        ]

    @api.model
    def _match_values(self, number, pbx, user):
        """The contact and the record of a call, as far as its number tells."""
        candidates = self._match(number, pbx, user)
        # several may stand behind one number: a person says who it is
        known = candidates[0] if len(candidates) == 1 else {}
        return {
            "partner_id": known.get("partner_id"),
            "record_ref": known.get("id") and f"{known['model']},{known['id']}",
        }

    def _values_for_answerer(self, user):
        """Whoever answers may know the caller better than whose desk rang first.

        :return: new values, unless a person has said meanwhile who it is
        """
        self.ensure_one()
        if user == self.user_id or self.direction != "inbound":
            return {}
        number = self.number_e164 or self.number
        record = self._existing_record()
        present = {
            "partner_id": self.partner_id.id,
            "record_ref": record and f"{record._name},{record.id}",
        }
        guessed = self._match_values(number, self.pbx_id, self.user_id)
        if any(
            (present[name] or False) != (guessed[name] or False) for name in guessed
        ):
            return {}
        return self._match_values(number, self.pbx_id, user)

    @api.model
    def _search_as(self, model, domain):
        """What the user of this model's environment may see; a receptionist without
        any right on leads sees none."""
        return model.search(domain, limit=10) if model.has_access("read") else model

    @api.model
    def _seer(self, pbx, user):
        if not user:
            # sudo: a desk without a user; its company's customers may be named
            return self.env(
                su=True, context={"allowed_company_ids": pbx.company_id.ids}
            )
        env = self.with_user(user).env
        return env(context={**env.context, "allowed_company_ids": user.company_ids.ids})

    @api.model
    def _open_lead(self):
        return Domain("stage_id.is_won", "=", False)

    @api.model
    def _match_extension(self, number, pbx):
        # sudo: who sits at which desk is no secret inside the company
        line = (
            self.env["noojee.extension"]
            .sudo()
            .search([("pbx_id", "=", pbx.id), ("number", "=", number)], limit=1)
        )
        if not line:
            return []
        colleague = line.user_id.partner_id
        return [
            {
                "model": "res.partner",
                "id": colleague.id,
                "partner_id": colleague.id,
                "name": colleague.name or self.env._("Extension %s", number),
                "subtitle": self.env._("Extension %s", number),
                "reason": self.env._("Colleague"),
                "avatar": self._avatar(colleague),
            }
        ]

    @api.model
    def _candidate_partner(self, partner):
        return {
            "model": "res.partner",
            "id": partner.id,
            "partner_id": partner.id,
            "name": partner.name or partner.display_name,
            "subtitle": partner.parent_id.name or "",
            "reason": self.env._("Company") if partner.is_company else "",
            "avatar": self._avatar(partner),
        }

    @api.model
    def _candidate_lead(self, lead):
        return {
            "model": "crm.lead",
            "id": lead.id,
            "partner_id": lead.partner_id.id,
            "name": lead.contact_name or lead.partner_name or lead.name,
            "subtitle": lead.name,
            "reason": self.env._("Lead")
            if lead.type == "lead"
            else self.env._("Opportunity"),
            "avatar": self._avatar(lead.partner_id),
        }

    @api.model
    def _avatar(self, partner):
        return bool(partner) and f"/web/image/res.partner/{partner.id}/avatar_128"
