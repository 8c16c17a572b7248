from odoo import fields, models


class NoojeeTestVisitor(models.Model):
    """All that another addon writes: the two names after ``_inherit``."""

    _name = "noojee.test.visitor"
    _description = "Visitor"
    _inherit = ["mail.thread.phone", "noojee.call.mixin"]

    name = fields.Char(required=True)
    phone = fields.Char()
    country_id = fields.Many2one("res.country")
