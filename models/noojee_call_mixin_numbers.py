from lxml import etree

from odoo import api, fields, models
from odoo.tools import create_index, make_identifier


class NoojeeCallMixin(models.AbstractModel):
    """Numbers found at each call: the record's own, and those remembered for it."""

    _inherit = "noojee.call.mixin"

    noojee_number_ids = fields.One2many(
        "noojee.number",
        string="Also calls from",
        compute="_compute_noojee_number_ids",
        groups="noojee.group_user",
    )

    def init(self):
        super().init()
        if not self._noojee_is_matched():
            return
        # without it each call would read a table whole
        if not self._fields["phone_sanitized"].index:
            create_index(
                self.env.cr,
                make_identifier(f"{self._table}_noojee_number_idx"),
                self._table,
                ["phone_sanitized"],
                where="phone_sanitized IS NOT NULL",
            )

    @api.model
    def _noojee_is_matched(self):
        """Whether such records are found by their number."""
        field = self._fields.get("phone_sanitized")
        return bool(not self._abstract and self._auto and field and field.store)

    @api.depends_context("uid")
    def _compute_noojee_number_ids(self):
        # those of a company that the user may work in, whichever he works in now
        numbers = self.env["noojee.number"].with_context(
            allowed_company_ids=[*self.env.user._get_company_ids()]
        )
        found = numbers._about(self._origin).grouped(lambda n: n.record_ref.id)
        for record in self:
            record.noojee_number_ids = found.get(record._origin.id, numbers)

    def _noojee_remembered_numbers(self):
        """The numbers that this record, or a contact of it, calls from as well.

        :return: as :meth:`_noojee_numbers`
        """
        customer = self.env["noojee.call"]._partner_of(self)
        owners = [(self, customer)]
        owners += [(partner, partner) for _label, partner in self._noojee_partners()]
        pbxs, country = self.env["noojee.pbx"], self.env.company.country_id
        label = self._fields["noojee_number_ids"]._description_string(self.env)
        return [
            {
                "number": pbxs._international_form(number_sudo.number, country),
                "label": label,
                "partner_id": partner.id,
            }
            for owner, partner in owners
            # sudo: which of them the user may read is known; he calls what he does not
            # see as well
            for number_sudo in owner.noojee_number_ids.sudo()
        ]

    def unlink(self):
        # sudo: users only read what is remembered
        numbers_sudo = self.env["noojee.number"].sudo()._about(self)
        result = super().unlink()
        numbers_sudo.unlink()
        return result

    # === FORM === #

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        sheet = arch.find("./sheet")
        # what has no number, such as an order, has a customer who has
        if view_type == "form" and sheet is not None and self._noojee_is_matched():
            self._noojee_add_numbers(sheet)
        return arch, view

    @api.model
    def _noojee_add_numbers(self, sheet):
        """Show what is remembered under the number; nothing where nothing is."""
        phones = self._phone_get_number_fields()
        rows = [
            self._noojee_row_of(node)
            for node in sheet.iterfind(".//field[@name]")
            # a form may show other records as well
            if node.get("name") in phones and not [*node.iterancestors("field")]
        ]
        for index, row in enumerate(rows):
            row.addnext(self._noojee_numbers_row(row, index))
        if not rows:
            group = etree.SubElement(sheet, "group")
            group.append(self._noojee_numbers_field(0))

    @api.model
    def _noojee_row_of(self, node):
        """What stands in one row with a field."""
        row = node
        while row.getparent().tag not in ("group", "sheet", "page"):
            row = row.getparent()
        # under no group a row is the innermost block
        is_in_group = row.getparent().tag == "group"
        return row if is_in_group or row is node else node.getparent()

    @api.model
    def _noojee_numbers_row(self, row, index):
        field = self._noojee_numbers_field(index)
        if row.getparent().tag == "group":
            return field
        block = etree.fromstring(
            '<div class="d-flex align-items-baseline" groups="noojee.group_user">'
            '<i class="fa fa-fw me-1 fa-history text-muted"/></div>'
        )
        block[0].set("title", self.env._("Also calls from"))
        block.set("invisible", "not noojee_number_ids")
        block.append(field)
        return block

    @api.model
    def _noojee_numbers_field(self, index):
        return etree.Element(
            "field",
            {
                "name": "noojee_number_ids",
                "id": f"noojee_number_ids_{index}",
                "widget": "noojee_numbers",
                "readonly": "1",
                "groups": "noojee.group_user",
                "invisible": "not noojee_number_ids",
            },
        )
