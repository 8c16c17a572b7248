from itertools import count

from odoo.addons.noojee.client import CallEvent

from .common import NoojeeCommon

NUMBER = "0370109876"
E164 = "+61370109876"


class CallCommon(NoojeeCommon):
    """Calls as the PBX reports them."""

    serial = count(1412750000)

    def events(self, unique_id, *rows):
        """Rows: desk, status, and further fields of the event."""
        events = []
        for desk, status, fields in rows:
            data = {"status": status, "uniqueCallId": f"{unique_id}.{desk}", **fields}
            row = {"CallData": data, "CallID": unique_id, "Code": 0}
            events.append(CallEvent.from_wire(desk, row, self.pbx.tz))
        calls = self.env["noojee.call"]._ingest(self.pbx, events)
        # as another request sees them
        self.env.flush_all()
        self.env.invalidate_all()
        return calls

    def inbound(self, *statuses, desks=("101",), caller=NUMBER, unique_id=None):
        """An inbound call as far as the last status; in a queue at several desks."""
        unique_id = unique_id or next(self.serial)
        fields = {
            "callerId": caller,
            "inbound": True,
            "isQueueCall": len(desks) > 1,
            "secondaryUniqueCallId": f"{unique_id}.0",
        }
        rows = [(desk, status, fields) for status in statuses for desk in desks]
        return self.events(unique_id, *rows)

    def outbound(self, *statuses, desk="101", number=NUMBER, unique_id=None):
        """A call typed on the handset."""
        fields = {"callerId": desk, "inbound": False, "outboundDestination": number}
        rows = [(desk, status, fields) for status in statuses]
        return self.events(unique_id or next(self.serial), *rows)

    def talked(self, **kwargs):
        return self.outbound("Dialing Out", "Connected", "Hungup", **kwargs)

    def missed(self, **kwargs):
        return self.inbound("Ringing", "Hungup", **kwargs)

    def payload(self, call, user=None):
        user = user or self.anna
        return call.with_user(user)._payload(user)

    def lines(self, record):
        """What calls left in the chatter of a record."""
        return record.message_ids.filtered(lambda m: "Show call" in (m.body or ""))

    def result(self, name):
        return self.env.ref(f"noojee.call_result_{name}")

    def bus_messages(self, user, kind):
        """What the user's browsers were sent in this transaction."""
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].search([("message", "like", f'"{kind}"')])
        channel = f'"res.partner",{user.partner_id.id}]'
        return messages.filtered(
            lambda message: message.channel.replace(" ", "").endswith(channel)
        )
