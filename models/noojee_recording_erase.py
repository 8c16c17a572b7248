from odoo import api, models
from odoo.fields import Domain

# of a number as the PBX writes it: these stand together in every form
LAST_DIGITS = 3


class NoojeeRecording(models.Model):
    """Erasing a person: what he said goes, that something was recorded stays."""

    _inherit = "noojee.recording"

    def _erase(self):
        self._purge(self.env._("The person was erased."), self.env.user)
        self.tag_ids.unlink()
        self.write({"tag": False, "record_ref": False})
        self.leg_ids.write({"source": False, "destination": False, "tag": False})

    @api.model
    def _found_values(self, pbx, rows, call):
        values = super()._found_values(pbx, rows, call)
        if call.erased_at:
            values |= {
                "state": "purged",
                "reason": self.env._("The person was erased."),
                "purged_at": call.erased_at,
                "tag": False,
                "record_ref": False,
            }
        return values

    @api.model
    def _without_call_of(self, partners, numbers):
        """Recordings whose call is not known here, but whose they are.

        :param partners: on whom, or on whose records, they are filed
        :param set numbers: E.164, that were called or called from
        """
        return self._filed_on(partners) | self._of_numbers(numbers)

    @api.model
    def _filed_on(self, partners):
        partner_of = self.env["noojee.call"]._partner_of
        filed = self.search([("call_id", "=", False), ("record_ref", "!=", False)])
        return filed.filtered(
            lambda recording: (
                (record := recording.record_ref.exists())
                and partner_of(record) in partners
            )
        )

    @api.model
    def _of_numbers(self, numbers):
        ends = Domain.OR(
            Domain(name, "=like", f"%{number[-LAST_DIGITS:]}")
            for number in numbers
            for name in ("source", "destination")
        )
        legs = self.env["noojee.recording.leg"].search(
            Domain("recording_id.call_id", "=", False) & ends
        )
        return legs.filtered(
            lambda leg: any(
                leg.pbx_id._formatted(end) in numbers
                for end in (leg.source, leg.destination)
            )
        ).recording_id
