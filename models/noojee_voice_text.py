from odoo import api, fields, models
from odoo.exceptions import UserError


class NoojeeVoiceText(models.AbstractModel):
    """What an agent reads to a customer: a text with an order's figures in it.

    As in mail templates, only template editors may save expressions that are more
    than a field's name; whoever takes a signature may render them.
    """

    _name = "noojee.voice.text"
    _inherit = ["mail.render.mixin"]
    _description = "Text that is read to customers"

    _unrestricted_rendering = True

    def _compute_render_model(self):
        self.render_model = "sale.order"

    @api.model
    def _language_of(self, order):
        """The code of the language that an order's customer is spoken to in."""
        return order.partner_id.lang or order.company_id.partner_id.lang or "en_US"

    @api.model
    def _today(self):
        """The day where the agent sits."""
        # sudo: whoever writes scripts has no line at times, and sees none
        line_sudo = self.env["noojee.extension"].sudo()._line_of(self.env.user)
        zone = self.env.user.tz or line_sudo.pbx_id.tz
        return fields.Date.context_today(self.with_context(tz=zone))

    def _spoken(self, fname, order):
        """One of this record's texts with the figures of an order, in the customer's
        language.

        :raise UserError: where it cannot be rendered.
        """
        self.ensure_one()
        own = self.with_context(lang=self._language_of(order))
        rendered = own._render_template(
            own[fname] or "",
            order._name,
            order.ids,
            add_context={"today": self._today()},
        )
        return rendered[order.id].strip()

    def _fault_words(self, order):
        return self.env._(
            "%(text)s does not fit %(order)s. Whoever looks after the scripts should "
            "correct it.",
            text=self.display_name,
            order=order.display_name,
        )

    def _may_be_rendered(self, fname):
        """Whether what stands in a form may be run: who may not save an expression
        sees no preview of it either."""
        is_saved = self == self._origin or self[fname] == self._origin[fname]
        return (
            is_saved
            or self.env.user.has_group("mail.group_mail_template_editor")
            or not self._has_unsafe_expression_template_inline_template(
                self[fname], "sale.order"
            )
        )

    def _try_spoken(self, fname, order):
        """:return: ``(text, False)``, or ``(False, why not)``"""
        own = self.with_context(lang=self._language_of(order))
        if not own._may_be_rendered(fname):
            return False, self.env._("Only template editors may write: %s", self[fname])
        try:
            return self._spoken(fname, order), False
        except UserError:
            return False, self._fault_words(order)

    # === LANGUAGES === #

    def _in_all_languages(self, fname):
        """:return: dict of a text by the code of its language"""
        return {
            code: self.with_context(lang=code)[fname] or ""
            for code, _name in self.env["res.lang"].get_installed()
        }

    def _take_translations(self, fname, other):
        """Say the same as another record does, in each language."""
        for code, text in other._in_all_languages(fname).items():
            self.with_context(lang=code).write({fname: text})
