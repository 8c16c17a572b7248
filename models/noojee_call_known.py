import logging
import time
from collections import defaultdict
from contextlib import contextmanager

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from .known import Known
from .transaction import try_part

_logger = logging.getLogger(__name__)

# in the cursor's cache, where nobody's else is of that name
KEY = "noojee_known"
# users whose rights are worked out in one go
AT_ONCE = 10
# whether it is recorded
RULES = ("noojee_record_inbound", "noojee_record_outbound", "noojee_recording_notice")
# what handling a call asks of the people and companies concerned: to read all columns
# of these tables takes longer than to find the caller
ASKED = {
    "noojee.call": (
        *("company_id", "note", "outcome", "record_ref", "result_id", "started_at"),
        *("state", "talk_seconds"),
    ),
    "noojee.extension": ("company_id", "number", "pbx_id", "user_id"),
    "noojee.pbx": (
        *("company_id", "country_id", "international_prefix", "missed_minutes", "name"),
        *RULES,
    ),
    "res.country": ("code", "phone_code"),
    "res.users": ("active", "company_id", "partner_id", "sale_team_id"),
    "res.partner": (
        *("active", "commercial_partner_id", "company_id", "email", "lang", "name"),
        *("noojee_do_not_record", "parent_id", "partner_share", "user_id"),
    ),
    "res.company": ("active", "name", "parent_path", "partner_id"),
    "crm.lead": (
        *("active", "company_id", "name", "partner_id", "probability", "team_id"),
        *("type", "user_id"),
    ),
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
        # whoever takes the events in is asked for his company
        self._know_asked(users_sudo | self.env.user)
        self._know_asked(users_sudo.partner_id)
        # what a call between desks is about
        self._known().add_existing("res.partner", users_sudo.partner_id.ids)
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
            for line in lines_sudo.search_fetch(
                domain, ASKED[lines_sudo._name], order="id"
            ):
                known.lines[pbx.id, line.number] = line
        return {number: known.lines[pbx.id, number] for number in numbers}

    def _know(self, known):
        """Look up all that is told of these calls, to whomever."""
        self._know_records(known)
        self._know_asked(self.partner_id)
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
            found = self.env[name].browse(ids).exists()
            known.add_existing(name, found.ids)
            # sudo: read for all at once; who is shown it is asked of each
            found.sudo().fetch(ASKED.get(name) or self._probe_fields(name))

    def _know_customers(self, known):
        """Look up what cards tell of these calls' customers."""
        partners = self.partner_id
        documents = {("res.partner", id_) for id_ in partners.ids}
        owners = self.env["res.users"]
        alone = []
        for record in filter(None, (call.record_ref for call in self)):
            documents.add((record._name, record.id))
            partner = self._partner_of(record)
            partners |= partner
            if not partner:
                alone.append(f"{record._name},{record.id}")
            owners |= self._owner_of(record)
        owners |= partners.user_id
        self._know_asked(owners)
        self._know_asked(owners.partner_id)
        if documents:
            self._know_activities(known, documents)
        if alone:
            self._know_last_calls(known, "record_ref", alone)
        if families := partners.commercial_partner_id:
            self._know_last_calls(known, "commercial_partner_id", families.ids)
            self._know_works(known, families)
        last = self.union(*known.last_calls.values())
        self._know_asked(last)
        last.filtered("note")._know_records(known)

    @api.model
    def _know_activities(self, known, documents):
        known.is_scheduled.update(dict.fromkeys(documents, False))
        self.env["mail.activity"].flush_model(["active", "res_id", "res_model"])
        # SQL: as for open records; only whether there is anything that a user may or
        # may not see
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT res_model, res_id
                  FROM mail_activity
                 WHERE active AND (res_model, res_id) IN %s
                """,
                tuple(documents),
            )
        )
        known.is_scheduled.update(dict.fromkeys(rows, True))

    @api.model
    def _know_last_calls(self, known, fname, values):
        """:param str fname: that the calls with one customer have in common"""
        self.flush_model([fname, "state", "started_at", "failure_reason"])
        # SQL: one step in an index for each customer, however often he has called
        rows = self.env.execute_query(
            SQL(
                """
                SELECT about.value, last.id
                  FROM unnest(%(values)s) AS about(value)
                  CROSS JOIN LATERAL (
                      SELECT id
                        FROM noojee_call
                       WHERE %(field)s = about.value AND state = 'ended'
                         AND failure_reason IS NULL
                    ORDER BY started_at DESC
                       LIMIT 1
                  ) AS last
                """,
                values=values,
                field=SQL.identifier(fname),
            )
        )
        calls = self.browse([id_ for _value, id_ in rows])
        known.last_calls.update(dict.fromkeys(values, self.browse()))
        known.last_calls.update(
            (value, call) for (value, _id), call in zip(rows, calls, strict=True)
        )

    @api.model
    def _know_works(self, known, families):
        # sudo: only whether there is anything that a user may or may not see
        works_sudo = [self.env[name].sudo() for name in ("sale.order", "crm.lead")]
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        # SQL: to have the ORM write it anew takes longer than to carry it out
        rows = self.env.execute_query(
            SQL(" UNION ").join(
                SQL(
                    """
                    SELECT %s, partner.commercial_partner_id
                      FROM %s AS work
                      JOIN res_partner AS partner ON partner.id = %s
                     WHERE partner.commercial_partner_id = ANY(%s) AND work.id IN %s
                    """,
                    model_sudo._name,
                    SQL.identifier(model_sudo._table),
                    model_sudo._field_to_sql("work", "partner_id"),
                    families.ids,
                    self._open_works(model_sudo._name),
                )
                for model_sudo in works_sudo
            )
        )
        for model_sudo in works_sudo:
            known.working[model_sudo._name] = dict.fromkeys(families.ids, False)
        for name, family_id in rows:
            known.working[name][family_id] = True

    @api.model
    @tools.ormcache("name")
    def _open_works(self, name):
        """:return: SQL for the ids of all open records of a model"""
        opens = {"sale.order": self._open_order, "crm.lead": self._open_lead}
        # sudo: as above
        return self.env[name].sudo()._search(opens[name]()).subselect()

    @api.model
    def _warm_up(self, pbx):
        """Ask what is asked of each call, of the last one and for nobody: the first
        event of a process would wait for all that it reads into its memory."""
        last = self.sudo().search([("pbx_id", "=", pbx.id)], order="id desc", limit=1)

        def ask():
            with self._knowing() as known:
                last._know(known)
                last._messages_apart()

        if error := try_part(self.env, ask):
            _logger.error("Call %s cannot be told.", last.id, exc_info=error)

    @api.model
    def _warm_up_users(self, pbx):
        """Have Odoo work out what each user at a PBX's desks may read, and keep it:
        his first call would wait for it.

        :return: iterator over some of the users, who cost some hundredths of a second
        """
        for ids in split_every(AT_ONCE, pbx.extension_ids.user_id.ids):
            # by themselves: of the others nothing is read again with each
            users = self.env["res.users"].browse(ids)
            self._know_asked(users | self.env.user)
            for name in ("all_group_ids", "company_ids", "partner_id.name"):
                users.mapped(name)
            for user in users:
                self._warm_up_user(user)
            yield users

    @api.model
    @tools.ormcache()
    def _kept_since(self):
        """Another moment once Odoo has emptied its caches, as it does when somebody
        changes a user: what was worked out before has to be again."""
        return time.monotonic()

    @api.model
    def _warm_up_user(self, user):
        """One whose rights cannot be worked out must not cost the others their
        calls."""

        def ask():
            self._readable(user.partner_id.with_env(self._as_seen_by(user).env))

        if error := try_part(self.env, ask):
            _logger.warning("The rights of %s fail: %s", user.login, error)

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

    @api.model
    def _is_known(self, reference):
        """Whether a record is there, as ``model,id``, where it was asked for."""
        name, _comma, record_id = reference.partition(",")
        existing = self._known().existing.get(name, ())
        return record_id.isdecimal() and int(record_id) in existing

    def _existing_record(self):
        record = self.record_ref
        if record and record.id in self._known().existing.get(record._name, ()):
            return record
        return super()._existing_record()

    @api.model
    def _readable(self, record):
        readable = self._known().readable
        key = record.env.uid, record.env.su, record._name, record._ids
        if key not in readable:
            readable[key] = bool(super()._readable(record))
        return record if readable[key] else record.browse()

    def _last_call_with(self, record, family):
        key = family.id or f"{record._name},{record.id}"
        call = self._known().last_calls.get(key)
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
    def _card_orders(self, family):
        if self._has_open("sale.order", family):
            return super()._card_orders(family)
        return []

    @api.model
    def _card_leads_of(self, family):
        if self._has_open("crm.lead", family):
            return super()._card_leads_of(family)
        return self.env["crm.lead"]

    @api.model
    def _has_open(self, name, family):
        return self._known().working.get(name, {}).get(family.id, True)
