from odoo import api, models, tools
from odoo.fields import Domain

from .prepared import ask

# more with one number are searched for with the user's rights: the first ones may all
# be another company's
ENOUGH = 100
# what candidates are told by, and what the usual record rules look at
FIELDS = {
    "res.partner": (
        *("name", "active", "company_id", "user_id", "partner_share", "is_company"),
        *("commercial_partner_id", "commercial_company_name", "parent_id"),
    ),
    "crm.lead": (
        *("name", "active", "company_id", "user_id", "team_id", "type", "stage_id"),
        *("partner_id", "contact_name", "partner_name"),
    ),
    "noojee.number": ("number", "record_ref", "partner_id", "company_id", "user_id"),
}
OTHER_FIELDS = ("name", "active", "company_id", "user_id", "partner_id")
# whose values are the same in JSON
PLAIN_TYPES = ("boolean", "char", "integer", "many2one", "reference", "selection")


class NoojeeCall(models.Model):
    """The ringing path's one round trip to the database."""

    _inherit = "noojee.call"

    @api.model
    def _probe(self, e164, company):
        """Ids of all records with a number, by the names of their models, and those
        of ``noojee.number``; what is asked of them next is in the cache.

        Everybody's: whoever asks sees some of them, see :meth:`_seen`. To have the
        ORM write the same query with each user's rules in it takes longer than all of
        this, and most numbers belong to one record or none.
        """
        # SQL: one round trip for all models; the ORM makes two for each
        models_, code = self._probe_query("$1")
        self._flush_probed(models_)
        rows = ask(self.env.cr, code, "varchar, integer", e164, company.id)
        return self._probe_rows((e164, *row) for row in rows).get(e164, {})

    @api.model
    def _probe_many(self, numbers, company):
        """What :meth:`_probe` tells of each of several numbers, in one round trip."""
        models_, code = self._probe_query("wanted.number")
        self._flush_probed(models_)
        code = (
            "SELECT wanted.number, found.* FROM unnest($1) AS wanted(number)"
            f" CROSS JOIN LATERAL ({code}) AS found"
        )
        rows = ask(self.env.cr, code, "varchar[], integer", numbers, company.id)
        by_number = self._probe_rows(rows)
        return {number: by_number.get(number, {}) for number in numbers}

    @api.model
    def _flush_probed(self, models_):
        for name, conditions, _fnames in models_:
            self.env[name].flush_model(conditions)

    @api.model
    def _probe_rows(self, rows):
        """:return: ids by the names of their models, by number; what was read of them
        is in the cache"""
        ids, values_of = {}, {}
        for number, name, record_id, values in rows:
            ids.setdefault(number, {}).setdefault(name, []).append(record_id)
            values_of.setdefault(name, {})[record_id] = values
        for name, of_model in values_of.items():
            records = self.env[name].browse(of_model)
            columns = zip(*of_model.values(), strict=True)
            for fname, values in zip(self._probe_fields(name), columns, strict=True):
                records._fields[fname]._insert_cache(records, values)
        return ids

    @api.model
    @tools.ormcache("number")
    def _probe_query(self, number):
        """:param str number: what stands in its place in the SQL; the company is ``$2``
        :return: ``(name, fields of conditions, fields read)`` of each model that is
            looked through; and the SQL. What was remembered comes first, then
            contacts: however many have a number, these are among the found.
        """
        names = sorted(self._record_models(), key=lambda n: (n != "res.partner", n))
        names = [name for name in names if self.env[name]._noojee_is_matched()]
        names.insert(0, "noojee.number")
        models_ = tuple(
            (name, self._probe_conditions(name), self._probe_fields(name))
            for name in names
        )
        selects = [self._probe_code(*entry, number) for entry in models_]
        # one limit for all: to plan one for each takes longer than to search
        limit = ENOUGH * len(models_)
        return models_, f"{' UNION ALL '.join(selects)} LIMIT {limit}"

    @api.model
    def _probe_code(self, name, conditions, fnames, number):
        wanted, *others = [f'"{fname}"' for fname in conditions]
        where = [f"{wanted} = {number}"]
        if name == "noojee.number":
            where += [f"{other} = $2" for other in others]
        else:
            where += [f"{other} IS TRUE" for other in others]
        values = ", ".join(f'"{fname}"' for fname in fnames)
        return (
            f"SELECT '{name}' AS name, id, jsonb_build_array({values})"
            f' FROM "{self.env[name]._table}" WHERE {" AND ".join(where)}'
        )

    @api.model
    def _probe_conditions(self, name):
        if name == "noojee.number":
            return ("number", "company_id")
        active = self.env[name]._active_name
        is_stored = active and self.env[name]._fields[active].store
        return ("phone_sanitized", active) if is_stored else ("phone_sanitized",)

    @api.model
    def _probe_fields(self, name):
        fields = self.env[name]._fields
        return tuple(
            fname
            for fname in FIELDS.get(name, OTHER_FIELDS)
            if fname in fields
            and fields[fname].store
            and fields[fname].type in PLAIN_TYPES
            and not fields[fname].translate
            and not fields[fname].company_dependent
        )

    @api.model
    def _seen(self, model, ids, e164, pbx):
        """Those of some records that are open and that the user of the model's
        environment may read; a receptionist without any right on leads sees none.

        :param str e164: where they were found by it
        """
        if not ids:
            return model
        domain = model._noojee_open_domain()
        if model.env.su and "company_id" in model:
            # without a user no record rule tells companies apart
            domain &= Domain("company_id", "in", [pbx.company_id.id, False])
        if len(ids) >= ENOUGH and model.has_access("read"):
            same_number = Domain("phone_sanitized", "=", e164)
            return model.search(same_number & domain, limit=ENOUGH)
        records = model.browse(ids)._filtered_access("read")
        if not e164 and model._active_name:
            records = records.filtered(model._active_name)
        return records if domain.is_true() else records.filtered_domain(domain)
