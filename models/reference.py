from odoo import fields


class KnownReference(fields.Reference):
    """A reference that does not ask the database for each record whether it is there,
    where all of them were asked for a moment ago: see ``noojee.call._knowing``. One to
    a model of an application that was uninstalled is none."""

    def convert_to_cache(self, value, record, validate=True):
        if isinstance(value, str):
            if value.partition(",")[0] not in record.env:
                return None
            if record.env["noojee.call"]._is_known(value):
                return value
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        if value and value.partition(",")[0] not in record.env:
            return None
        return super().convert_to_record(value, record)
