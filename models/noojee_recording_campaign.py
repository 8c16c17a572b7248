from datetime import timedelta

from odoo import api, models


class NoojeeRecording(models.Model):
    """Recordings of campaigns' calls: the dialler made them, and tells of them in its
    call records."""

    _inherit = "noojee.recording"

    @api.model
    def _bring_result(self, result):
        """Have the audio of a call record's recording brought home.

        Without a tag nothing tells that there is one: then the PBX's list of the hour
        brings what there is.
        """
        call = result.call_id
        if not call or not result.tag or not result.unique_id or call.recording_ids:
            return
        record = call._existing_record()
        recording = self.create(
            {
                "pbx_id": call.pbx_id.id,
                "company_id": call.company_id.id,
                "call_id": call.id,
                "record_ref": record and f"{record._name},{record.id}",
                "state": "stopped",
                "started_at": result.started_at,
                "stopped_at": result.started_at + timedelta(seconds=result.duration),
            }
        )
        recording._note_tag(result.tag)
        recording._fetch_soon()

    @api.model
    def _call_of(self, pbx, rows):
        call = super()._call_of(pbx, rows)
        if call:
            return call
        # calls at desks that are not set up here have no channel
        results = self.env["noojee.campaign.result"].search(
            [
                ("pbx_id", "=", pbx.id),
                ("unique_id", "in", list({row.unique_id for row in rows})),
                ("call_id", "!=", False),
            ],
            limit=1,
        )
        return results.call_id
