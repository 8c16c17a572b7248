"""Who may stand behind a number."""

from dataclasses import dataclass, field
from typing import Any

from odoo import models


@dataclass
class Candidate:
    """One customer, with all of his records that were found.

    :ivar record: by which he was found
    :ivar partner: his contact, if any
    :ivar works: open records of his with the number: leads and others that are no
        contacts
    :ivar remembered: ``noojee.number`` that says he calls from it, if any
    :ivar own_works: what the called user has open with him
    :ivar campaign_lead: the lead of these that is in a campaign, where the PBX's
        dialler may have placed the call
    :ivar campaign: that campaign's name
    :ivar last_call_at: the last call with him that the called user may see
    """

    record: models.BaseModel
    partner: models.BaseModel
    works: list = field(default_factory=list)
    remembered: models.BaseModel | None = None
    own_works: list = field(default_factory=list)
    last_call_at: Any = None
    campaign_lead: models.BaseModel | None = None
    campaign: str = ""

    @property
    def is_company(self) -> bool:
        return bool(self.partner and self.partner.is_company)

    @property
    def entity_id(self) -> int:
        return self.partner.commercial_partner_id.id
