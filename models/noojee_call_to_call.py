from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

LIMIT = 40
# what was dialled or put off comes after the rest
ORDER = "noojee_put_off_at nulls first, date_deadline, id"


class NoojeeCall(models.Model):
    """*To call*: the user's due Call activities, on records that can be called."""

    _inherit = "noojee.call"

    @api.model
    def get_to_call(self):
        """Whom the user is to call today: the oldest first, then those whom he has
        dialled or put off, last those who may not be called yet.

        :return: ``{"entries", "count": of all there are}``; entries is a list of up to
            40 ``{"activity_id", "model", "id", "name", "subtitle", "number" (the one
            that would be dialled, or ""; see :meth:`_shown_values`), "due"
            (``overdue`` or ``today``), "summary", "attempts", "opens" (in words, ""
            where it may be called now)}``
        """
        own = self._in_all_companies()
        activities = own.env["mail.activity"].search(
            self._to_call_domain(), order=ORDER, limit=LIMIT
        )
        records = own._activity_records(activities)
        numbers = {record: record._noojee_number() for record in records.values()}
        pbx = self._own_pbx()
        opens = self._opening_words(numbers, pbx)
        today = self._today_of(self.env.user)
        entries = [
            {
                "activity_id": activity.id,
                **self._to_call_row(record, numbers[record], pbx),
                "due": "overdue" if activity.date_deadline < today else "today",
                "summary": activity.summary or activity.activity_type_id.name or "",
                "opens": opens[record],
            }
            for activity in activities
            if (record := records.get(activity.id)) is not None
        ]
        entries.sort(key=lambda entry: bool(entry["opens"]))
        hidden = len(activities) - len(entries)
        return {"entries": entries, "count": self._to_call_count(activities) - hidden}

    @api.model
    def add_to_my_calls(self, res_model, res_ids):
        """Put records on the user's list of whom to call, each once.

        :return: action that tells how many were added
        :raise UserError: where such records cannot be called.
        """
        if (
            res_model not in self._record_models()
            or "activity_ids" not in self.env[res_model]
        ):
            raise UserError(self.env._("Such records cannot be called."))
        records = self.env[res_model].browse(res_ids).exists()
        records.check_access("read")
        listed = self._to_call_of(records).mapped("res_id")
        added = records - records.browse(listed)
        added.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self._today_of(self.env.user),
            user_id=self.env.uid,
            automated=False,
        )
        return self._tell_added(len(added), len(records))

    @api.model
    def _tell_added(self, added, chosen):
        if added:
            message = self.env._("%(added)s added to your calls.", added=added)
        else:
            message = self.env._("Nothing added.")
        if added < chosen:
            message += " " + self.env._(
                "%(listed)s were on your list already.", listed=chosen - added
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if added else "info",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _to_call_domain(self):
        return (
            Domain("user_id", "=", self.env.uid)
            & Domain("activity_type_id.category", "=", "phonecall")
            & Domain("date_deadline", "<=", self._today_of(self.env.user))
            & Domain("res_model", "in", self._to_call_models())
        )

    @api.model
    def _to_call_models(self):
        """Names of the models whose records stand on the list."""
        return self._record_models()

    @api.model
    def _to_call_count(self, first):
        """:param first: the first of them, as many as are shown"""
        if len(first) < LIMIT:
            return len(first)
        return first.search_count(self._to_call_domain())

    @api.model
    def _to_call_of(self, records):
        """The activities of the user's list on some records."""
        on_records = Domain("res_model", "=", records._name) & Domain(
            "res_id", "in", records.ids
        )
        return self.env["mail.activity"].search(
            self._to_call_domain() & on_records, order=ORDER
        )

    @api.model
    def _activity_records(self, activities):
        """The activities' records that the user may read, by the activities' ids."""
        found = {}
        for name, of_model in activities.grouped("res_model").items():
            records = self.env[name].browse(of_model.mapped("res_id")).exists()
            readable = records._filtered_access("read")
            for activity in of_model:
                if activity.res_id in readable._ids:
                    # the whole set is read at once
                    found[activity.id] = readable.browse(activity.res_id).with_prefetch(
                        readable._ids
                    )
        return found

    @api.model
    def _to_call_row(self, record, number, pbx):
        party = self._describe(record)
        return {
            "model": record._name,
            "id": record.id,
            "name": party["name"],
            "subtitle": party["subtitle"],
            **self._shown_values(
                self._number_shown(record, number, pbx), number, record
            ),
            "attempts": record.noojee_attempt_count,
        }
