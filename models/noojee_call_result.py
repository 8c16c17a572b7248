from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import plaintext2html


class NoojeeCallResult(models.Model):
    """What a person says came of a call, and what follows from it."""

    _name = "noojee.call.result"
    _description = "Call result"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    action = fields.Selection(
        [
            ("none", "Nothing"),
            ("retry", "Keep it among the calls to make, behind the others"),
            ("activity", "Schedule an activity"),
            ("blacklist", "Never call the number again"),
            ("wrong_number", "Mark the number as wrong"),
            ("lead_stage", "Move the lead"),
        ],
        string="Then",
        required=True,
        default="none",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Activity",
        default=lambda self: self.env.ref(
            "mail.mail_activity_data_call", raise_if_not_found=False
        ),
    )
    activity_days = fields.Integer(string="In days", default=1)
    stage_id = fields.Many2one("crm.stage", string="To stage")

    @api.constrains("action", "activity_type_id", "activity_days", "stage_id")
    def _check_action(self):
        for result in self:
            if result.action == "activity" and not result.activity_type_id:
                raise ValidationError(
                    self.env._(
                        "“%(result)s” schedules an activity: say which.",
                        result=result.name,
                    )
                )
            if result.activity_days < 0:
                raise ValidationError(
                    self.env._("An activity cannot be scheduled in the past.")
                )
            if result.action == "lead_stage" and not result.stage_id:
                raise ValidationError(
                    self.env._(
                        "“%(result)s” moves the lead: say to which stage.",
                        result=result.name,
                    )
                )

    @api.model
    def _payload(self):
        """What the browser offers for the calls of each company.

        :return: list of ``{"id", "name", "action", "company_id": id, or False where it
            is for every company}``, in their order
        """
        return [
            {
                "id": result.id,
                "name": result.name,
                "action": result.action,
                "company_id": result.company_id.id,
            }
            for result in self.search([])
        ]

    # === WHAT FOLLOWS === #

    def _carry_out(self, call):
        """Do what follows from this result, with the user's own rights.

        :raise UserError: in plain words, when it cannot be done.
        """
        match self.action:
            case "activity":
                self._schedule_activity(call)
            case "blacklist":
                self._blacklist(call)
            case "wrong_number":
                self._mark_wrong_number(call)
            case "lead_stage":
                self._move_lead(call)

    def _schedule_activity(self, call):
        owners = (call.record_ref, call.partner_id)
        record = next((r for r in owners if r and "activity_ids" in r), None)
        if record is None:
            raise UserError(
                self.env._(
                    "Nothing was scheduled: this call belongs to no contact or record "
                    "yet. Link it to one, then schedule the activity there."
                )
            )
        today = call._today_of(self.env.user)
        # the same person is not to be called at once again
        put_off_at = not self.activity_days and fields.Datetime.now()
        record.activity_schedule(
            activity_type_id=self.activity_type_id.id,
            date_deadline=today + timedelta(days=self.activity_days),
            summary=self.name,
            note=call.note and plaintext2html(call.note),
            user_id=self.env.uid,
            automated=False,
            noojee_put_off_at=put_off_at,
        )

    def _blacklist(self, call):
        number = self._number_of(call)
        # sudo: whoever hears that a person wants no more calls must be able to say
        # so, although only administrators edit the list itself
        self.env["phone.blacklist"].sudo()._add(
            [number],
            message=self.env._(
                "Asked on the phone not to be called any more: %(call)s",
                call=call._link_to_all(),
            ),
        )

    def _mark_wrong_number(self, call):
        number = self._number_of(call)
        owners = [r for r in (call.record_ref, call.partner_id) if r]
        if not owners:
            raise UserError(
                self.env._(
                    "Nothing was marked: nobody is known to have this number. Link "
                    "the call to a contact first."
                )
            )
        having = [record for record in owners if record._noojee_has_number(number)]
        for record in having or owners[-1:]:
            record.check_access("write")
            # sudo: nobody but who sees numbers has this one; that he may write to the
            # record was asked
            record.sudo().noojee_wrong_number = number
            if record != call.record_ref and "message_ids" in record:
                # the call's own line stands elsewhere
                record._message_log(
                    body=self.env._(
                        "%(number)s is a wrong number: %(call)s",
                        number=call.sudo()._number_to_all(),
                        call=call._link_to_all(),
                    )
                )

    def _move_lead(self, call):
        lead = call.record_ref
        if not lead or lead._name != "crm.lead":
            raise UserError(
                self.env._(
                    "No lead was moved: this call is not linked to one. Link it, then "
                    "move the lead there."
                )
            )
        lead.stage_id = self.stage_id

    def _number_of(self, call):
        # sudo: it is the number of the user's own call, whether he sees it or not
        number = call.sudo().number_e164
        if not number:
            raise UserError(
                self.env._(
                    "“%(result)s” could not be carried out: the number of this call "
                    "is not known.",
                    result=self.name,
                )
            )
        return number
