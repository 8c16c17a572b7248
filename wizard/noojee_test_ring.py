from datetime import timedelta

from odoo import api, fields, models

# a test ends within half a minute, its last events come soon after
LIFE = timedelta(minutes=5)


class NoojeeTestRing(models.TransientModel):
    """An administrator's test of a desk: its channel is nobody's call."""

    _name = "noojee.test.ring"
    _description = "Test ring of a desk"
    _order = "id desc"

    extension_id = fields.Many2one(
        "noojee.extension", required=True, ondelete="cascade", index=True
    )
    session_id = fields.Char(help="As the PBX answered the dial.")
    unique_call_id = fields.Char(help="Its channel, once it is known.")

    @api.model
    def _at(self, line_ids):
        """The tests of some desks of late, the last one first."""
        earliest = fields.Datetime.now() - LIFE
        domain = [("extension_id", "in", line_ids), ("create_date", ">", earliest)]
        return self.search(domain)

    def _claims(self, event):
        """Whether an event at its desk is this test's; its channel is noted."""
        self.ensure_one()
        if self.unique_call_id:
            return event.unique_call_id == self.unique_call_id
        if self.session_id and event.call_id:
            is_own = event.call_id == self.session_id
        else:
            # it may come before the PBX's answer to the dial
            is_own = event.is_click_to_dial
        if is_own and event.unique_call_id:
            self.unique_call_id = event.unique_call_id
        return is_own
