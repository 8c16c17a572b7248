import logging

from markupsafe import Markup

from odoo import fields, models

from .transaction import try_part

_logger = logging.getLogger(__name__)


class NoojeeCall(models.Model):
    """The one line about a call in the chatter of what it was about."""

    _inherit = "noojee.call"

    message_id = fields.Many2one(
        "mail.message",
        string="Line in the chatter",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )

    def _update_chatter(self):
        """Write these calls' lines, or bring them up to date."""
        # sudo: what a call left in the chatter follows the call, whoever changed it
        calls_sudo = self.sudo().filtered(lambda call: call._has_line())
        if not calls_sudo:
            return
        if not try_part(self.env, calls_sudo._update_chatter_lines):
            return
        # one of them fails: the others have theirs
        for call_sudo in calls_sudo:
            if error := try_part(self.env, call_sudo._update_chatter_lines):
                _logger.error(
                    "Call %s has no line in the chatter.", call_sudo.id, exc_info=error
                )

    def _update_chatter_lines(self):
        # sudo: what a call left in the chatter follows the call, whoever changed it
        calls_sudo = self.sudo()
        new = []
        for call_sudo in calls_sudo:
            call_sudo = call_sudo.with_context(
                lang=call_sudo.user_id.lang or call_sudo.company_id.partner_id.lang
            )
            message_sudo = call_sudo.message_id
            thread_sudo = call_sudo._chatter_record()
            if thread_sudo is None or not call_sudo._is_worth_a_line():
                message_sudo.unlink()
                continue
            values = {
                "model": thread_sudo._name,
                "res_id": thread_sudo.id,
                "body": call_sudo._chatter_body(),
            }
            if message_sudo:
                message_sudo.write(values)
            else:
                new.append((call_sudo, values | call_sudo._chatter_author_values()))
        # one by one, as mail.thread logs them, takes several times as long
        messages_sudo = self.env["mail.message"].sudo()
        messages_sudo = messages_sudo.create([values for _call, values in new])
        for (call_sudo, _values), message_sudo in zip(new, messages_sudo, strict=True):
            call_sudo.message_id = message_sudo

    def _chatter_author_values(self):
        author = self._chatter_author()
        email = author.email_formatted
        return {
            "author_id": author.id,
            "email_from": email,
            "reply_to": email,
            "message_type": "notification",
            "is_internal": True,
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note"),
            # a note: nobody is sent it, nobody can answer it
            "email_add_signature": False,
            "record_alias_domain_id": False,
            "record_company_id": False,
        }

    def _chatter_record(self):
        """Whose chatter the line belongs into, or None."""
        for record in (self._existing_record(), self.partner_id):
            if record and "message_ids" in record:
                return record
        return None

    def _has_line(self):
        """Whether there is a line to write, or to take back."""
        return bool(self.message_id) or self._is_worth_a_line()

    def _is_worth_a_line(self):
        if self.state != "ended" or self.outcome == "elsewhere" or not self.has_rung:
            return False
        if self.direction == "internal":
            # the record of a call among colleagues is the colleague, unless it was
            # made from another
            record = self._existing_record()
            return record and record._name != "res.partner"
        return True

    def _chatter_author(self):
        rang_at = self.channel_ids.user_id
        is_queued = self.direction != "internal" and len(rang_at) > 1
        if self.outcome == "missed" and is_queued:
            # it was nobody's in particular
            return self.env.ref("base.partner_root")
        return self.user_id.partner_id or self.env.ref("base.partner_root")

    def _chatter_body(self):
        """The line: plain words, all that came from outside escaped."""
        return Markup("<p>%s</p>") % Markup("<br/>").join(self._chatter_lines())

    def _chatter_lines(self):
        links = [self._get_html_link(title=self.env._("Show call"))]
        if recording := self.recording_ids.filtered("has_audio"):
            links.append(recording._get_html_link(title=self.env._("Play recording")))
        lines = [Markup("%s %s") % (self._chatter_words(), Markup(" · ").join(links))]
        if self.result_id:
            lines.append(self.env._("Result: %(result)s", result=self.result_id.name))
        if self.note:
            lines += self.env._("Note: %(note)s", note=self.note).splitlines()
        return lines

    def _chatter_words(self):
        party = self._chatter_party()
        who = self._chatter_who()
        match (self.direction, self.outcome):
            case ("inbound", "answered"):
                return self.env._(
                    "Call from %(party)s: %(who)s talked %(time)s.",
                    party=party,
                    who=who,
                    time=self.talk_time,
                )
            case (_, "answered"):
                return self.env._(
                    "%(who)s called %(party)s: talked %(time)s.",
                    party=party,
                    who=who,
                    time=self.talk_time,
                )
            case ("inbound", "missed"):
                return self.env._(
                    "Missed call from %(party)s, rang %(time)s.",
                    party=party,
                    time=self.ring_time,
                )
            # a colleague who did not answer has missed it
            case (_, "cancelled" | "missed"):
                return self.env._(
                    "%(who)s called %(party)s: not answered, rang %(time)s.",
                    party=party,
                    who=who,
                    time=self.ring_time,
                )
        return self.env._(
            "%(who)s, call with %(party)s: how it ended is not known.",
            party=party,
            who=who,
        )

    def _chatter_who(self):
        return self.user_id.name or self.env._(
            "Desk %(number)s", number=self.channel_ids[:1].extension_number
        )

    def _chatter_party(self):
        name, number = self.partner_id.name, self._number_to_all()
        if name and number:
            return self.env._("%(name)s, %(number)s", name=name, number=number)
        return name or number or self.env._("an unknown number")
