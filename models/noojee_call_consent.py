from odoo import fields, models
from odoo.exceptions import UserError


class NotToBeRecorded(UserError):
    """Nothing was recorded because of the policy, or of what the other side said.

    :ivar needs_notice: whether it may be once the agent has told the other side
    """

    def __init__(self, message, needs_notice=False):
        super().__init__(message)
        self.needs_notice = needs_notice


class NoojeeCall(models.Model):
    """May this call be recorded? One answer for every way to start."""

    _inherit = "noojee.call"

    notice_at = fields.Datetime(
        string="Told of the recording",
        help="When the agent confirmed that he told the other side.",
    )
    notice_user_id = fields.Many2one("res.users", string="Told by")
    objection_at = fields.Datetime(
        string="Objected to the recording",
        help="When the other side said no. Nothing is recorded from then on.",
    )
    objection_user_id = fields.Many2one("res.users", string="Objection noted by")

    def _recording_rules(self):
        """What says whether this call is recorded: its team, else its PBX; sudo."""
        call_sudo = self.sudo()
        return call_sudo.team_id or call_sudo.pbx_id

    def _check_may_record(self, record=None, is_told=False):
        """Whether this call may be recorded now.

        :param record: that the recording is to be filed on, if it is another one than
            the call is about
        :param bool is_told: whether the agent has just told the other side
        :raise NotToBeRecorded: with the reason, and what to do
        """
        self.ensure_one()
        if reason := self._must_not_be_recorded(record):
            raise NotToBeRecorded(reason)
        if self.sudo().objection_at:
            raise NotToBeRecorded(
                self.env._("The other side said no: this call is not recorded.")
            )
        rules = self._recording_rules()
        if rules._recording_policy(self.sudo().direction) == "never":
            raise NotToBeRecorded(
                self.env._("Calls of %(name)s are not recorded.", name=rules.name)
            )
        if not is_told and self._needs_notice():
            raise NotToBeRecorded(
                self.env._(
                    "Tell the other side first that this call is recorded, and "
                    "confirm it on the call's card."
                ),
                needs_notice=True,
            )

    def _needs_notice(self):
        """Whether the agent still has to tell the other side."""
        call_sudo = self.sudo()
        return (
            not call_sudo.notice_at
            and call_sudo.direction != "internal"
            and self._recording_rules().noojee_recording_notice == "agent"
        )

    def _must_not_be_recorded(self, record=None):
        """Whether audio of this call must not be kept, whoever recorded it.

        :return: the reason in plain words, or False
        """
        # sudo: his wish counts, whoever may read him
        call_sudo = self.sudo()
        partners = call_sudo.partner_id
        for about in (call_sudo and call_sudo._existing_record(), record):
            if about:
                partners |= self._partner_of(about.sudo())
        for partner in partners:
            if (
                partner.noojee_do_not_record
                or partner.commercial_partner_id.noojee_do_not_record
            ):
                return self.env._(
                    "%(name)s does not want to be recorded.", name=partner.display_name
                )
        return False

    # === WHAT THE AGENT SAYS === #

    def action_confirm_notice(self, res_model=None, res_id=None):
        """Note that the agent told the other side, and record; parameters as
        :meth:`action_start_recording`.

        :raise UserError: in plain words, when the PBX did not start it.
        """
        self._own_channel("connected")
        record = self._record_to_read(res_model, res_id) if res_model else None
        user = self.env.user

        def note(call_sudo):
            if not call_sudo.notice_at:
                now = fields.Datetime.now()
                call_sudo.write({"notice_at": now, "notice_user_id": user.id})

        self._store_apart(note)
        # this transaction does not see what another one has just stored
        self._start_recording(record, is_told=True)

    def action_note_objection(self):
        """Note that the other side does not want to be recorded, and stop.

        It is kept whatever the PBX answers.

        :raise UserError: in plain words, when the PBX did not stop it.
        """
        self._own_channel("ringing", "connected")
        user = self.env.user

        def note(call_sudo):
            if not call_sudo.objection_at:
                now = fields.Datetime.now()
                call_sudo.write({"objection_at": now, "objection_user_id": user.id})
            # this transaction does not see what has begun since its own beginning
            return call_sudo.recording_state

        self._stop_recording(self._store_apart(note))

    def _is_always_recorded(self):
        call_sudo = self.sudo()
        policy = self._recording_rules()._recording_policy(call_sudo.direction)
        return policy == "always"

    def _payload_consent(self, state):
        """What a card tells of it, while somebody may press *Record*."""
        needs_notice, reason = False, ""
        if state == "connected":
            try:
                self._check_may_record()
            except NotToBeRecorded as refusal:
                needs_notice = refusal.needs_notice
                reason = "" if needs_notice else str(refusal)
        return {
            "needs_notice": needs_notice,
            "not_recorded": reason,
            "objection_at": self._iso(self.sudo().objection_at),
        }
