import logging

from odoo import api, fields, models

from .noojee_call import RUNNING
from .noojee_call_ingest import ANONYMOUS
from .transaction import spoils_transaction

_logger = logging.getLogger(__name__)


class NoojeeCall(models.Model):
    """A call as the browser shows it, and who is told of its changes."""

    _inherit = "noojee.call"

    def _payload(self, user):
        """This call as one user sees it.

        :return: dict of plain values: ``id``, ``company_id``, ``version``, ``state``
            and ``outcome`` (of the user's own channel where he has one),
            ``direction``, ``number`` (as people of the PBX's country write it and the
            user may see it) and ``dial_number`` (see :meth:`_dial_word`), both empty
            where the caller withholds his, ``name``,
            ``subtitle``, ``avatar``, ``record`` (``{"model", "id", "name"}`` or
            False), ``candidates`` (see ``_match``; only while it runs or is asked
            about), ``extension``, ``channel_id`` (of the user's own channel or False;
            a call that comes back to his desk has another one), ``is_called`` (it came
            to his desk, it was not made there), ``is_declined`` (by him, in Odoo),
            ``can_answer``, ``can_hang_up``, ``answered_by``, ``other_desks``,
            ``failure``, ``told`` (by the user, of who it is: ``{"name",
            "is_remembered"}`` or False), ``started_at``, ``answered_at`` (of the
            user's own channel while the call rings at his desk), ``ended_at`` and
            ``now`` (ISO 8601, UTC)
        """
        self.ensure_one()
        # sudo: the call is the user's own; what he may see of customers is read with
        # his own rights below
        call = self.sudo()
        mine = call._channel_of(user)
        answerer = call._answered().filtered("user_id")[-1:].user_id or user
        return {
            "id": call.id,
            "company_id": call.company_id.id,
            "version": call.version,
            "state": mine.state or call.state,
            "outcome": mine.outcome or call.outcome,
            "direction": call.direction,
            **call._payload_number(user),
            **call._payload_party(user, mine),
            "extension": mine.extension_number or call.dial_extension_id.number or "",
            "channel_id": call._ring_of(mine).id,
            "is_called": mine.is_called,
            "is_declined": mine.is_declined,
            "can_answer": mine.state == "ringing" and mine.can_answer,
            "can_hang_up": mine.state in RUNNING
            or call.dial_extension_id.user_id == user,
            "answered_by": answerer != user and answerer.partner_id.name,
            "other_desks": len(call._ringing_desks() - {mine.extension_number}),
            "failure": call.failure_reason,
            "told": call._payload_told(user),
            **call._payload_moments(mine),
            "now": self._iso(fields.Datetime.now()),
        }

    def _answered(self):
        """The channels that were answered, whoever did it last at the end."""
        answered = self.channel_ids.filtered("answered_at")
        if len(answered) < 2:
            return answered
        return answered.sorted(lambda channel: (channel.answered_at, channel.id))

    def _payload_moments(self, channel):
        # what it was at other desks before is nothing to whom it rings at now
        rings = channel.state == "ringing" and channel.is_called
        begun = channel if rings else self
        return {
            "started_at": self._iso(begun.started_at),
            "answered_at": self._iso(channel.answered_at or begun.answered_at),
            "ended_at": self._iso(channel.ended_at or self.ended_at),
        }

    def _payload_number(self, user):
        if (self.number or "").strip().lower() in ANONYMOUS:
            return {"number": "", "dial_number": ""}
        return {
            "number": self._shown_number(user),
            # what is written for people may be another number in another country
            "dial_number": self._payload_dial_number(user),
        }

    def _payload_dial_number(self, user):
        if self.direction == "internal":
            return self.number
        return self._dial_word(self.number_e164 or self.number, self, user)

    def _payload_party(self, user, channel):
        """Who is on the other side, as far as the user may see it."""
        if self.direction == "internal" and channel:
            return self._payload_colleague(user, channel)
        own = self._as_seen_by(user)
        partner = self._readable(own.partner_id)
        record = own._existing_record()
        record = record and self._readable(record)
        linked = record or partner
        candidates = []
        if not linked and self._asks_who_called(user):
            # it may be from any of these
            candidates = own._match(
                self.number, self.pbx_id, user, self._may_be_diallers()
            )
        return {
            "name": partner.name or (record and record.display_name) or "",
            "subtitle": self._readable(partner.parent_id).name or "",
            "avatar": self._avatar(partner),
            "record": bool(linked)
            and {
                "model": linked._name,
                "id": linked.id,
                # without the company's name in front, which stands in the subtitle
                "name": partner.name if linked == partner else linked.display_name,
            },
            "candidates": candidates,
        }

    def _as_seen_by(self, user):
        """This call with a user's rights in all of his companies."""
        context = {**self.env.context, "allowed_company_ids": user.company_ids.ids}
        return self.with_env(self.env(user=user.id, su=False, context=context))

    @api.model
    def _readable(self, record):
        """A record, or none where the user of its environment may not read it."""
        return record._filtered_access("read")

    def _ringing_desks(self):
        """Numbers of the desks where this call rings: each once, also where notices
        and the listener told of it under different ids."""
        return {
            channel.extension_number
            for channel in self.channel_ids
            if channel.state == "ringing"
        }

    def _channel_of(self, user):
        """The channel of this call that counts at the user's desk, if any."""
        channels = self.channel_ids.filtered(lambda channel: channel.user_id == user)
        return self._foremost(channels)

    def _ring_of(self, channel):
        """What tells one ring at a desk from the next: the first running channel
        there, whoever else tells of the same ring."""
        if channel == self.channel_ids or channel.state == "ended":
            return channel
        at_desk = self.channel_ids.filtered(
            lambda other: (
                other.state != "ended"
                and other.extension_number == channel.extension_number
            )
        )
        return at_desk.sorted("id")[:1]

    @api.model
    def _foremost(self, channels):
        """The last of some channels at a desk. One that runs goes before those that
        have ended, and the PBX's own before one that a dial plan made up an id for:
        that one has no number of the PBX's, which would not know it either."""
        if len(channels) < 2:
            return channels
        return channels.sorted(
            lambda channel: (
                channel.state != "ended",
                bool(channel.wire_call_id),
                channel.id,
            )
        )[-1:]

    def _asks_who_called(self, user):
        """Whether the user is shown who may have this call's number: of older calls
        the browser asks when somebody wants to know."""
        mine = self._channel_of(user)
        if (mine.state or self.state) != "ended":
            return True
        return self._needs_wrap_up(user, mine.ended_at or self.ended_at)

    def _payload_colleague(self, user, channel):
        colleague = self._match_extension(channel.other_number, self.pbx_id)[:1]
        known = colleague[0] if colleague else {}
        return {
            "number": self._shown_desk(channel.other_number, self.pbx_id, user) or "",
            "name": known.get("name", ""),
            "subtitle": known.get("subtitle", ""),
            "avatar": known.get("avatar", False),
            "record": False,
            "candidates": [],
        }

    @staticmethod
    def _iso(moment):
        return moment and f"{moment.isoformat(timespec='seconds')}Z"

    def _notify(self):
        """Tell every user concerned, at commit, how these calls stand."""
        self._count_change()
        self._tell()

    def _count_change(self):
        for version, calls in self.grouped("version").items():
            calls.version = version + 1

    def _tell(self):
        """Tell at commit what :meth:`_count_change` has counted."""
        self._tell_users()

    def _tell_users(self, changes=None):
        """Send every user concerned these calls as he sees them.

        :param dict changes: what else is told than :meth:`_payload` says
        """
        calls = self._told()
        calls._prefetch_users()
        try:
            # a savepoint for each message would cost more than the messages
            with self.env.cr.savepoint():
                messages = [
                    (user, call._message_to(user))
                    for call in calls
                    for user in call._users_concerned()
                ]
        except Exception as error:
            if spoils_transaction(error):
                raise
            messages = calls._messages_apart()
        for user, payload in messages:
            user._bus_send("noojee.call/updated", payload | (changes or {}))

    def _told(self):
        """Those of which it was told what they do. A PBX, or a dial plan, may have
        words of its own: until it uses one that is known nothing can be shown."""
        return self.filtered(
            lambda call: (
                call.state != "dialing"
                or call.has_rung
                or call.request_token
                or any(call.channel_ids.mapped("is_click_to_dial"))
            )
        )

    def _prefetch_users(self):
        """Read once what the messages to all users need."""
        users = self._users_concerned()
        for name in ("partner_id.lang", "company_ids", "sale_team_id"):
            users.mapped(name)

    def _users_concerned(self):
        return self.channel_ids.user_id | self.user_id

    def _message_to(self, user):
        return self.with_context(lang=user.partner_id.lang)._payload(user)

    def _messages_apart(self):
        """What one user may not see, or what is gone, must not cost the others their
        cards."""
        messages = []
        for call in self:
            for user in call._users_concerned():
                try:
                    with self.env.cr.savepoint():
                        messages.append((user, call._message_to(user)))
                except Exception as error:
                    if spoils_transaction(error):
                        raise
                    _logger.exception(
                        "Call %s cannot be shown to %s.", call.id, user.login
                    )
        return messages
