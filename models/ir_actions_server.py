import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .noojee_command import TAGGED
from .transaction import try_part

_logger = logging.getLogger(__name__)

PREFIX = "noojee_"
NOOJEE_STATES = [
    ("noojee_call", "Noojee: call"),
    ("noojee_hang_up", "Noojee: hang up"),
    ("noojee_start_recording", "Noojee: start recording"),
    ("noojee_stop_recording", "Noojee: stop recording"),
    ("noojee_tag_recording", "Noojee: tag recording"),
]
# what can be done as soon as the next call is connected
ARMABLE = TAGGED
DEFAULT_TAG = "{{ object.display_name }}"
MOST_MINUTES = 7 * 24 * 60


class IrActionsServer(models.Model):
    """Server actions that make the phone system do something."""

    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[*NOOJEE_STATES, ("followers",)],
        ondelete={state: "cascade" for state, _label in NOOJEE_STATES},
    )
    noojee_if_no_call = fields.Selection(
        [
            ("skip", "Skip it, with a note on the record"),
            ("fail", "Fail: listed with Retry"),
            ("arm", "Wait for the next call with this customer"),
        ],
        string="Where no call runs",
        compute="_compute_noojee_if_no_call",
        store=True,
        readonly=False,
    )
    noojee_armed_minutes = fields.Integer(
        string="Wait for at most",
        compute="_compute_noojee_armed_minutes",
        store=True,
        readonly=False,
        help="In minutes.",
    )

    def _noojee_kind(self):
        """The kind of command that this action wishes for, or False."""
        is_ours = self.state in dict(NOOJEE_STATES)
        return is_ours and self.state.removeprefix(PREFIX)

    @api.depends("state")
    def _compute_noojee_if_no_call(self):
        for action in self:
            kind = action._noojee_kind()
            if not kind or kind == "call":
                action.noojee_if_no_call = False
            elif not action.noojee_if_no_call or (
                action.noojee_if_no_call == "arm" and kind not in ARMABLE
            ):
                action.noojee_if_no_call = "skip"

    @api.depends("noojee_if_no_call")
    def _compute_noojee_armed_minutes(self):
        for action in self:
            if action.noojee_if_no_call != "arm":
                action.noojee_armed_minutes = False
            elif not action.noojee_armed_minutes:
                action.noojee_armed_minutes = 60

    @api.depends("state")
    def _compute_available_model_ids(self):
        calling = self.filtered(lambda action: action.state == "noojee_call")
        callable_ = self.env["noojee.call"]._record_models()
        models_ = self.env["ir.model"].sudo().search([("model", "in", callable_)])
        calling.available_model_ids = models_.ids
        return super(IrActionsServer, self - calling)._compute_available_model_ids()

    @api.constrains("state", "model_id")
    def _check_noojee_model(self):
        callable_ = self.env["noojee.call"]._record_models()
        for action in self:
            if action.state == "noojee_call" and action.model_name not in callable_:
                raise ValidationError(
                    self.env._(
                        "Records of the model %(model)s cannot be called. Choose one "
                        "with a Call button, as contacts, leads and orders have it.",
                        model=action.model_id.name,
                    )
                )

    @api.constrains("state", "noojee_if_no_call", "noojee_armed_minutes")
    def _check_noojee_if_no_call(self):
        for action in self.filtered(lambda a: a.noojee_if_no_call == "arm"):
            if action._noojee_kind() not in ARMABLE:
                raise ValidationError(
                    self.env._(
                        "Only recording and tagging can wait for the next call. Choose "
                        "to skip or to fail where no call runs."
                    )
                )
            if not 1 <= action.noojee_armed_minutes <= MOST_MINUTES:
                raise ValidationError(
                    self.env._(
                        "How long to wait for the next call: give between 1 minute and "
                        "%(most)s minutes, which are 7 days.",
                        most=MOST_MINUTES,
                    )
                )

    def _name_depends(self):
        return [*super()._name_depends(), "noojee_tag"]

    def _generate_action_name(self):
        match self._noojee_kind():
            case "call":
                return self.env._("Call with Noojee")
            case "hang_up":
                return self.env._("Hang up the call")
            case "start_recording":
                return self.env._("Start recording the call")
            case "stop_recording":
                return self.env._("Stop recording the call")
            case "tag_recording":
                return self.env._("Tag the recording")
        return super()._generate_action_name()

    # === RUN === #

    def _run_action_noojee_call_multi(self, eval_context=None):
        return self._noojee_wish(eval_context or {})

    def _run_action_noojee_hang_up_multi(self, eval_context=None):
        return self._noojee_wish(eval_context or {})

    def _run_action_noojee_start_recording_multi(self, eval_context=None):
        return self._noojee_wish(eval_context or {})

    def _run_action_noojee_stop_recording_multi(self, eval_context=None):
        return self._noojee_wish(eval_context or {})

    def _run_action_noojee_tag_recording_multi(self, eval_context=None):
        return self._noojee_wish(eval_context or {})

    def _noojee_wish(self, eval_context):
        """Wish for each record; the PBX is asked after commit."""
        records = eval_context.get("records") or eval_context.get("record")
        if not records or self._is_recompute():
            return False
        # whatever goes wrong here must not hold up the record's own work
        if error := try_part(self.env, lambda: self._noojee_wish_for(records)):
            _logger.error("Nothing is wished for by %s.", self.name, exc_info=error)
        return False

    def _noojee_wish_for(self, records):
        kind = self._noojee_kind()
        tags = kind in TAGGED and self._noojee_render_tags(records)
        lines = self._noojee_lines(records)
        self.env["noojee.command"]._wish(kind, records, lines, tags, self)
