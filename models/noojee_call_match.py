from odoo import api, models
from odoo.fields import Domain

from .match_candidate import Candidate
from .noojee_pbx_number import FEWEST_DIGITS

# so many may stand behind one number; whoever has it is asked by name
MOST = 20
# types of contacts that are places of a company, and nobody who calls
ADDRESSES = ("delivery", "invoice", "other")


class NoojeeCall(models.Model):
    """Matching: whose number is this?"""

    _inherit = "noojee.call"

    @api.model
    def _match(self, number, pbx, user, is_dialler=False):
        """Who may stand behind a number, as one user may see it.

        A colleague for an extension; else whoever the number was remembered for, and
        the records of every model with the call mixin whose number is the same in its
        international form, best first. One customer comes once: what is open with him
        stands for him where it is the user's own. Archived records, closed leads and
        those that the user may not read are left out.

        :param str number: as it came
        :param user: whose rights count; without one those records that belong to the
            PBX's company or to none
        :param bool is_dialler: whether the PBX's dialler may have placed the call: then
            a lead that is in one of its campaigns comes before all others
        :return: list of ``{"model", "id", "name", "subtitle", "reason", "avatar",
            "partner_id"}``
        """
        if colleagues := self._match_extension(number, pbx):
            return colleagues
        candidates = self._candidates(number, pbx, user, is_dialler)
        return [self._candidate_values(candidate, user) for candidate in candidates]

    @api.model
    def _match_values(self, number, pbx, user, is_dialler=False):
        """The contact and the record of a call, as far as its number tells.

        Several may stand behind one number: then a person says who it is, unless a
        person has said so before, or they are a company and its one contact.
        """
        if colleagues := self._match_extension(number, pbx):
            known = colleagues[0]
        else:
            candidates = self._candidates(number, pbx, user, is_dialler)
            decided = self._decide(candidates)
            known = self._candidate_values(decided, user) if decided else {}
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
        if not self._is_guessed():
            return {}
        number = self.number_e164 or self.number
        return self._match_values(number, self.pbx_id, user)

    def _is_guessed(self):
        """Whether this call is about what its number tells, and nobody said
        otherwise."""
        self.ensure_one()
        record = self._existing_record()
        present = {
            "partner_id": self.partner_id.id,
            "record_ref": record and f"{record._name},{record.id}",
        }
        guessed = self._match_values(
            self.number_e164 or self.number,
            self.pbx_id,
            self.user_id,
            self._may_be_diallers(),
        )
        return all(
            (present[name] or False) == (guessed[name] or False) for name in guessed
        )

    def _may_be_diallers(self):
        """Whether the PBX's dialler may have placed this call: it went out, and nobody
        dialled it in Odoo. The wire does not tell it apart from a number that was
        typed on the handset."""
        self.ensure_one()
        return (
            self.direction == "outbound"
            and not self.request_token
            and not any(self.channel_ids.mapped("is_click_to_dial"))
        )

    @api.model
    def _seer(self, pbx, user):
        if not user:
            # sudo: a desk without a user; its company's customers may be named
            return self.env(
                su=True, context={"allowed_company_ids": pbx.company_id.ids}
            )
        companies = [*user._get_company_ids()]
        context = {**self.env.context, "allowed_company_ids": companies}
        return self.env(user=user.id, su=False, context=context)

    @api.model
    def _open_lead(self):
        return Domain("stage_id.is_won", "=", False)

    @api.model
    def _match_extension(self, number, pbx):
        if not number or number.startswith("+"):
            return []
        line = self._line_with(number, pbx)
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
    def _line_with(self, number, pbx):
        # sudo: who sits at which desk is no secret inside the company
        return (
            self.env["noojee.extension"]
            .sudo()
            .search([("pbx_id", "=", pbx.id), ("number", "=", number)], limit=1)
        )

    # === CANDIDATES === #

    @api.model
    def _candidates(self, number, pbx, user, is_dialler=False):
        e164 = self._customer_number(number, pbx)
        if not e164:
            return []
        ids = self._probe(e164, pbx.company_id)
        if not ids:
            return []
        seer = self._seer(pbx, user)
        number_ids = ids.pop("noojee.number", [])
        records = [
            record
            for name, found in ids.items()
            for record in self._seen(seer[name], found, e164, pbx)
        ]
        candidates = self._one_for_each_customer(records)
        if number_ids:
            self._add_remembered(candidates, seer, number_ids, pbx)
        for candidate in candidates:
            candidate.own_works = [
                work for work in candidate.works if self._is_owner(work, user)
            ]
        if is_dialler:
            self._add_campaigns(candidates, pbx)
        if len(candidates) > 1:
            self._weigh(candidates, seer, user)
            candidates.sort(key=lambda candidate: self._candidate_rank(candidate, user))
        return candidates[:MOST]

    @api.model
    def _customer_number(self, number, pbx):
        """A number in its international form, where it can be a customer's.

        A short one never is: it is of the PBX or of its provider.
        """
        text = (number or "").strip()
        digits = sum(map(str.isdecimal, text))
        if (
            digits < FEWEST_DIGITS
            # words of a PBX, whose letters would be read as keys
            or any(map(str.isalpha, text))
        ):
            return False
        return pbx._formatted(text)

    @api.model
    def _one_for_each_customer(self, records):
        """Contacts stand for themselves; leads and others of the same customer are no
        rivals of theirs."""
        contacts = [record for record in records if record._name == "res.partner"]
        candidates = [Candidate(contact, contact) for contact in contacts]
        by_partner = {candidate.partner.id: candidate for candidate in candidates}
        by_entity = {candidate.entity_id: candidate for candidate in candidates[::-1]}
        for work in records[len(contacts) :]:
            partner = self._partner_of(work)
            # sudo: a contact that may not be read tells at least who is the same
            entity_id = partner.sudo().commercial_partner_id.id
            known = by_partner.get(partner.id) or by_entity.get(entity_id)
            if not known:
                known = Candidate(work, self._shown_partner(partner))
                candidates.append(known)
                if partner:
                    by_partner[partner.id] = by_entity[entity_id] = known
            known.works.append(work)
        return candidates

    @api.model
    def _shown_partner(self, partner):
        return partner._filtered_access("read").filtered("active")

    @api.model
    def _add_remembered(self, candidates, seer, number_ids, pbx):
        """Note for whom a number was remembered, whatever number stands there."""
        # sudo: what is remembered is read with the rights to its records
        for number in seer["noojee.number"].sudo().browse(number_ids).sorted("id"):
            record = self._remembered_record(seer, number, pbx)
            if record is None:
                continue
            partner = self._partner_of(record)
            known = next(
                (
                    candidate
                    for candidate in candidates
                    if candidate.record == record
                    or (partner and candidate.partner == partner)
                ),
                None,
            )
            if not known:
                known = Candidate(record, self._shown_partner(partner))
                if record._name != "res.partner":
                    known.works.append(record)
                candidates.append(known)
            known.remembered = number

    @api.model
    def _remembered_record(self, seer, number, pbx):
        """The record that a number was remembered for, or what has become of it: the
        contact of a lead that is closed; None where the user sees neither."""
        record = number.record_ref and number.record_ref.exists()
        partner = number.partner_id
        if record:
            seen = self._seen(seer[record._name], record.ids, None, pbx)
            if seen:
                return seen
            partner = self._partner_of(record) or partner
        seen = self._seen(seer["res.partner"], partner.ids, None, pbx)
        return seen or None

    # === DECIDING === #

    @api.model
    def _decide(self, candidates):
        """The one of several candidates that it is, or None: a person says."""
        if len(candidates) == 1:
            return candidates[0]
        called = [c for c in candidates if c.campaign_lead]
        if len(called) == 1:
            return called[0]
        remembered = [c for c in candidates if c.remembered]
        if len(remembered) == 1:
            return remembered[0]
        one_entity = remembered or candidates
        entities = {candidate.entity_id for candidate in one_entity}
        if not candidates or len(entities) > 1 or not entities.pop():
            return None
        companies = [c for c in one_entity if c.record == c.partner and c.is_company]
        people = [
            c for c in one_entity if c not in companies and not self._is_address(c)
        ]
        if remembered:
            # a switchboard, as somebody said
            return companies[0] if companies else None
        if len(companies) != 1 or len(people) > 1:
            return None
        return people[0] if people else companies[0]

    @api.model
    def _is_address(self, candidate):
        is_contact = candidate.record == candidate.partner
        return is_contact and candidate.partner.type in ADDRESSES
