from odoo import fields


class KnownReference(fields.Reference):
    """A reference that does not ask the database for each record whether it is there,
    where all of them were asked for a moment ago: see ``noojee.call._knowing``."""

    def convert_to_cache(self, value, record, validate=True):
        if isinstance(value, str) and record.env["noojee.call"]._is_known(value):
            return value
        return super().convert_to_cache(value, record, validate)
