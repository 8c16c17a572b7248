import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ir_actions_server import DEFAULT_TAG
from .noojee_command import TAGGED
from .reference import KnownReference
from .transaction import try_part


class IrActionsServer(models.Model):
    """The tag of a server action: a template, tried when it is saved."""

    _inherit = "ir.actions.server"

    noojee_tag = fields.Char(
        string="Tag",
        compute="_compute_noojee_tag",
        store=True,
        readonly=False,
        help="What the PBX keeps with the recording, for example "
        "{{ object.name }} for the order's number.",
    )
    noojee_preview_ref = KnownReference(
        selection="_selection_target_model",
        string="Previewed on",
        compute="_compute_noojee_preview_ref",
        readonly=False,
        help="The newest one that you may read, or any other that you choose.",
    )
    noojee_preview = fields.Char(
        string="Preview", compute="_compute_noojee_preview", help="The tag as it comes."
    )
    noojee_preview_fault = fields.Char(compute="_compute_noojee_preview")

    @api.depends("state")
    def _compute_noojee_tag(self):
        for action in self:
            if action._noojee_kind() not in TAGGED:
                action.noojee_tag = False
            elif not action.noojee_tag:
                action.noojee_tag = DEFAULT_TAG

    @api.depends("state", "model_id")
    def _compute_noojee_preview_ref(self):
        for action in self:
            record = action._noojee_newest()
            action.noojee_preview_ref = record and f"{record._name},{record.id}"

    @api.depends("state", "model_id", "noojee_tag", "noojee_preview_ref")
    def _compute_noojee_preview(self):
        commands = self.env["noojee.command"]
        for action in self:
            record = action.noojee_preview_ref
            kind = action._noojee_kind()
            action.noojee_preview = action.noojee_preview_fault = False
            if kind in TAGGED and record and record._name == action.model_name:
                tag, fault = action._noojee_preview_tag(record)
                tag, fault = commands._check_tag(kind, tag, fault)
                action.noojee_preview = not fault and tag
                action.noojee_preview_fault = fault

    @api.constrains("noojee_tag", "state", "model_id")
    def _check_noojee_tag(self):
        """Try each tag once, on the newest record there is."""
        for action in self:
            kind = action._noojee_kind()
            if kind not in TAGGED:
                continue
            tag, fault = action.noojee_tag, False
            # sudo: whoever may write actions may try them
            record = action.sudo()._noojee_newest()
            if record:
                tag, fault = action.sudo()._noojee_render_tags(record)[record.id]
            if "{{" not in (action.noojee_tag or ""):
                # the same for each record
                tag, fault = self.env["noojee.command"]._check_tag(kind, tag, fault)
            if fault:
                raise ValidationError(fault)

    def _noojee_newest(self):
        """A record to try the tag on: the newest that may be read, or False."""
        if self._noojee_kind() not in TAGGED or self.model_name not in self.env:
            return False
        model = self.env[self.model_name]
        if model._abstract or not model._auto or not model.has_access("read"):
            return False
        return model.search([], order="id desc", limit=1) or False

    def _noojee_render_tags(self, records):
        """The tags for records' recordings.

        :return: dict from the records' ids to ``(tag, False)`` or, where the template
            does not fit a record, ``(False, why not)``: the record's own work must
            not be held up by it
        """
        tags = self._noojee_try_tags(records)
        if tags is None:
            # one of them fails: the others have theirs
            tags = {}
            for record in records:
                tags |= self._noojee_try_tags(record) or {}
        return {
            record.id: (tags[record.id].strip(), False)
            if record.id in tags
            else (False, self._noojee_fault_words(record))
            for record in records
        }

    def _noojee_preview_tag(self, record):
        """As :meth:`_noojee_render_tags`, for one record and without a savepoint:
        rolled back, it would lose what stands in the form."""
        try:
            return self._noojee_render(record)[record.id].strip(), False
        except psycopg2.Error:
            raise
        except Exception:  # whatever the template raises
            return False, self._noojee_fault_words(record)

    def _noojee_try_tags(self, records):
        tags = {}
        error = try_part(self.env, lambda: tags.update(self._noojee_render(records)))
        return None if error else tags

    def _noojee_render(self, records):
        return self.env["mail.render.mixin"]._render_template(
            self.noojee_tag or "", records._name, records.ids
        )

    def _noojee_fault_words(self, record):
        return self.env._(
            "The tag %(tag)s does not fit %(record)s. An administrator should correct "
            "it in the action %(action)s.",
            tag=self.noojee_tag,
            record=record.display_name,
            action=self.name,
        )
