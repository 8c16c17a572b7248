from collections import defaultdict
from datetime import timezone

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .noojee_call import RUNNING
from .noojee_call_ingest import RANK

COUNTS = ("answered", "missed", "outbound", "talk_seconds")
# who is told that something changed at some desks
CHANNEL = "noojee.live_board"


class NoojeeLiveBoard(models.AbstractModel):
    """What happens at the desks of a supervisor's teams this moment.

    An open board reads all of it at once. What happens at the desks is told to the
    boards as the desks' ids alone: nothing that one supervisor may see and another not,
    one message for each batch of events, however many look.
    """

    _name = "noojee.live.board"
    _description = "Live board"

    @api.model
    def get_board(self):
        """The desks of the teams that the user leads; an administrator's: all.

        :return: ``{"desks": see :meth:`_desk_payload`, "others": members of the teams
            who sit nowhere now, ``{"user", "counts"}``, "totals": counts of all,
            "pbxs": ``[{"id", "name", "away": see noojee.circuit._payload,
            "is_listening"}]``, "now"}``. Counts are of today by the user's clock, of
            calls from and to outside: ``answered``, ``missed``, ``outbound`` and
            ``talk_seconds``; in the totals a call that several missed counts once.
        :raise AccessError: for who is no supervisor.
        """
        self._check_supervisor()
        users = self._led_users()
        desks = self._desks(users)
        counts = self._counts(users, desks)
        calls = self._calls_by_desk(desks)
        if users is None:
            # sudo: an administrator sees the calls of all of them
            users = (
                self.env["res.users"]
                .sudo()
                .browse([id_ for kind, id_ in counts if kind == "user"])
            )
        return {
            "desks": [
                self._desk_payload(desk, calls[desk.id], counts) for desk in desks
            ],
            "others": [
                {
                    "user": self._user_payload(user),
                    "counts": counts.get(("user", user.id), self._no_counts()),
                }
                for user in (users - desks.user_id).sorted("name")
            ],
            "totals": counts.get(("total", 0), self._no_counts()),
            "pbxs": self._pbxs_payload(desks),
            "now": self.env["noojee.call"]._iso(fields.Datetime.now()),
        }

    @api.model
    def _check_supervisor(self):
        # supervisors alone see who sat where: the board shows who sits where
        self.env["noojee.sign.on"].check_access("read")

    # === WHOSE DESKS === #

    @api.model
    def _led_users(self):
        """The members of the teams that the user leads; None: he sees everybody."""
        if self.env.user.has_group("noojee.group_admin"):
            return None
        # sudo: a supervisor of calls need not have a right on sales teams
        members_sudo = self.env["crm.team.member"].sudo()
        members_sudo = members_sudo.search(
            [
                ("crm_team_id.active", "=", True),
                ("crm_team_id.user_id", "=", self.env.uid),
            ]
        )
        return members_sudo.user_id

    @api.model
    def _desks(self, users):
        # sudo: the desks are chosen here; of customers nothing is read with it
        desks_sudo = self.env["noojee.extension"].sudo()
        domain = Domain("company_id", "in", self.env.companies.ids) & Domain(
            "pbx_id.active", "=", True
        )
        if users is not None:
            domain &= Domain("user_id", "in", users.ids)
        return desks_sudo.search(domain)

    # === CALLS === #

    @api.model
    def _calls_by_desk(self, desks):
        """What runs at each desk, most advanced first; each call once, also where the
        listener and notices told of it under different ids."""
        # sudo: calls at desks that the user supervises
        channels_sudo = self.env["noojee.call.channel"].sudo()
        channels_sudo = channels_sudo.search(
            Domain("pbx_id", "in", desks.pbx_id.ids)
            & Domain("state", "!=", "ended")
            & Domain("extension_id", "in", desks.ids)
        )
        calls_sudo = self.env["noojee.call"].sudo()
        dialled_sudo = calls_sudo.search(
            Domain("dial_extension_id", "in", desks.ids)
            & Domain("state", "in", RUNNING)
        )
        parties = self._parties(channels_sudo.call_id | dialled_sudo)
        foremost = {}
        for channel in channels_sudo.sorted(lambda c: (-RANK[c.state], c.id)):
            foremost.setdefault((channel.extension_id, channel.call_id), channel)
        for call in dialled_sudo:
            if call.dial_extension_id not in call.channel_ids.extension_id:
                foremost[call.dial_extension_id, call] = channels_sudo.browse()
        found = defaultdict(list)
        for (desk, call), channel in foremost.items():
            found[desk.id].append(self._call_payload(call, channel, parties))
        return found

    @api.model
    def _call_payload(self, call, channel, parties):
        """:return: ``{"id", "state", "direction", "is_called" (it came to this desk),
        "is_queue_call", "name", "company" and "record": {"model", "id"} as far as the
        user may see them, "number", "since" (the state), "is_recorded",
        "is_hidden": whether the user may not see more than that it runs}``"""
        iso = self.env["noojee.call"]._iso
        state = channel.state or call.state
        number, party = call.local_number or "", parties.get(call.id)
        is_hidden = party is None
        if is_hidden:
            number, party = "", self._no_party()
        elif call.direction == "internal":
            number = channel.other_number or number
            party = self._colleague(number, call.pbx_id)
        since = state == "connected" and (channel.answered_at or call.answered_at)
        return {
            "id": call.id,
            "state": state,
            "direction": call.direction,
            "is_called": channel.is_called,
            "is_queue_call": call.is_queue_call,
            "number": number,
            **party,
            "since": iso(since or channel.started_at or call.started_at),
            "is_recorded": call.recording_state == "on",
            "is_hidden": is_hidden,
        }

    @api.model
    def _parties(self, calls):
        """Who is on the other side, as far as the user may see it, by the id of each
        call that he may see: one that began before a member of his teams sat there may
        be none."""
        own = calls.with_env(self.env).with_context(
            allowed_company_ids=self.env.user.company_ids.ids
        )
        calls = calls.browse(own._filtered_access("read").ids)
        ids = defaultdict(list, {"res.partner": calls.partner_id.ids})
        for record in filter(None, (call.record_ref for call in calls)):
            ids[record._name].append(record.id)
        readable = {}
        for name, of_model in ids.items():
            own = self.env[name].with_context(
                allowed_company_ids=self.env.user.company_ids.ids
            )
            for record in own.browse(of_model).exists()._filtered_access("read"):
                readable[name, record.id] = record
        parties = {}
        for call in calls:
            partner = readable.get(("res.partner", call.partner_id.id))
            about = call.record_ref
            record = about and readable.get((about._name, about.id))
            linked = record or partner
            parties[call.id] = {
                "name": self._name_of(partner or record),
                # of a company's own number it would stand there twice
                "company": bool(partner)
                and not partner.is_company
                and partner.commercial_company_name
                or "",
                "record": bool(linked) and {"model": linked._name, "id": linked.id},
            }
        return parties

    @api.model
    def _name_of(self, party):
        if not party:
            return ""
        # without the company's name in front, which stands below
        return party._name == "res.partner" and party.name or party.display_name

    @api.model
    def _colleague(self, number, pbx):
        """Who sits at a desk is no secret inside the company."""
        line = pbx.extension_ids.filtered(lambda line: line.number == number)
        return {**self._no_party(), "name": line.user_id.name or ""}

    @api.model
    def _no_party(self):
        return {"name": "", "company": "", "record": False}

    # === WHAT THE BROWSER SHOWS === #

    @api.model
    def _desk_payload(self, desk, calls, counts):
        """:return: ``{"id", "number", "pbx", "user": {"id", "name", "avatar"} or
        False, "calls": see :meth:`_call_payload`, "counts"}``"""
        user = desk.user_id
        key = ("user", user.id) if user else ("desk", desk.id)
        return {
            "id": desk.id,
            "number": desk.number,
            "pbx": desk.pbx_id.name,
            "user": bool(user) and self._user_payload(user),
            "calls": calls,
            "counts": counts.get(key, self._no_counts()),
        }

    @api.model
    def _user_payload(self, user):
        return {
            "id": user.id,
            "name": user.name,
            "avatar": f"/web/image/res.users/{user.id}/avatar_128",
        }

    @api.model
    def _pbxs_payload(self, desks):
        # sudo: whether the phone system is heard is told to every supervisor
        circuits_sudo = self.env["noojee.circuit"].sudo()
        circuits_sudo = circuits_sudo.search([("pbx_id", "in", desks.pbx_id.ids)])
        return [
            {
                "id": pbx.id,
                "name": pbx.name,
                "away": circuits_sudo.filtered(
                    lambda circuit, pbx=pbx: circuit.pbx_id == pbx
                )._payload(),
                "is_listening": pbx.listener_ids._is_listening(),
            }
            for pbx in desks.pbx_id
        ]

    # === TODAY'S COUNTS === #

    @api.model
    def _no_counts(self):
        return dict.fromkeys(COUNTS, 0)

    @api.model
    def _counts(self, users, desks):
        """Today's counts by ``("user", id)``, ``("desk", id)`` where nobody sat, and
        ``("total", 0)``: one walk along the index of what ended lately."""
        midnight = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        midnight = midnight.replace(hour=0, minute=0, second=0, microsecond=0)
        since = midnight.astimezone(timezone.utc).replace(tzinfo=None)
        if users is None:
            whose = SQL("TRUE")
        else:
            whose = SQL("channel.user_id IN %s", tuple(users.ids or [0]))
        missed = SQL("channel.outcome = 'missed'")
        answered = SQL("channel.is_called AND channel.answered_at IS NOT NULL")
        # a word with the colleague before the customer is passed on is none
        attempt = SQL(
            "NOT channel.is_called AND call.has_rung "
            "AND channel.direction != 'internal'"
        )
        # under two ids the same words are spoken once
        again = SQL(
            """
            EXISTS (SELECT 1
                      FROM noojee_call_channel twin
                     WHERE twin.call_id = channel.call_id
                       AND twin.extension_id = channel.extension_id
                       AND twin.id < channel.id
                       AND twin.answered_at < channel.ended_at
                       AND twin.ended_at > channel.answered_at)
            """
        )
        self.env["noojee.call"].flush_model(["direction", "has_rung"])
        self.env["noojee.call.channel"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT GROUPING(channel.user_id), channel.user_id, channel.extension_id,
                       COUNT(DISTINCT channel.call_id) FILTER (WHERE %(answered)s),
                       COUNT(DISTINCT channel.call_id) FILTER (WHERE %(missed)s),
                       COUNT(DISTINCT channel.call_id) FILTER (WHERE %(attempt)s),
                       SUM(EXTRACT(EPOCH FROM channel.ended_at - channel.answered_at))
                       FILTER (WHERE NOT %(again)s)
                  FROM noojee_call_channel channel
                  JOIN noojee_call call
                    ON call.id = channel.call_id
                 WHERE channel.state = 'ended'
                   AND channel.started_at >= %(since)s
                   AND call.direction != 'internal'
                   AND channel.company_id IN %(companies)s
                   AND %(whose)s
              GROUP BY GROUPING SETS ((), (channel.user_id, channel.extension_id))
                """,
                answered=answered,
                attempt=attempt,
                again=again,
                missed=missed,
                since=since,
                companies=tuple(self.env.companies.ids),
                whose=whose,
            )
        )
        return self._sum_up(rows)

    @api.model
    def _sum_up(self, rows):
        counts = defaultdict(self._no_counts)
        for is_total, user_id, desk_id, *values in rows:
            if is_total:
                key = ("total", 0)
            else:
                key = ("user", user_id) if user_id else ("desk", desk_id)
            # whoever changed desks today has a row for each
            for name, value in zip(COUNTS, values, strict=True):
                counts[key][name] += int(value or 0)
        return dict(counts)

    # === WHAT CHANGED === #

    @api.model
    def _tell(self, companies, desks=None):
        """Tell open boards, at commit, to look again.

        :param companies: whose boards
        :param desks: where something changed; None: anywhere, or who sits where
        """
        for company in companies:
            self.env["bus.bus"]._sendone(
                # a channel that only supervisors are let into, see ir.websocket
                (company, CHANNEL),
                "noojee.live_board/changed",
                {"desks": False if desks is None else desks.ids},
            )
