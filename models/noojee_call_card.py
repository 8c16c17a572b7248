from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_amount

# of each kind: a card is read at a glance
OPEN_RECORDS = 3


class NoojeeCall(models.Model):
    """What a card tells about the customer, beside who it is.

    It is read when the phone rings: each step is a probe of an index, and costs the
    same with ten customers and with a million.
    """

    _inherit = "noojee.call"

    # the last call with a customer is found without reading the others
    _customer_last_idx = models.Index(
        "(commercial_partner_id, started_at DESC) "
        "WHERE state = 'ended' AND commercial_partner_id IS NOT NULL"
    )

    def _payload(self, user):
        """This call as one user sees it.

        :return: as before, and ``card``: while the call runs and its customer is known,
            what :meth:`_card` tells; else False
        """
        payload = super()._payload(user)
        record = payload["record"]
        card = False
        if record and payload["state"] != "ended" and self.direction != "internal":
            own = self._as_seen_by(user)
            card = own._card(own.env[record["model"]].browse(record["id"]))
        return {**payload, "card": card}

    def _card(self, record):
        """What the user may know about the customer on the line.

        :return: ``{"owner": name or "", "is_owner_me", "last_call": {"at" (ISO 8601,
            UTC), "words", "note"} or False, "next_activity": {"summary", "days" (from
            the user's today on, below 0 where it is overdue)} or False, "open": list of
            {"model", "id", "name"}}``
        """
        partner = self._readable(self._partner_of(record))
        owner = self._owner_of(record)
        if not owner and partner != record:
            owner = self._owner_of(partner)
        # sudo: only who is the same customer
        family = partner.sudo().commercial_partner_id
        return {
            "owner": owner.name or "",
            "is_owner_me": owner == self.env.user,
            "last_call": self._card_last_call(record, family),
            "next_activity": self._card_next_activity(record, partner),
            "open": self._card_orders(family) + self._card_leads(record, family),
        }

    @api.model
    def _owner_of(self, record):
        """Whose customer it is."""
        owner = record._fields.get("user_id")
        if not owner or owner.comodel_name != "res.users":
            return self.env["res.users"]
        # sudo: a colleague's name is no secret
        return record.sudo().user_id

    def _card_last_call(self, record, family):
        last_sudo = self._last_call_with(record, family)
        return bool(last_sudo) and {
            "at": self._iso(last_sudo.started_at),
            "words": last_sudo._card_words(),
            "note": last_sudo._note_for_user(),
        }

    def _last_call_with(self, record, family):
        same = Domain("record_ref", "=", f"{record._name},{record.id}")
        if family:
            same = Domain("commercial_partner_id", "=", family.id)
        # sudo: a colleague's call stands in the chatter of what the user sees, too
        return self.sudo().search(
            same
            & Domain("state", "=", "ended")
            # what never left Odoo hides what was talked of
            & Domain("failure_reason", "=", False)
            & Domain("id", "!=", self.id)
            & Domain("company_id", "in", self.env.user.company_ids.ids),
            order="started_at desc",
            limit=1,
        )

    def _note_for_user(self):
        """This call's note where the user may read it: in the chatter that it stands
        in, or at a record that has none, which he sees."""
        record = self.note and self._chatter_record()
        if record and not record.sudo(False).has_access("read"):
            return ""
        return self.note or ""

    def _card_words(self):
        """How a call went, in few words."""
        if self.result_id:
            return self.result_id.name
        if self.outcome == "answered":
            return self._duration_words(self.talk_seconds)
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        return outcomes.get(self.outcome, "")

    @api.model
    def _card_next_activity(self, record, partner):
        on_either = Domain.OR(
            Domain("res_model", "=", found._name) & Domain("res_id", "=", found.id)
            for found in (record, partner)
            if found
        )
        activity = self.env["mail.activity"].search(
            on_either, order="date_deadline, id", limit=1
        )
        return bool(activity) and {
            "summary": activity.summary or activity.activity_type_id.name or "",
            "days": (activity.date_deadline - self._today_of(self.env.user)).days,
        }

    @api.model
    def _card_orders(self, family):
        orders = self.env["sale.order"]
        if not family or not orders.has_access("read"):
            return []
        is_theirs = self._of_customer(orders, family)
        return [
            {
                "model": order._name,
                "id": order.id,
                "name": self._card_order_words(order),
            }
            for order in orders.search(
                self._open_order() & is_theirs, limit=OPEN_RECORDS
            )
        ]

    @api.model
    def _card_order_words(self, order):
        amount = format_amount(self.env, order.amount_total, order.currency_id)
        words = {"name": order.name, "amount": amount}
        if order.state == "sale":
            return self.env._("Order %(name)s · %(amount)s", **words)
        return self.env._("Quotation %(name)s · %(amount)s", **words)

    @api.model
    def _card_leads(self, record, family):
        leads = self.env["crm.lead"]
        found = record if record._name == leads._name else leads
        if family:
            found |= self._card_leads_of(family)
        return [
            {
                "model": lead._name,
                "id": lead.id,
                "name": self.env._(
                    "%(name)s · %(probability)s%%",
                    name=lead.name,
                    probability=round(lead.probability),
                )
                if lead.type == "opportunity"
                else lead.name,
            }
            for lead in found[:OPEN_RECORDS]
        ]

    @api.model
    def _card_leads_of(self, family):
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            return leads
        is_theirs = self._of_customer(leads, family) & self._open_lead()
        return leads.search(is_theirs, limit=OPEN_RECORDS)
