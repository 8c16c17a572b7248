from lxml import etree

from odoo import api, models
from odoo.exceptions import UserError

CALL_BUTTON = (
    '<button name="action_noojee_call" type="object" string="Call" icon="fa-phone"'
    ' groups="noojee.group_user" data-hotkey="shift+t"/>'
)
RECORD_BUTTON = '<widget name="noojee_record" groups="noojee.group_user"/>'
CALLS_STAT_BUTTON = (
    '<button name="action_noojee_calls" type="object" class="oe_stat_button"'
    ' icon="fa-phone" groups="noojee.group_user">'
    '<field name="noojee_call_count" widget="noojee_calls_stat"/></button>'
)


class NoojeeCallMixin(models.AbstractModel):
    """Records that can be called. One inherited class puts the buttons *Call* and
    *Calls* into every form of its model that has a sheet."""

    _name = "noojee.call.mixin"
    _description = "Records that can be called"

    def action_noojee_call(self):
        """Ring the user's desk, then this record's number.

        With several numbers nothing rings yet: a dialogue asks which one.

        :raise UserError: in plain words, when it cannot be called.
        """
        self.ensure_one()
        self.check_access("read")
        numbers = self._noojee_numbers()
        if not numbers:
            raise UserError(
                self.env._(
                    "There is no number to call: %(record)s has no phone, and neither "
                    "has its contact. Enter one, then press Call again.",
                    record=self.display_name,
                )
            )
        if len(numbers) > 1:
            return self._noojee_choose_number(numbers)
        calls, number = self.env["noojee.call"], numbers[0]["number"]
        return calls._dial_action(
            number,
            self,
            self.env["res.partner"].browse(numbers[0]["partner_id"]),
            word=calls._dial_word(number, self, self.env.user),
        )

    def _noojee_choose_number(self, numbers):
        # whoever cannot dial is told before he chooses
        calls = self.env["noojee.call"]
        calls._own_line()
        partners = self.env["res.partner"]
        return {
            "type": "ir.actions.client",
            "tag": "noojee.choose_number",
            "params": {
                "model": self._name,
                "id": self.id,
                "name": self.display_name,
                "numbers": [
                    {
                        **entry,
                        **calls._shown_values(entry["number"], entry["number"], self),
                        "person": partners.browse(entry["partner_id"]).display_name
                        or "",
                    }
                    for entry in numbers
                ],
            },
        }

    def action_noojee_calls(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("noojee.noojee_call_action")
        action["domain"] = self._noojee_calls_domain()
        action["context"] = {}
        return action

    def _noojee_number(self):
        """The number to call first, or False."""
        numbers = self._noojee_numbers()
        return numbers[0]["number"] if numbers else False

    def _noojee_numbers(self):
        """Every number that this record can be called at: its own, then those of its
        contacts; where there is none, those remembered for them; none twice.

        :return: list of ``{"number", "label", "partner_id"}``. Numbers are
            international, whoever dials them from which record; what cannot be read
            is as it was written.
        """
        self.ensure_one()
        # whoever called once from elsewhere has not to be chosen at each call since
        numbers = self._noojee_written_numbers() or self._noojee_remembered_numbers()
        found = {}
        for entry in numbers:
            found.setdefault(entry["number"], entry)
        return list(found.values())

    def _noojee_written_numbers(self):
        customer = self.env["noojee.call"]._partner_of(self)
        numbers = self._noojee_numbers_of(self, customer)
        for label, partner in self._noojee_partners():
            numbers += self._noojee_numbers_of(partner, partner, label)
        return numbers

    def _noojee_dial_numbers(self):
        """See noojee.call."""
        return [entry["number"] for entry in self._noojee_numbers()]

    @api.model
    def _noojee_numbers_of(self, owner, partner, label=None):
        fnames = [f for f in owner._phone_get_number_fields() if f in owner._fields]
        country = owner._phone_get_country().get(owner.id)
        country = country or self.env.company.country_id
        return [
            {
                "number": self.env["noojee.pbx"]._international_form(
                    owner[fname], country
                ),
                "label": label or owner._fields[fname]._description_string(self.env),
                "partner_id": partner.id,
            }
            for fname in fnames
            if owner[fname]
        ]

    def _noojee_partners(self):
        """The contacts whose numbers are this record's too.

        :return: list of ``(what the contact is to the record, contact)``
        """
        return [
            (self._fields[fname]._description_string(self.env), partner)
            for fname in self._mail_get_partner_fields(introspect_fields=True)
            for partner in self[fname]._filtered_access("read")
        ]

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
        if view_type in ("form", "list", "kanban"):
            self._noojee_show_as_phone(arch)
        return arch, view

    @api.model
    def _noojee_show_as_phone(self, arch):
        """Give Odoo's widget to the phone fields that a view shows as plain text."""
        for node in arch.iterfind(".//field[@name]"):
            model = self._noojee_model_of(node)
            phones = [] if model is None else model._phone_get_number_fields()
            # straight in a kanban it is only read
            if (
                node.get("name") not in phones
                or node.get("widget")
                or node.getparent().tag == "kanban"
            ):
                continue
            node.set("widget", "phone")
            # a click calls: no second button beside each number of a list
            node.set("options", node.get("options", "{'enable_sms': False}"))

    @api.model
    def _noojee_model_of(self, node):
        """The model of a field in a view, which may stand in the view of another."""
        model = self
        for parent in reversed([*node.iterancestors("field")]):
            field = model._fields.get(parent.get("name"))
            if not field or not field.comodel_name:
                return None
            model = self.env[field.comodel_name]
        return model

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
        call_button.addnext(etree.fromstring(RECORD_BUTTON))
        box.insert(0, etree.fromstring(CALLS_STAT_BUTTON))
