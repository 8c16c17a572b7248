from collections import defaultdict
from functools import partial

from odoo import api, fields, models

from .reference import KnownReference


class NoojeeNumber(models.Model):
    """A number remembered for a record, because a person said *this is the caller*.

    Nobody writes these over RPC: a call's public methods remember, and
    :meth:`forget` forgets.
    """

    _name = "noojee.number"
    _description = "Remembered number"
    _order = "id desc"
    _rec_name = "local_number"

    number = fields.Char(
        required=True,
        readonly=True,
        groups="noojee.group_see_numbers",
        help="In its international form.",
    )
    local_number = fields.Char(
        string="Also calls from", compute="_compute_local_number", compute_sudo=True
    )
    record_ref = KnownReference(
        selection=lambda self: self.env["noojee.call"]._selection_record_models(),
        string="Calls from it are from",
        required=True,
        readonly=True,
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", string="Remembered by", readonly=True, ondelete="set null"
    )
    call_id = fields.Many2one(
        "noojee.call",
        string="Said at",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The call at which a person said who it was.",
    )

    # looked up at each call
    _number_unique = models.Constraint(
        "unique(number, company_id, record_ref)",
        "This number is remembered for it already.",
    )

    @api.depends("number", "company_id")
    @api.depends_context("uid")
    def _compute_local_number(self):
        # sudo: which country a company's PBX stands in is no secret
        pbxs_sudo = self.env["noojee.pbx"].sudo()
        for company, numbers in self.grouped("company_id").items():
            pbx_sudo = pbxs_sudo.search([("company_id", "=", company.id)], limit=1)
            for number in numbers:
                number.local_number = self.env.user._noojee_shown(
                    pbx_sudo._local_format(number.number) if pbx_sudo else number.number
                )

    @api.depends("local_number")
    @api.depends_context("uid")
    def _compute_display_name(self):
        return super()._compute_display_name()

    # === WHO MAY SEE THEM: WHOEVER MAY READ THEIR RECORD === #

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not self or self.env.su:
            return result
        allowed = self - result[0] if result else self
        forbidden = allowed - allowed._of_readable_records()
        if not forbidden:
            return result
        if result:
            return result[0] + forbidden, result[1]
        rules = self.env["ir.rule"]
        return forbidden, partial(rules._make_access_error, operation, forbidden)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        query = super()._search(domain, offset, limit, order, **kwargs)
        if self.env.su or kwargs.get("bypass_access"):
            return query
        return self.browse(query)._of_readable_records()._as_query(order)

    def _of_readable_records(self):
        # sudo: only to know whose they are
        refs = {number.id: number.record_ref for number in self.sudo()}
        ids = defaultdict(set)
        for record in filter(None, refs.values()):
            ids[record._name].add(record.id)
        readable = {
            (name, record_id)
            for name, of_model in ids.items()
            for record_id in self.env[name]
            .browse(of_model)
            .exists()
            ._filtered_access("read")
            ._ids
        }
        return self.filtered(
            lambda number: (
                refs[number.id]
                and (refs[number.id]._name, refs[number.id].id) in readable
            )
        )

    # === WHAT A PERSON DOES === #

    def forget(self):
        """Remember these no more.

        Whoever may read the record may: it is undone by saying it again.
        """
        self = self.with_context(allowed_company_ids=self.env.user.company_ids.ids)
        self = self.exists()
        self.check_access("read")
        # sudo: users only read what is remembered
        self.sudo().unlink()

    # === KEEPING === #

    @api.model
    def _remember(self, number, record, partner, call):
        """:return: what is remembered now, or nothing where it was before"""
        about = f"{record._name},{record.id}"
        known = self.search_count(
            [
                ("number", "=", number),
                ("company_id", "=", call.company_id.id),
                ("record_ref", "=", about),
            ],
            limit=1,
        )
        if known:
            return self.browse()
        return self.create(
            {
                "number": number,
                "record_ref": about,
                "partner_id": partner.id,
                "company_id": call.company_id.id,
                "user_id": self.env.uid,
                "call_id": call.id,
            }
        )

    @api.model
    def _about(self, records):
        """What is remembered for some records."""
        return self.search(
            [("record_ref", "in", [f"{records._name},{id_}" for id_ in records.ids])]
        )

    def write(self, vals):
        if "record_ref" not in vals:
            return super().write(vals)
        # of records that become one, each may have been remembered for one number
        for number in self:
            twin = self.search(
                [
                    ("number", "=", number.number),
                    ("company_id", "=", number.company_id.id),
                    ("record_ref", "=", number._reference_of(vals["record_ref"])),
                    ("id", "!=", number.id),
                ],
                limit=1,
            )
            if twin:
                number.unlink()
            else:
                super(NoojeeNumber, number).write(vals)
        return True

    @api.model
    def _reference_of(self, value):
        is_text = isinstance(value, str)
        return value if is_text else value and f"{value._name},{value.id}"
