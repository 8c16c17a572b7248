from odoo import models
from odoo.exceptions import AccessError, UserError


class NoojeePbx(models.Model):
    """What came of the calls of a PBX's campaigns."""

    _inherit = "noojee.pbx"

    def _fetch_results_now(self):
        """Have call records read after commit.

        :return: a notification; another one tells what came of it
        :raise AccessError: for who is no supervisor.
        :raise UserError: while a PBX is not set up, or switched off.
        """
        if not self.env.user.has_group("noojee.group_supervisor"):
            raise AccessError(
                self.env._("Supervisors have results fetched. Ask one of them.")
            )
        self.check_access("read")
        if not self:
            raise UserError(self.env._("There is no PBX yet to fetch results from."))
        for pbx in self:
            pbx._check_usable()
            # sudo: nobody writes these rows, they note what happened
            mirrors_sudo = self.env["noojee.campaign.mirror"].sudo()
            mirrors_sudo._of(pbx)._want_results(self.env.user)
        return self._tell_begun(
            self.env._(
                "The results of %(pbxs)s are being fetched.",
                pbxs=", ".join(self.mapped("name")),
            )
        )
