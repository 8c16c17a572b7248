import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import mute_logger


class NoojeeLeadPush(models.Model):
    """Into the outbox: no request, and few queries however many leads."""

    _inherit = "noojee.lead.push"

    @api.model
    def _queue(self, leads, job):
        """Have leads sent by a job after commit.

        Who is in the campaign already stays as he is; who was refused is sent again.

        :param leads: of the PBX's company, or of none
        :return: the lines of this job
        """
        leads = leads.filtered(lambda lead: self._is_of_company(lead, job.company_id))
        here = self._here(leads, job.campaign_id)
        refused = here.filtered(lambda push: push.state == "refused")
        refused.write({"job_id": job.id, "allocation_id": job.allocation_id.id})
        refused._requeue()
        new = leads - here.lead_id
        keys = self._new_keys(new, job.campaign_id)
        now = fields.Datetime.now()
        created = self._create_once(
            [
                {
                    "job_id": job.id,
                    "lead_id": lead.id,
                    "lead_name": lead.name,
                    "lead_key": keys[lead.id],
                    "campaign_id": job.campaign_id.id,
                    "allocation_id": job.allocation_id.id,
                    "pbx_id": job.pbx_id.id,
                    "company_id": job.company_id.id,
                    "due_at": now,
                }
                for lead in new
            ]
        )
        self._wake()
        return created + refused

    @api.model
    def _create_once(self, rows):
        """:raise ConcurrencyError: where somebody else queues one of them at this
        moment: who is in the campaign already is seen in a new transaction only
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return self.create(rows)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error

    @api.model
    def _here(self, leads, campaign):
        """The lines of leads that are in a campaign, or on their way."""
        return self.search(
            [
                ("lead_id", "in", leads.ids),
                ("campaign_id", "=", campaign.id),
                ("state", "!=", "withdrawn"),
            ]
        )

    @api.model
    def _numbers_in(self, campaign, numbers):
        """Those of some numbers, in E.164, that a campaign has had."""
        had = self.search(
            [
                ("campaign_id", "=", campaign.id),
                ("sent_at", "!=", False),
                ("lead_id.phone_sanitized", "in", numbers),
            ]
        )
        return had.lead_id.mapped("phone_sanitized")

    @api.model
    def _is_of_company(self, lead, company):
        return not lead.company_id or lead.company_id == company

    @api.model
    def _new_keys(self, leads, campaign):
        """A key for each lead: its own in this database and campaign, and another one
        for each time that it comes back.

        :return: dict from the leads' ids
        """
        # sudo: the database's name is not for everybody to read, nor told here
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        stems = {lead.id: f"{uuid}-{lead.id}-{campaign.wire_id}" for lead in leads}
        before = dict(
            self._read_group(
                [
                    ("lead_id", "in", leads.ids),
                    ("campaign_id", "=", campaign.id),
                    ("state", "=", "withdrawn"),
                ],
                ["lead_id"],
                ["__count"],
            )
        )
        keys = {}
        for lead in leads:
            turn = before.get(lead, 0)
            keys[lead.id] = f"{stems[lead.id]}-{turn + 1}" if turn else stems[lead.id]
        return keys

    @api.model
    def _start_job(self, leads, place, user):
        """A job for leads, with their lines.

        :param dict place: values of the job: ``campaign_id``, ``allocation_id`` and how
            they are sent
        :raise UserError: where nothing can be sent there at all.
        """
        campaign = self.env["noojee.campaign"].browse(place["campaign_id"])
        allocation = self.env["noojee.campaign.allocation"].browse(
            place["allocation_id"]
        )
        if reason := self._place_fault(campaign, allocation):
            raise UserError(reason)
        name = self.env._(
            "%(campaign)s: %(count)s leads", campaign=campaign.name, count=len(leads)
        )
        job = self.env["noojee.lead.push.job"].create(
            {**place, "name": name, "user_id": user.id}
        )
        self._queue(leads, job)
        return job

    @api.model
    def _place_fault(self, campaign, allocation):
        """Why nothing can be sent to a place, or False."""
        template = campaign.template_id
        if words := campaign.pbx_id._unusable_words():
            return words
        # from the widest to the narrowest
        places = [template, campaign, allocation]
        closed = [place for place in places if not place.active]
        if closed:
            return self.env._(
                "%(place)s is closed at the PBX. Choose another; if it is open again, "
                "an administrator can have the campaigns refreshed.",
                place=closed[0].name or campaign.name,
            )
        if allocation.campaign_id != campaign:
            return self.env._(
                "%(allocation)s is not an allocation of %(campaign)s.",
                allocation=allocation.name,
                campaign=campaign.name,
            )
        if not template._phone_fields():
            return template._mapping_problems()[0]
        return False
