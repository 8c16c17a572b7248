from odoo import Command, api, fields, models

from .reference import KnownReference

RUNNING = ("recording", "paused")


class NoojeeRecording(models.Model):
    """What was said in one call, or in a part of it: the list of its legs.

    Nobody creates or writes recordings over RPC: people and automation record calls,
    and the PBX's lists bring what was recorded elsewhere.
    """

    _name = "noojee.recording"
    _description = "Recording"
    _order = "started_at desc, id desc"

    name = fields.Char(compute="_compute_name")
    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True)
    call_id = fields.Many2one("noojee.call", ondelete="restrict")
    direction = fields.Selection(related="call_id.direction")
    user_id = fields.Many2one(related="call_id.user_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="call_id.partner_id", string="Contact", store=True, index=True
    )
    record_ref = KnownReference(
        selection=lambda self: self.env["noojee.call"]._selection_record_models(),
        string="Filed on",
        index="btree_not_null",
    )
    tag = fields.Char(
        index="btree_not_null", help="What the PBX keeps with the recording."
    )
    state = fields.Selection(
        [
            ("recording", "Recording"),
            ("paused", "Paused"),
            ("stopped", "Stopped"),
            ("fetching", "Being fetched"),
            ("stored", "Stored"),
            ("failed", "Failed"),
            ("purged", "Purged"),
        ],
        required=True,
        default="recording",
        index=True,
    )
    reason = fields.Char(help="Why its audio is not here.")
    started_at = fields.Datetime(
        string="Recorded",
        help="When recording began last.",
        default=fields.Datetime.now,
    )
    stopped_at = fields.Datetime(string="Stopped")
    tag_ids = fields.One2many("noojee.recording.tag", "recording_id", string="Tags")
    pause_ids = fields.One2many("noojee.recording.pause", "recording_id", string="Gaps")
    leg_ids = fields.One2many("noojee.recording.leg", "recording_id", string="Legs")
    duration = fields.Integer(
        string="Seconds", compute="_compute_duration", store=True, help="Of all legs."
    )

    _call_unique = models.UniqueIndex(
        "(call_id) WHERE call_id IS NOT NULL", "A call has one recording."
    )

    @api.depends("tag", "call_id.name")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_name(self):
        for recording in self:
            recording.name = (
                recording.tag or recording.call_id.name or self.env._("Recording")
            )

    @api.depends("name")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        for recording in self:
            recording.display_name = recording.name

    @api.depends("leg_ids.duration")
    def _compute_duration(self):
        for recording in self:
            recording.duration = sum(recording.leg_ids.mapped("duration"))

    def unlink(self):
        # by Odoo, not by the database alone: their audio goes with them
        self.leg_ids.unlink()
        return super().unlink()

    # === WHAT THE PBX HAS DONE === #

    @api.model
    def _begin(self, call, tag, record=None):
        """Note that the PBX records a call now.

        :param str tag: that it keeps with the recording; False leaves the one before
        :param record: that the recording is filed on; None: as it was, else what the
            call is about
        :return: the call's recording
        """
        recording = call.recording_ids
        record = record or recording.record_ref or call._existing_record()
        values = {
            "state": "recording",
            "started_at": fields.Datetime.now(),
            "stopped_at": False,
            "tag": tag or recording.tag,
            "record_ref": record and f"{record._name},{record.id}",
        }
        if recording:
            recording.pause_ids.filtered(lambda pause: not pause.ended_at).write(
                {"ended_at": fields.Datetime.now()}
            )
            recording.write(values)
            return recording
        return self.create(
            {
                "pbx_id": call.pbx_id.id,
                "company_id": call.company_id.id,
                "call_id": call.id,
                **values,
            }
        )

    def _stop(self):
        """Note that these are recorded no more: whoever stopped it, or the call's
        end."""
        self.write({"state": "stopped", "stopped_at": fields.Datetime.now()})

    def _run_on(self):
        """Note that these had not stopped."""
        for recording in self:
            is_paused = any(not pause.ended_at for pause in recording.pause_ids)
            state = "paused" if is_paused else "recording"
            recording.write({"state": state, "stopped_at": False})

    def _pause(self):
        """Note that these are recorded on only when somebody says so."""
        self.state = "paused"
        self.pause_ids = [Command.create({"user_id": self.env.uid})]

    def _note_tag(self, tag, failure=False):
        """:param str failure: why the PBX does not have it, or False"""
        self.tag = tag
        known = self.tag_ids.filtered(lambda row: row.tag == tag)[:1]
        values = {"is_on_pbx": not failure, "reason": failure}
        if known:
            known.write(values)
        else:
            self.tag_ids = [
                Command.create({"tag": tag, "user_id": self.env.uid, **values})
            ]

    def _absorb(self, others):
        """Take over what was recorded of other calls that turned out to be this one."""
        self.ensure_one()
        others.leg_ids.recording_id = self
        others.tag_ids.recording_id = self
        others.pause_ids.recording_id = self
        for name in ("tag", "record_ref"):
            self[name] = self[name] or next(filter(None, others.mapped(name)), False)
        if others.filtered(lambda other: other.state in RUNNING):
            states = (self | others).mapped("state")
            # what was stopped for card data goes on only when somebody says so
            self.state = "recording" if "recording" in states else "paused"
        self.env.flush_all()
        others.unlink()
