import hashlib
import json
import logging
from datetime import timedelta, timezone

from odoo import api, fields, models

from .transaction import try_part

_logger = logging.getLogger(__name__)

# what a record may tell anew later
TOLD = (
    *("name", "disposition", "agent_login", "unique_id", "lead_key", "wire_lead_id"),
    *("started_at", "duration", "has_duration", "phone_number", "tag"),
)
# of lists in the database's queries
MANY = 1000
# a longer id is no key of the database any more
LONGEST_ID = 200
# a call of a later day than this is none that was made
WRONG_CLOCK = timedelta(days=1)
# what lasts longer is no call
LONGEST_CALL = timedelta(days=7).total_seconds()


class NoojeeCampaignResult(models.Model):
    """Taking in what the PBX lists: each record once, however often it is listed, and
    what changes at the PBX changes here."""

    _inherit = "noojee.campaign.result"

    @api.model
    def _take_in(self, allocation, rows):
        """Store an allocation's call records, to be worked off afterwards.

        :param rows: :class:`CallRecord` of the client
        :return: how many could not be stored: they cost nothing but themselves
        """
        if not try_part(self.env, lambda: self._take_in_all(allocation, rows)):
            return 0
        left_out = 0
        for row in rows:
            one = [row]
            error = try_part(
                self.env, lambda one=one: self._take_in_all(allocation, one)
            )
            if error:
                wire_id = self._wire_id_of(row)
                _logger.error("Call record %s is left out.", wire_id, exc_info=error)
                left_out += 1
        return left_out

    @api.model
    def _take_in_all(self, allocation, rows):
        campaign = allocation.campaign_id
        by_id = self._told_apart(campaign, rows)
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
            wire_id = row.id or f"call {row.unique_id}"
            return wire_id if len(wire_id) <= LONGEST_ID else f"id {hashed(wire_id)}"
        return f"row {hashed(json.dumps(dict(row.row), sort_keys=True, default=str))}"

    @api.model
    def _told_apart(self, campaign, rows):
        """Rows by their ids. Where the PBX gives the id of a call to that of another
        lead, in another allocation or long after, the lead's key makes it its own."""
        ids = [self._wire_id_of(row) for row in rows]
        owners = {
            wire_id: (known.lead_key, known.wire_lead_id)
            for wire_id, known in self._known(campaign, list(set(ids))).items()
        }
        by_id = {}
        for wire_id, row in zip(ids, rows, strict=True):
            own = row.external_lead_id, row.lead_id
            owner = owners.setdefault(wire_id, own)
            is_anothers = any(
                a and b and a != b for a, b in zip(own, owner, strict=True)
            )
            by_id[f"{wire_id} {hashed(' '.join(own))}" if is_anothers else wire_id] = (
                row
            )
        return by_id

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
        calls = self.env["noojee.call"]
        start = row.start and row.start.astimezone(timezone.utc).replace(tzinfo=None)
        if start and start > fields.Datetime.now() + WRONG_CLOCK:
            start = None
        is_told = row.duration is not None and 0 <= row.duration <= LONGEST_CALL
        duration = row.duration if is_told else None
        # who has no name may be named by his number, which is not for everybody
        is_number = calls._customer_number(row.name, pbx)
        number = row.phone_number or (row.name if is_number else "")
        return {
            "name": not is_number and row.name or False,
            "disposition": row.disposition or False,
            "agent_login": row.agent_login or False,
            "unique_id": row.unique_id or False,
            "lead_key": row.external_lead_id or False,
            "wire_lead_id": row.lead_id or False,
            "started_at": start or False,
            "duration": duration or 0,
            "has_duration": duration is not None,
            "phone_number": number or False,
            "number_e164": calls._customer_number(number, pbx),
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
        told = self.env["noojee.call"]._calls_by_channel(lonely.pbx_id, ids)
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
        if "disposition" in changed and not same_word(
            changed["disposition"], self.disposition
        ):
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


def hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()


def same_word(one, other):
    """Whether two dispositions are one: only their letters' case may differ."""
    return (one or "").strip().lower() == (other or "").strip().lower()
