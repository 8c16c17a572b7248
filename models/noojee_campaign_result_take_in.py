import hashlib
import json
from datetime import timezone

from odoo import api, fields, models

# what a record may tell anew later
TOLD = (
    *("name", "disposition", "agent_login", "unique_id", "lead_key", "wire_lead_id"),
    *("started_at", "duration", "has_duration", "phone_number", "tag"),
)
# of lists in the database's queries
MANY = 1000


class NoojeeCampaignResult(models.Model):
    """Taking in what the PBX lists: each record once, however often it is listed, and
    what changes at the PBX changes here."""

    _inherit = "noojee.campaign.result"

    @api.model
    def _take_in(self, allocation, rows):
        """Store an allocation's call records, to be worked off afterwards.

        :param rows: :class:`CallRecord` of the client
        """
        campaign = allocation.campaign_id
        by_id = {self._wire_id_of(row): row for row in rows}
        known = self._known(campaign, list(by_id))
        new = []
        for wire_id, row in by_id.items():
            values = self._told_values(campaign.pbx_id, row)
            if wire_id in known:
                known[wire_id]._follow(values, allocation)
            else:
                new.append(
                    {
                        "wire_id": wire_id,
                        "pbx_id": campaign.pbx_id.id,
                        "company_id": campaign.company_id.id,
                        "campaign_id": campaign.id,
                        "allocation_id": allocation.id,
                        **values,
                        # when it was told, where it does not say itself
                        "started_at": values["started_at"] or fields.Datetime.now(),
                    }
                )
        self.create(new)
        self.union(*known.values())._find_late_calls()

    @api.model
    def _wire_id_of(self, row):
        """What tells a record from others. One without a number is known by its call,
        and one without that by all that it says."""
        if row.id or row.unique_id:
            return row.id or f"call {row.unique_id}"
        text = json.dumps(dict(row.row), sort_keys=True, default=str)
        return f"row {hashlib.sha256(text.encode()).hexdigest()}"

    @api.model
    def _known(self, campaign, wire_ids):
        known = {}
        for start in range(0, len(wire_ids), MANY):
            some = wire_ids[start : start + MANY]
            found = self.search_fetch(
                [("campaign_id", "=", campaign.id), ("wire_id", "in", some)], TOLD
            )
            known |= {result.wire_id: result for result in found}
        return known

    @api.model
    def _told_values(self, pbx, row):
        start = row.start and row.start.astimezone(timezone.utc).replace(tzinfo=None)
        return {
            "name": row.name or False,
            "disposition": row.disposition or False,
            "agent_login": row.agent_login or False,
            "unique_id": row.unique_id or False,
            "lead_key": row.external_lead_id or False,
            "wire_lead_id": row.lead_id or False,
            "started_at": start or False,
            "duration": max(0, row.duration or 0),
            "has_duration": row.duration is not None,
            "phone_number": row.phone_number or False,
            "number_e164": pbx._formatted(row.phone_number),
            "tag": row.tag or False,
            "row": dict(row.row),
        }

    def _find_late_calls(self):
        """Where events came later than the record they told of the call once more:
        such records are worked off again, and make one of both."""
        lonely = self.filtered(
            lambda result: (
                result.unique_id and result.call_id and not result.call_id.channel_ids
            )
        )
        if not lonely:
            return
        ids = lonely.mapped("unique_id")
        told = self.env["noojee.call"]._known_channels(lonely.pbx_id, ids)
        lonely.filtered(lambda result: result.unique_id in told).state = "new"

    def _follow(self, values, allocation):
        """Note what the PBX tells anew of a record that is known."""
        if self.erased_at:
            return
        changed = {
            name: values[name]
            for name in TOLD
            # what is not told any more was true all the same
            if values[name] and self[name] != values[name]
        }
        if not changed:
            return
        if "phone_number" in changed:
            changed["number_e164"] = values["number_e164"]
        if "disposition" in changed:
            changed |= {
                "turn": self.turn + 1,
                "disposition_id": False,
                "is_refresh_tried": False,
            }
        self.write(
            {
                **changed,
                "row": values["row"],
                "allocation_id": allocation.id,
                "state": "new",
                "reason": False,
            }
        )
