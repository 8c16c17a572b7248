from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..client import NoojeeError
from ..models.transaction import repeat

HOURS = [(str(hour), f"{hour:02}:00 – {hour:02}:59") for hour in range(24)]
MOST_LINES = 500


class NoojeeFindRecordings(models.TransientModel):
    """Looks older recordings up on the PBX and brings the chosen ones home."""

    _name = "noojee.find.recordings"
    _description = "Find recordings"

    pbx_id = fields.Many2one(
        "noojee.pbx",
        string="PBX",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env["noojee.pbx"].search([], limit=1),
    )
    by = fields.Selection(
        [("tag", "Order or invoice number"), ("hour", "Hour")],
        string="Look up by",
        required=True,
        default="tag",
    )
    tag = fields.Char(string="Number", help="The tag that the recording was given.")
    day = fields.Date(default=lambda self: self._default_day())
    hour = fields.Selection(HOURS, help="By the PBX's clock.")
    tz = fields.Selection(related="pbx_id.tz")
    record_ref = fields.Reference(
        selection=lambda self: self.env["noojee.call"]._selection_record_models(),
        string="File on",
        default=lambda self: self._default_record(),
    )
    line_ids = fields.One2many("noojee.find.recordings.line", "wizard_id")
    is_found = fields.Boolean()
    message = fields.Char()

    @api.model
    def _default_day(self):
        return fields.Date.context_today(self)

    @api.model
    def _default_record(self):
        """The record that this was opened from."""
        model = self.env.context.get("active_model")
        record_id = self.env.context.get("active_id")
        if not record_id or model not in self.env["noojee.call"]._record_models():
            return False
        return f"{model},{record_id}"

    @api.onchange("record_ref")
    def _onchange_record_ref(self):
        if not self.tag and self.record_ref and "name" in self.record_ref:
            # contacts and leads are no numbers
            is_order = self.record_ref._name not in ("res.partner", "crm.lead")
            self.tag = is_order and self.record_ref.name

    # === FINDING === #

    def action_find(self):
        """Ask the PBX, and show what it lists.

        :raise UserError: in plain words, where it cannot be asked now
        """
        self.ensure_one()
        self._check_words()
        try:
            rows = self._ask()
        except NoojeeError as error:
            raise UserError(self.pbx_id._explain_list(error)) from None
        rows = [row for row in rows if self._legs()._key(row)]
        visible = self._visible(rows)
        self.line_ids.unlink()
        self.write(
            {
                "is_found": True,
                "message": self._message(rows, visible),
                "line_ids": [
                    Command.create(self._line_values(row, leg))
                    for row, leg in visible[:MOST_LINES]
                ],
            }
        )
        return self._reopen()

    def _check_words(self):
        if self.by == "tag" and not (self.tag or "").strip():
            raise UserError(self.env._("Write the number of the order or invoice."))
        if self.by == "hour" and not (self.day and self.hour):
            raise UserError(self.env._("Choose a day and an hour."))

    def _ask(self):
        if self.by == "hour":
            return self.pbx_id._hour_list(self._moment())
        tag = self.tag.strip()
        return self.pbx_id._ask_recordings(lambda client: client.retrieve_metadata(tag))

    def _moment(self):
        """The chosen hour, UTC, naive."""
        local = datetime.combine(self.day, datetime.min.time()).replace(
            hour=int(self.hour), tzinfo=ZoneInfo(self.pbx_id.tz)
        )
        return local.astimezone(timezone.utc).replace(tzinfo=None)

    def _legs(self):
        # sudo: which legs are here is told to those who may look them up on the PBX
        return self.env["noojee.recording.leg"].sudo()

    def _visible(self, rows):
        """What this user may see: not the recordings of other teams' calls.

        :return: list of the rows, each with its leg where it is here
        """
        known = self._legs()._of_rows(self.pbx_id, rows)
        recordings = self.env["noojee.recording"].sudo()
        visible = {}
        for row in rows:
            if row.unique_id not in visible:
                call = recordings._call_of(self.pbx_id, [row]).sudo(False)
                visible[row.unique_id] = not call or call.has_access("read")
        key = self._legs()._key
        return [
            (row, known.get(key(row), self._legs()))
            for row in rows
            if visible[row.unique_id]
        ]

    def _message(self, rows, visible):
        hidden = len(rows) - len(visible)
        if hidden:
            return self.env._(
                "%(count)s more are of calls that are not yours to see.", count=hidden
            )
        if not rows and self.by == "tag":
            return self.env._(
                "%(pbx)s has no recording of this number.", pbx=self.pbx_id.name
            )
        if not rows:
            return self.env._(
                "%(pbx)s has no recording that ended in this hour.",
                pbx=self.pbx_id.name,
            )
        return False

    def _line_values(self, row, leg):
        values = self._legs()._prepare_values(self.pbx_id, row)
        return {
            **{name: values[name] for name in self.line_ids._wire_names()},
            "is_chosen": not leg and self.by == "tag",
            "leg_state": leg.state,
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Find recordings"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # === BRINGING HOME === #

    def action_attach(self):
        """File the chosen recordings on the record, and have their audio fetched.

        The PBX is asked once more: of what it tells nothing comes from a browser, and
        all legs of a call belong together.

        :raise UserError: where nothing was chosen, or the PBX cannot be asked now
        """
        self.ensure_one()
        ids = list(dict.fromkeys(self._chosen().mapped("unique_id")))
        record = self._record_to_file_on()
        try:
            rows = self.pbx_id._ask_recordings(
                lambda client: [
                    row
                    for id_ in ids
                    for row in client.retrieve_metadata_by_unique_id(id_)
                ]
            )
        except NoojeeError as error:
            raise UserError(self.pbx_id._explain_list(error)) from None
        rows = [row for row, _leg in self._visible(rows)]
        return self._show(self._bring_apart(rows, record))

    def _chosen(self):
        chosen = self.line_ids.filtered("is_chosen")
        if not chosen:
            raise UserError(self.env._("Choose what is to be brought here."))
        return chosen

    def _record_to_file_on(self):
        record = self.record_ref
        if record and not record.has_access("write"):
            raise AccessError(
                self.env._(
                    "You may not change %(record)s.", record=record.sudo().display_name
                )
            )
        return record

    def _bring_apart(self, rows, record):
        """Take these in as events are: one transaction after another.

        :return: ids of the recordings that this user may see
        """

        def bring():
            with self.env.registry.cursor() as cr:
                wizard = self.with_env(self.env(cr=cr))
                pbx = wizard.pbx_id
                with wizard.env["noojee.call"]._exclusively(pbx.id):
                    recordings = wizard._bring(pbx, rows, record)
                    # the lock must outlive what it guards
                    cr.commit()  # pylint: disable=invalid-commit
                return recordings._filtered_access("read").ids

        return repeat(bring)

    @api.model
    def _bring(self, pbx, rows, record):
        """:return: the recordings, not all of which this user may see"""
        # sudo: nobody writes recordings; the PBX listed these, and this user may have
        # them looked up
        pbx_sudo = pbx.sudo()
        pbx_sudo.env["noojee.call"]._ingest_recorded(pbx_sudo, rows)
        recordings_sudo = pbx_sudo.env["noojee.recording"]
        for unique_id in dict.fromkeys(row.unique_id for row in rows):
            of_call = [row for row in rows if row.unique_id == unique_id]
            recording_sudo = recordings_sudo._found(pbx_sudo, of_call)
            recording_sudo._take_in(of_call)
            recording_sudo._fetch_found()
            recordings_sudo |= recording_sudo
        if record:
            # a tombstone says nothing of anybody
            kept_sudo = recordings_sudo.filtered(lambda r: r.state != "purged")
            kept_sudo.record_ref = f"{record._name},{record.id}"
        return recordings_sudo.sudo(False)

    def _show(self, ids):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noojee.noojee_recording_action"
        )
        return {**action, "domain": [("id", "in", ids)], "context": {}}
