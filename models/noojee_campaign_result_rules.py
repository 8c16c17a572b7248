import logging

from odoo import fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .noojee_campaign_rule import LeftAsItIs
from .transaction import try_part

_logger = logging.getLogger(__name__)


class NoojeeCampaignResult(models.Model):
    """Applying the rules of a result's disposition."""

    _inherit = "noojee.campaign.result"

    def _apply_rules(self):
        """Apply each rule that has not been yet, in their order; what one of them
        cannot do stands on the record, and costs the others nothing."""
        self.ensure_one()
        if self.done_turn == self.turn:
            # what has come to be a rule since is for those who are called from now on
            self.write({"state": "done", "reason": False})
            return
        if self.disposition and not self.disposition_id:
            self._note_failed(
                self.env._(
                    "%(template)s has no disposition “%(disposition)s”, and so no "
                    "rules for it.",
                    template=self.template_id.name,
                    disposition=self.disposition,
                )
            )
            return
        # rules act in the company of the PBX, and in no other
        company = self.company_id
        acting = self.with_company(company).with_context(
            allowed_company_ids=company.ids, lang=self.user_id.lang or self.env.lang
        )
        steps, rules = acting._steps_of_turn(), acting._rules()
        for rule in rules:
            if not steps.get(rule.id, steps[None]).is_done:
                acting._apply(rule, steps.get(rule.id))
        self._note_applied(rules)

    def _rules(self):
        if not self.disposition_id:
            return self.env["noojee.campaign.rule"]
        return self.env["noojee.campaign.rule"].search(
            [
                ("template_id", "=", self.template_id.id),
                ("disposition_id", "in", [self.disposition_id.id, False]),
            ]
        )

    def _steps_of_turn(self):
        """:return: dict from the rules' ids; None stands for no step"""
        steps = self.step_ids.filtered(lambda step: step.turn == self.turn)
        return {None: steps.browse(), **{step.rule_id.id: step for step in steps}}

    def _apply(self, rule, step):
        error = try_part(self.env, lambda: rule._carry_out(self))
        values = {
            "is_done": not error or isinstance(error, LeftAsItIs),
            "reason": error and self._error_words(rule, error),
        }
        if step:
            step.write(values)
            return
        self.env["noojee.campaign.result.step"].create(
            {
                "campaign_result_id": self.id,
                "rule_id": rule.id,
                "name": rule.display_name,
                "turn": self.turn,
                "disposition": self.disposition,
                **values,
            }
        )

    def _error_words(self, rule, error):
        if not isinstance(error, (UserError, ValidationError, AccessError)):
            _logger.error(
                "%s cannot be applied to call record %s.",
                rule.display_name,
                self.wire_id,
                exc_info=error,
            )
        return " ".join(str(error).split())

    def _note_applied(self, rules):
        of_turn = self.step_ids.filtered(lambda step: step.turn == self.turn)
        failed = of_turn.filtered(lambda s: not s.is_done and s.rule_id in rules)
        if reasons := [f"{step.name}: {step.reason}" for step in failed]:
            self._note_failed(" · ".join(reasons))
            return
        self.write({"state": "done", "reason": False, "done_turn": self.turn})

    def _erase(self):
        """These tell of nobody any more; what is listed of them does not come back."""
        self.write(
            {
                "name": False,
                "row": False,
                "phone_number": False,
                "number_e164": False,
                "tag": False,
                "lead_key": False,
                "wire_lead_id": False,
                "lead_id": False,
                "push_id": False,
                "reason": False,
                "state": "done",
                "erased_at": fields.Datetime.now(),
            }
        )
