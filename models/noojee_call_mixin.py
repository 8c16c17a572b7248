from lxml import etree

from odoo import api, fields, models

CALL_BUTTON = (
    '<button name="action_noojee_call" type="object" string="Call" icon="fa-phone"'
    ' groups="noojee.group_user" data-hotkey="shift+t"/>'
)
CALLS_STAT_BUTTON = (
    '<button name="action_noojee_calls" type="object" class="oe_stat_button"'
    ' icon="fa-phone" groups="noojee.group_user">'
    '<field name="noojee_call_count" string="Calls" widget="statinfo"/></button>'
)


class NoojeeCallMixin(models.AbstractModel):
    """Records that can be called. One inherited class puts the buttons *Call* and
    *Calls* into every form of its model that has a sheet."""

    _name = "noojee.call.mixin"
    _description = "Records that can be called"

    noojee_call_count = fields.Integer(
        string="Calls",
        compute="_compute_noojee_call_count",
        groups="noojee.group_user",
    )

    def _compute_noojee_call_count(self):
        counts = dict(
            self.env["noojee.call"]._read_group(
                [("record_ref", "in", [f"{r._name},{r.id}" for r in self._origin])],
                ["record_ref"],
                ["__count"],
            )
        )
        for record in self:
            key = f"{record._name},{record._origin.id}"
            record.noojee_call_count = counts.get(key, 0)

    def action_noojee_call(self):
        """Ring the user's desk, then this record's number.

        :raise UserError: in plain words, when it was not dialled.
        """
        self.ensure_one()
        self.check_access("read")
        call = self.env["noojee.call"]._dial(self._noojee_number(), record=self)
        return {
            "type": "ir.actions.client",
            "tag": "noojee.show_call",
            "params": {"call": call},
        }

    def action_noojee_calls(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("noojee.noojee_call_action")
        action["domain"] = self._noojee_calls_domain()
        action["context"] = {}
        return action

    def _noojee_number(self):
        """The number to call: the record's own, else its customer's."""
        fnames = [f for f in self._phone_get_number_fields() if f in self._fields]
        own = next((self[fname] for fname in fnames if self[fname]), False)
        return own or self.env["noojee.call"]._partner_of(self).phone

    def _noojee_calls_domain(self):
        return [("record_ref", "=", f"{self._name},{self.id}")]

    def unlink(self):
        # sudo: nobody writes calls; they stay, and are about nothing any more
        calls_sudo = self.env["noojee.call"].sudo()._about(self)
        result = super().unlink()
        calls_sudo.record_ref = False
        return result

    # === FORM === #

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        # cached across users: what is put in must not depend on who asks
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and (sheet := arch.find("./sheet")) is not None:
            self._noojee_add_buttons(arch, sheet)
        return arch, view

    @api.model
    def _noojee_add_buttons(self, form, sheet):
        header = form.find("./header")
        if header is None:
            header = etree.Element("header")
            sheet.addprevious(header)
        box = sheet.find(".//div[@name='button_box']")
        if box is None:
            box = etree.Element("div", {"name": "button_box", "class": "oe_button_box"})
            sheet.insert(0, box)
        call_button = etree.fromstring(CALL_BUTTON)
        buttons = header.findall("./button")
        if buttons:
            buttons[-1].addnext(call_button)
        else:
            header.insert(0, call_button)
        box.insert(0, etree.fromstring(CALLS_STAT_BUTTON))
