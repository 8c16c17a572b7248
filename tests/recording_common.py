from datetime import timedelta

from odoo import fields
from odoo.tools import mute_logger

from .common import NoojeeCommon

BY_ID = "retrieveMetaDataByUniqueId"
BY_RECORD = "retrieveByCallRecordId"
FETCH_LOGGER = "odoo.addons.noojee.models.noojee_recording_leg_fetch"


class RecordingCommon(NoojeeCommon):
    """Calls that the PBX has recorded: the simulator's of the day before, two of them
    tagged S00001 and S00004 (see simulator/legs.py)."""

    def setUp(self):
        super().setUp()
        # who sits there now sat there yesterday
        for sign_on in self.env["noojee.sign.on"].search([]):
            sign_on.since -= timedelta(days=2)

    def rows(self, tag="S00001"):
        """What the PBX lists of a tag."""
        return self.pbx._ask_recordings(lambda client: client.retrieve_metadata(tag))

    def ingest(self, tag="S00001"):
        """A finished call of yesterday's that Odoo knows, at Anna's desk."""
        with self.own_cursors():
            return self.env["noojee.call"]._ingest_recorded(self.pbx, self.rows(tag))

    def recorded(self, tag="S00001"):
        """The recording of such a call, right after its end."""
        call = self.ingest(tag)
        call._recording_started(tag)
        call.recording_ids._stop()
        return call.recording_ids

    def fetch(self, recording=None):
        """What the job does when it is due.

        :param recording: that is due now, whenever it would be
        """
        if recording:
            recording.fetch_due_at = fields.Datetime.now() - timedelta(seconds=1)
        with self.own_cursors(), mute_logger(FETCH_LOGGER):
            self.env.ref("noojee.ir_cron_fetch_recordings").method_direct_trigger()
        self.env.invalidate_all()

    def fetch_to_the_end(self, recording):
        while recording.fetch_due_at:
            self.fetch(recording)

    def content(self, leg):
        """The bytes that are kept."""
        return leg._attachment_sudo().raw

    def asked(self, *methods):
        """How often the PBX was asked for something."""
        return [len(self.simulator.requests(method)) for method in methods]

    def fault(self, kind, method=BY_RECORD, **fault):
        self.simulator.faults({"kind": kind, "method": method, **fault})

    def both_faults(self, kind, **fault):
        """Whichever way the audio is asked for."""
        self.fault(kind, **fault)
        self.fault(kind, method="retrieve", **fault)

    def assert_nothing_is_stored(self, recording):
        for leg in recording.leg_ids:
            self.assertFalse(leg._attachment_sudo())
            self.assertFalse(leg.sha256 or leg.size or leg.media_type)
