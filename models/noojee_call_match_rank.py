from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

MANY = 40


class NoojeeCall(models.Model):
    """Which of several candidates comes first, and why, in words."""

    _inherit = "noojee.call"

    @api.model
    def _weigh(self, candidates, seer, user):
        """Note what the user has open with the candidates, and the last call."""
        partners = seer["res.partner"].union(*(c.partner for c in candidates))
        if user and partners:
            for work in self._own_works(partners, seer, user):
                for candidate in self._whose(candidates, work.partner_id):
                    if work not in candidate.own_works:
                        candidate.own_works.append(work)
        self._weigh_calls(candidates, partners, seer)

    @api.model
    def _own_works(self, partners, seer, user):
        """Open orders and leads of some customers that are the user's own."""
        own = Domain("partner_id", "in", partners.ids) & Domain("user_id", "=", user.id)
        works = []
        for name, domain in [
            ("sale.order", own & self._open_order()),
            ("crm.lead", own & self._open_lead()),
        ]:
            model = seer[name]
            if model.has_access("read"):
                works += model.search(domain, order="id desc", limit=MANY)
        return works

    @api.model
    def _open_order(self):
        return Domain("state", "in", ("draft", "sent")) | (
            Domain("state", "=", "sale") & Domain("invoice_status", "!=", "invoiced")
        )

    @api.model
    def _whose(self, candidates, partner):
        return [candidate for candidate in candidates if candidate.partner == partner]

    @api.model
    def _weigh_calls(self, candidates, partners, seer):
        calls = seer["noojee.call"]
        if not calls.has_access("read"):
            return
        by_partner = dict(
            calls._read_group(
                [("partner_id", "in", partners.ids)],
                ["partner_id"],
                ["started_at:max"],
            )
            if partners
            else []
        )
        strangers = [c.record for c in candidates if not c.partner]
        refs = [f"{record._name},{record.id}" for record in strangers]
        by_ref = dict(
            calls._read_group(
                [("record_ref", "in", refs)], ["record_ref"], ["started_at:max"]
            )
            if refs
            else []
        )
        for candidate in candidates:
            record = candidate.record
            candidate.last_call_at = by_partner.get(candidate.partner) or by_ref.get(
                f"{record._name},{record.id}"
            )

    @api.model
    def _candidate_rank(self, candidate, user):
        """Sorts the likeliest first."""
        last_call_at = candidate.last_call_at
        return (
            not candidate.campaign_lead,
            -(candidate.remembered.id if candidate.remembered else 0),
            not candidate.own_works,
            not self._is_owner(candidate.record, user),
            -(last_call_at.timestamp() if last_call_at else 0),
            # a switchboard's number tells less
            candidate.is_company,
            candidate.record._name != "res.partner",
            candidate.record.id,
        )

    @api.model
    def _is_owner(self, record, user):
        return bool(user and "user_id" in record and record.user_id == user)

    # === IN WORDS === #

    @api.model
    def _candidate_values(self, candidate, user):
        """A candidate as the browser shows it."""
        opened = self._opened(candidate, user)
        partner = candidate.partner
        if partner and opened != partner:
            values = self._candidate_partner(partner)
            values["subtitle"] = opened.display_name
            values["reason"] = ""
        else:
            values = self._describe(opened)
        reasons = [*self._reasons(candidate, user)][:2]
        # what kind of record it is says least
        reasons = reasons or [values.get("reason") or self.env._("Has this number")]
        return {
            **values,
            "model": opened._name,
            "id": opened.id,
            "partner_id": partner.id,
            "reason": " · ".join(reasons),
        }

    @api.model
    def _opened(self, candidate, user):
        """The record that stands for a candidate: the user's one open lead with the
        number where it is all that he has open with him, else the contact."""
        if candidate.campaign_lead:
            return candidate.campaign_lead
        remembered = candidate.remembered
        if remembered and remembered.record_ref in candidate.works:
            return next(w for w in candidate.works if w == remembered.record_ref)
        own = [work for work in candidate.works if work in candidate.own_works]
        if len(own) == 1 and not self._has_own_order(candidate, user):
            return own[0]
        has_several = len(candidate.works) > 1
        return (
            candidate.partner
            if has_several and candidate.partner
            else (candidate.record)
        )

    @api.model
    def _has_own_order(self, candidate, user):
        orders = candidate.partner.env["sale.order"]
        if not candidate.partner or not orders.has_access("read"):
            return False
        own = Domain("partner_id", "=", candidate.partner.id) & Domain(
            "user_id", "=", user.id
        )
        return orders.search_count(own & self._open_order(), limit=1)

    @api.model
    def _reasons(self, candidate, user):
        if candidate.campaign_lead:
            yield self.env._("In campaign %(campaign)s", campaign=candidate.campaign)
        if candidate.remembered:
            yield self.env._(
                "Remembered by %(who)s", who=candidate.remembered.user_id.name or "?"
            )
        for work in candidate.own_works[:1]:
            yield self._words_for_work(work)
        if candidate.partner and self._is_owner(candidate.partner, user):
            yield self.env._("Your customer")
        if candidate.last_call_at:
            moment = fields.Datetime.context_timestamp(
                self.with_context(tz=user.tz or self.env.context.get("tz")),
                candidate.last_call_at,
            )
            yield self.env._(
                "Last call on %(date)s",
                date=format_date(self.env, moment.date()),
            )

    @api.model
    def _words_for_work(self, work):
        if work._name == "sale.order":
            name = work.name
            if work.state == "sale":
                return self.env._("Your order %(name)s", name=name)
            return self.env._("Your quotation %(name)s", name=name)
        if work._name == "crm.lead":
            if work.type == "lead":
                return self.env._("Your lead “%(name)s”", name=work.name)
            return self.env._("Your opportunity “%(name)s”", name=work.name)
        return self.env._("Yours: “%(name)s”", name=work.display_name)

    @api.model
    def _candidate_partner(self, partner):
        company_name = partner.commercial_company_name
        return {
            "model": "res.partner",
            "id": partner.id,
            "partner_id": partner.id,
            "name": partner.name or partner.display_name,
            "subtitle": "" if partner.is_company else company_name or "",
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
