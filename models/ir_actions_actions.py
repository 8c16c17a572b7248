from odoo import models, tools
from odoo.tools import frozendict


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @tools.ormcache("model_name", "self.env.lang")
    def _get_bindings(self, model_name):
        """Whatever can be called gets *Add to my calls*, without a record a model."""
        bindings = super()._get_bindings(model_name)
        if model_name not in self.env["noojee.call"]._record_models():
            return bindings
        # sudo: what may be seen of an action is decided by its groups
        action_sudo = self.env.ref(
            "noojee.action_add_to_my_calls", raise_if_not_found=False
        )
        if not action_sudo or "activity_ids" not in self.env[model_name]:
            return bindings
        [values] = action_sudo.sudo().read(["name", "binding_view_types", "sequence"])
        added = frozendict(values, group_ids=("noojee.group_user",))
        actions = (*bindings.get("action", ()), added)
        return frozendict(bindings, action=actions)
