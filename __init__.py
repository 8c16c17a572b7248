from . import controllers, models, report, wizard


def uninstall_hook(env):
    """Odoo drops the table of legs without looking for their audio."""
    env["ir.attachment"].search(
        [("res_model", "=", "noojee.recording.leg"), ("res_field", "!=", False)]
    ).unlink()
