from collections import defaultdict
from contextlib import contextmanager

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .known import Known

# in the cursor's cache, where nobody's else is of that name
KEY = "noojee_known"
# whether it is recorded
RULES = ("noojee_record_inbound", "noojee_record_outbound", "noojee_recording_notice")
# what handling a call asks of the people and companies concerned: to read all columns
# of these tables takes longer than to find the caller
ASKED = {
    "noojee.pbx": ("company_id", "country_id", "missed_minutes", "name", *RULES),
    "res.country": ("code", "phone_code"),
    "res.users": ("active", "company_id", "partner_id", "sale_team_id"),
    "res.partner": ("active", "company_id", "email", "lang", "name", "parent_id"),
    "res.company": ("active", "name", "parent_path", "partner_id"),
    "crm.team": ("active", "company_id", "name", *RULES),
}


class NoojeeCall(models.Model):
    """Looking up at once what is asked of each of many calls.

    A batch of events costs as many round trips as a single one: what its calls ask is
    asked for all of them before; then each only looks at the answer.
    """

    _inherit = "noojee.call"

    @contextmanager
    def _knowing(self, lines=None):
        """Keep what is looked up until the end: nothing of it may change within.

        :param dict lines: that are known already
        """
        cache = self.env.cr.cache
        before = cache.get(KEY)
        cache[KEY] = known = Known(lines=lines or {})
        try:
            yield known
        finally:
            cache.pop(KEY, None)
            if before:
                cache[KEY] = before

    @api.model
    def _known(self):
        # a rollback empties the cursor's cache: then everything is asked one by one
        return self.env.cr.cache.get(KEY) or Known()

    # === BEFORE === #

    @api.model
    def _know_desks(self, pbx_sudo, users_sudo):
        """Read what handling calls asks of a PBX and of who sits at its desks."""
        self._know_asked(pbx_sudo)
        self._know_asked(pbx_sudo.country_id)
        self._know_asked(users_sudo)
        self._know_asked(users_sudo.partner_id)
        # which companies a user has asks of each whether it is active
        self._know_asked(pbx_sudo.company_id | users_sudo.company_id)
        self._know_asked(users_sudo.company_ids)
        self._know_asked(users_sudo.sale_team_id)

    @api.model
    def _know_asked(self, records):
        if records:
            records.fetch(ASKED[records._name])

    @api.model
    def _know_numbers(self, known, pbx, numbers):
        """Look up who may stand behind some numbers of a PBX."""
        numbers = {number for number in numbers if number}
        # others are nobody's desks
        short = {number for number in numbers if not number.startswith("+")}
        self._know_lines(known, pbx, short)
        company = pbx.company_id
        customers = {self._customer_number(number, pbx) for number in numbers}
        if wanted := sorted(customers - {False}):
            for number, ids in self._probe_many(wanted, company).items():
                known.probed[number, company.id] = ids
                for name, found in ids.items():
                    known.add_existing(name, found)

    @api.model
    def _know_lines(self, known, pbx, numbers):
        """:return: line, which may be none, by number"""
        # sudo: who sits at which desk is no secret inside the company
        lines_sudo = self.env["noojee.extension"].sudo()
        if missing := [n for n in numbers if (pbx.id, n) not in known.lines]:
            known.lines.update(((pbx.id, number), lines_sudo) for number in missing)
            domain = Domain("pbx_id", "=", pbx.id) & Domain("number", "in", missing)
            for line in lines_sudo.search_fetch(domain):
                known.lines[pbx.id, line.number] = line
        return {number: known.lines[pbx.id, number] for number in numbers}

    def _know(self, known):
        """Look up all that is told of these calls, to whomever."""
        self._know_records(known)
        for pbx, calls in self.grouped("pbx_id").items():
            internal = calls.filtered(lambda call: call.direction == "internal")
            unknown = (calls - internal).filtered(
                lambda call: not call.partner_id and not call.record_ref
            )
            numbers = unknown.mapped("number") + internal.channel_ids.mapped(
                "other_number"
            )
            self._know_numbers(known, pbx, numbers)
        running = self.filtered(lambda call: call.state != "ended")
        running._know_customers(known)

    def _know_records(self, known):
        refs = defaultdict(set)
        for record in filter(None, (call.record_ref for call in self)):
            refs[record._name].add(record.id)
        for name, ids in refs.items():
            known.add_existing(name, self.env[name].browse(ids).exists().ids)

    def _know_customers(self, known):
        """Look up what cards tell of these calls' customers."""
        partners = self.partner_id
        documents = {("res.partner", id_) for id_ in partners.ids}
        for record in filter(None, (call.record_ref for call in self)):
            documents.add((record._name, record.id))
            partners |= self._partner_of(record)
        if documents:
            self._know_activities(known, documents)
        if families := partners.commercial_partner_id:
            self._know_last_calls(known, families)
            last = self.union(*known.last_calls.values())
            last.filtered("note")._know_records(known)
            self._know_works(known, "sale.order", families, self._open_order())
            self._know_works(known, "crm.lead", families, self._open_lead())

    @api.model
    def _know_activities(self, known, documents):
        ids = defaultdict(list)
        for name, id_ in documents:
            ids[name].append(id_)
            known.is_scheduled[name, id_] = False
        # sudo: only whether there is anything that a user may or may not see
        activities_sudo = self.env["mail.activity"].sudo()
        for name, id_ in activities_sudo._read_group(
            Domain.OR(
                Domain("res_model", "=", name) & Domain("res_id", "in", of_model)
                for name, of_model in ids.items()
            ),
            ["res_model", "res_id"],
        ):
            known.is_scheduled[name, id_] = True

    @api.model
    def _know_last_calls(self, known, families):
        self.flush_model(["commercial_partner_id", "state", "started_at"])
        # SQL: one step in an index for each customer, however often he has called
        rows = self.env.execute_query(
            SQL(
                """
                SELECT family.id, last.id
                  FROM unnest(%s) AS family(id)
                  CROSS JOIN LATERAL (
                      SELECT id
                        FROM noojee_call
                       WHERE commercial_partner_id = family.id AND state = 'ended'
                    ORDER BY started_at DESC
                       LIMIT 1
                  ) AS last
                """,
                families.ids,
            )
        )
        calls = self.browse([id_ for _family, id_ in rows])
        known.last_calls.update(dict.fromkeys(families.ids, self.browse()))
        known.last_calls.update(
            (family_id, call)
            for (family_id, _id), call in zip(rows, calls, strict=True)
        )

    @api.model
    def _know_works(self, known, name, families, is_open):
        # sudo: only whether there is anything that a user may or may not see
        model_sudo = self.env[name].sudo()
        theirs = Domain("partner_id.commercial_partner_id", "in", families.ids)
        partners = self.env["res.partner"].union(
            *(
                row[0]
                for row in model_sudo._read_group(theirs & is_open, ["partner_id"])
            )
        )
        working = set(partners.commercial_partner_id.ids)
        known.working[name] = {id_: id_ in working for id_ in families.ids}

    @api.model
    def _warm_up(self, pbx):
        """Ask what is asked of each call, of the last one and for nobody: the first
        event of a process would wait for all that it reads into its memory."""
        last = self.sudo().search([("pbx_id", "=", pbx.id)], order="id desc", limit=1)
        with self._knowing() as known:
            last._know(known)
            last._messages_apart()

    # === THEN === #

    @api.model
    def _probe(self, e164, company):
        known = self._known()
        key = e164, company.id
        if key not in known.probed:
            known.probed[key] = super()._probe(e164, company)
        # whoever asked takes from it
        return dict(known.probed[key])

    @api.model
    def _line_with(self, number, pbx):
        line = self._known().lines.get((pbx.id, number))
        if line is None:
            return super()._line_with(number, pbx)
        return line.with_env(self.env(su=True))

    def _existing_record(self):
        record = self.record_ref
        if record and record.id in self._known().existing.get(record._name, ()):
            return record
        return super()._existing_record()

    def _last_call_with(self, record, family):
        call = self._known().last_calls.get(family.id)
        is_hidden = call and call.company_id not in self.env.user.company_ids
        if call is None or call == self or is_hidden:
            return super()._last_call_with(record, family)
        return call.with_env(self.env(su=True))

    @api.model
    def _card_next_activity(self, record, partner):
        is_scheduled = self._known().is_scheduled
        if any(
            is_scheduled.get((found._name, found.id), True)
            for found in (record, partner)
            if found
        ):
            return super()._card_next_activity(record, partner)
        return False

    @api.model
    def _card_orders(self, partner):
        if self._has_open("sale.order", partner):
            return super()._card_orders(partner)
        return []

    @api.model
    def _card_leads_of(self, family):
        if self._has_open("crm.lead", family):
            return super()._card_leads_of(family)
        return self.env["crm.lead"]

    @api.model
    def _has_open(self, name, partner):
        family = partner.sudo().commercial_partner_id
        return self._known().working.get(name, {}).get(family.id, True)
