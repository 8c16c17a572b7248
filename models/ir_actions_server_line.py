from odoo import api, fields, models
from odoo.exceptions import ValidationError


class IrActionsServer(models.Model):
    """Whose line a server action uses."""

    _inherit = "ir.actions.server"

    noojee_line = fields.Selection(
        [
            ("user", "Current user"),
            ("salesperson", "The record's salesperson"),
            ("field", "A field of the record"),
            ("fixed", "A fixed user"),
        ],
        string="Whose line",
        compute="_compute_noojee_line",
        store=True,
        readonly=False,
        help="For portal users and the system itself, which have no line, the current "
        "user's is the record's salesperson's.",
    )
    noojee_line_path = fields.Char(
        string="User field",
        compute="_compute_noojee_line_path",
        store=True,
        readonly=False,
        help="Leads from the record to a user, for example partner_id.user_id.",
    )
    noojee_line_user_id = fields.Many2one(
        "res.users",
        string="User",
        compute="_compute_noojee_line_user_id",
        store=True,
        readonly=False,
        domain=[("share", "=", False)],
        ondelete="set null",
    )

    @api.depends("state")
    def _compute_noojee_line(self):
        for action in self:
            action.noojee_line = action._noojee_kind() and (
                action.noojee_line or "user"
            )

    @api.depends("noojee_line", "model_id")
    def _compute_noojee_line_path(self):
        for action in self:
            # a path of another model leads nowhere
            is_kept = action.noojee_line == "field" and not action._noojee_path_fault()
            if not is_kept:
                action.noojee_line_path = False

    @api.depends("noojee_line")
    def _compute_noojee_line_user_id(self):
        for action in self:
            if action.noojee_line != "fixed":
                action.noojee_line_user_id = False

    @api.constrains("noojee_line", "noojee_line_path", "model_id")
    def _check_noojee_line_path(self):
        for action in self:
            if action.noojee_line == "field" and (fault := action._noojee_path_fault()):
                raise ValidationError(fault)

    @api.constrains("noojee_line", "noojee_line_user_id")
    def _check_noojee_line_user_id(self):
        for action in self:
            if action.noojee_line == "fixed" and not action.noojee_line_user_id:
                raise ValidationError(
                    self.env._("Choose the user whose line is to be used.")
                )

    def _noojee_path_fault(self):
        """Why the path does not lead from a record to one user, or False."""
        if not self.noojee_line_path:
            return self.env._(
                "Choose the field that tells whose line is to be used, for example the "
                "salesperson of the record's contact."
            )
        model = self.env[self.model_name] if self.model_name else None
        for name in self.noojee_line_path.split("."):
            field = None if model is None else model._fields.get(name)
            if not field or field.type != "many2one":
                return self.env._(
                    "%(path)s does not lead to a user: each field on the way must lead "
                    "to one record.",
                    path=self.noojee_line_path,
                )
            model = self.env[field.comodel_name]
        if model._name != "res.users":
            return self.env._(
                "%(path)s leads to a record that is no user. Go on to a field that "
                "names one.",
                path=self.noojee_line_path,
            )
        return False

    def _noojee_lines(self, records):
        """Whose line is used for each record.

        :return: dict from the records' ids to ``(user, False)``, or ``(no user, why
            not)``
        """
        user = self.env.user
        is_at_a_desk = not (user._is_superuser() or user.share)
        if self.noojee_line == "user" and is_at_a_desk:
            return self._noojee_line_for_all(records, user)
        return self._noojee_lines_by_record(records)

    def _noojee_lines_by_record(self, records):
        """The same, whoever the current user is."""
        # sudo: the action decides whose line it is, not what its user may see
        records_sudo = records.sudo()
        match self.noojee_line:
            case "field":
                return self._noojee_lines_by_field(records_sudo)
            case "fixed":
                return self._noojee_line_for_all(records_sudo, self.noojee_line_user_id)
        return self._noojee_salespeople(records_sudo)

    def _noojee_line_for_all(self, records, user):
        reason = not user and self.env._("The action names no user.")
        return {record.id: (user, reason) for record in records}

    def _noojee_salespeople(self, records):
        reason = self.env._("The record has no salesperson.")
        field = records._fields.get("user_id")
        is_user = field and field.comodel_name == "res.users"
        nobody = self.env["res.users"]
        users = {r.id: r.user_id[:1] if is_user else nobody for r in records}
        return {id_: (user, not user and reason) for id_, user in users.items()}

    def _noojee_lines_by_field(self, records):
        if self._noojee_path_fault():
            # a field may have gone with its module, or its studio
            return self._noojee_line_for_all(records, self.env["res.users"])
        reason = self.env._(
            "%(path)s names nobody for this record.", path=self.noojee_line_path
        )
        users = {r.id: r.mapped(self.noojee_line_path) for r in records}
        return {id_: (user, not user and reason) for id_, user in users.items()}
