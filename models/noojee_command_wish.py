from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .noojee_command import TAGGED

# whoever is rung later does not know any more what for
DIAL_EXPIRES = timedelta(seconds=60)


class NoojeeCommand(models.Model):
    """Wishing: a command is bound to the call that runs then, or waits for one."""

    _inherit = "noojee.command"

    @api.model
    def _wish(self, kind, records, lines, tags=None, action=None):
        """Queue a command for each of some records of one model.

        :param str kind: one of ``KINDS``
        :param records: that the commands are for
        :param dict lines: by the records' ids, ``(user whose line is used, False)`` or
            ``(no user, why not)``
        :param dict tags: by the records' ids, ``(tag, False)`` or ``(False, why not)``
        :param action: server action that wishes; it tells what is to be done where no
            call runs
        :return: the commands; what cannot be done is told in their states and on the
            records
        """
        # sudo: whoever works with a record need not see calls or write commands
        records_sudo = records.sudo()
        users_sudo = self.env["res.users"].sudo()
        users_sudo = users_sudo.union(*(user.sudo() for user, _ in lines.values()))
        calls = {} if kind == "call" else self._running_at(users_sudo)
        customers = self._customers_of(records_sudo)
        vals_list = []
        for record in records_sudo:
            user, reason = lines[record.id]
            user_sudo = user.sudo().with_prefetch(users_sudo.ids)
            vals_list.append(
                {
                    **self._prepare_line(user_sudo),
                    "kind": kind,
                    "action_id": action and action.id,
                    "res_model": record._name,
                    "res_id": record.id,
                    "record_name": record.display_name,
                    "commercial_partner_id": customers[record.id].id,
                }
            )
            vals_list[-1] |= self._prepare_beginning(
                vals_list[-1],
                calls.get(user_sudo.id),
                reason or self._no_line_words(user_sudo),
                (tags or {}).get(record.id, (False, False)),
                action,
            )
        commands_sudo = self.sudo().create(vals_list)
        armed_until = {c.expires_at for c in commands_sudo if c.state == "armed"}
        if armed_until:
            self._cron()._trigger(armed_until)
        not_queued = commands_sudo.filtered(lambda c: c.state != "queued")
        not_queued._after(not_queued._log_outcomes)
        return commands_sudo.sudo(self.env.su)

    @api.model
    def _prepare_line(self, user_sudo):
        line_sudo = user_sudo.noojee_extension_ids[:1]
        return {
            "user_id": user_sudo.id,
            "pbx_id": line_sudo.pbx_id.id,
            "company_id": (line_sudo.company_id or self.env.company).id,
        }

    @api.model
    def _no_line_words(self, user_sudo):
        if user_sudo.noojee_extension_ids:
            return False
        return self.env._("%(user)s has no line.", user=user_sudo.name)

    @api.model
    def _prepare_beginning(self, beginning, channel, reason, tag, action):
        """The state in which a wish begins.

        :param dict beginning: what is known of the command
        :param channel: that runs at the line, if any
        :param str reason: why there is no line
        :param tag: ``(tag, why there is none)``
        """
        kind = beginning["kind"]
        if reason:
            return self._prepare_refused(action, reason)
        tag, failure = self._check_tag(kind, *tag)
        values = {"tag": tag}
        if failure:
            return values | {"state": "failed", "reason": failure}
        if kind == "call":
            return values | {"expires_at": fields.Datetime.now() + DIAL_EXPIRES}
        if channel and not self._is_somebody_else(beginning, channel):
            return values | self._prepare_bound(channel)
        return values | self._prepare_without_call(beginning, channel, action)

    @api.model
    def _prepare_without_call(self, beginning, channel, action):
        user = self.env["res.users"].sudo().browse(beginning["user_id"])
        reason = self.env._("%(user)s was not in a call.", user=user.name)
        if channel:
            reason = self.env._(
                "%(user)s was in a call with somebody else.", user=user.name
            )
        if not action or action.noojee_if_no_call != "arm":
            return self._prepare_refused(action, reason)
        if not self._is_about_somebody(beginning):
            reason = self.env._("No customer is known whose call could be waited for.")
            return self._prepare_refused(action, reason)
        minutes = timedelta(minutes=action.noojee_armed_minutes)
        return {
            "state": "armed",
            "reason": self.env._("Waits for the next call with this customer."),
            "expires_at": fields.Datetime.now() + minutes,
        }

    @api.model
    def _prepare_refused(self, action, reason):
        is_failure = action and action.noojee_if_no_call == "fail"
        return {"state": "failed" if is_failure else "skipped", "reason": reason}

    @api.model
    def _is_about_somebody(self, beginning):
        """Whether a call can be told to be the one that is meant."""
        called_about = self.env["noojee.call"]._record_models()
        is_called_about = beginning["res_model"] in called_about
        return is_called_about or bool(beginning["commercial_partner_id"])

    @api.model
    def _is_somebody_else(self, beginning, channel):
        """Whether what would be recorded is known to be a call with somebody else.
        Whoever works with a record while he talks knows with whom; but what a customer
        does in the portal says nothing about whom his salesperson talks to."""
        is_known = beginning["res_model"] in self.env["noojee.call"]._record_models()
        is_by_himself = beginning["user_id"] == self.env.uid
        if not is_known or is_by_himself or beginning["kind"] not in TAGGED:
            return False
        wished = beginning["commercial_partner_id"]
        called = channel.call_id.commercial_partner_id.id
        return bool(wished and called) and wished != called

    @api.model
    def _check_tag(self, kind, tag, failure):
        """:return: the tag as it is sent, and why it cannot be"""
        if failure or kind not in TAGGED:
            return tag, failure
        if not tag and kind == "tag_recording":
            return tag, self.env._("The tag is empty.")
        try:
            return tag and self.env["noojee.call"]._checked_tag(tag), False
        except UserError as refusal:
            return tag, str(refusal)

    @api.model
    def _prepare_bound(self, channel):
        """That a command is for this channel and for no other."""
        return {
            "state": "queued",
            "due_at": fields.Datetime.now(),
            "expires_at": False,
            "reason": False,
            "pbx_id": channel.pbx_id.id,
            "company_id": channel.company_id.id,
            "call_id": channel.call_id.id,
            "unique_call_id": channel.unique_call_id,
        }

    @api.model
    def _running_at(self, users, states=("ringing", "connected")):
        """:return: dict from the users' ids to the channel that each talks at, else to
        the one that rings there"""
        # sudo: what runs at a line decides, not who may see it
        channels_sudo = (
            self.env["noojee.call.channel"]
            .sudo()
            .search(
                [("user_id", "in", users.ids), ("state", "in", states)],
                order="answered_at desc nulls last, id desc",
            )
        )
        running = {}
        for channel_sudo in channels_sudo:
            running.setdefault(channel_sudo.user_id.id, channel_sudo)
        return running

    @api.model
    def _customers_of(self, records):
        """:return: dict from the records' ids to the company of each one's contact"""
        if records._name == "res.partner":
            return {record.id: record.commercial_partner_id for record in records}
        found = records._mail_get_partners(introspect_fields=True)
        return {id_: found[id_][:1].commercial_partner_id for id_ in found}

    # === THE NEXT CALL === #

    @api.model
    def _wake_armed(self, calls):
        """Wake whoever carries out commands, where one waits at the line of somebody
        who is connected in these calls."""
        channels = calls.filtered(lambda c: c.state == "connected").channel_ids
        users = channels.filtered(lambda c: c.state == "connected").user_id
        if not users:
            return
        # sudo: whoever's wish it is
        armed = [("state", "=", "armed"), ("user_id", "in", users.ids)]
        if self.sudo().search_count(armed, limit=1):
            self._wake()

    @api.model
    def _meet_calls(self):
        """Bind what waits to the calls that have come; what waited in vain expires."""
        armed = self.search([("state", "=", "armed")], order="id")
        if not armed:
            return
        running = self._running_at(armed.user_id, ["connected"])
        for command in armed:
            channel = running.get(command.user_id.id)
            is_in_time = channel and channel.answered_at <= command.expires_at
            if is_in_time and command._is_meant(channel.call_id):
                command.write(command._prepare_bound(channel))
            elif command.expires_at <= fields.Datetime.now():
                command._note_end("expired", self.env._("The next call did not come."))

    def _is_meant(self, call):
        """Whether a call is with the customer, or about the record, of this wish."""
        record = call.record_ref
        if record and (record._name, record.id) == (self.res_model, self.res_id):
            return True
        customer = self.commercial_partner_id
        return bool(customer) and call.commercial_partner_id == customer
