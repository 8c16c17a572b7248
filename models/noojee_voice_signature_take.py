from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from .noojee_recording import RUNNING
from .transaction import repeat


class NoojeeVoiceSignature(models.Model):
    """Taking a signature: what the dialogue asks for.

    The PBX is asked as by a click on the call's card: nothing of ours is written in the
    request's own transaction, which Odoo may run again; what came of it is stored in a
    cursor of its own, and the bus tells it.
    """

    _inherit = "noojee.voice.signature"

    # === WHAT THE DIALOGUE SHOWS === #

    @api.model
    def get_dialog(self, order_id, take_id=None):
        """What may be read for an order, and how far the user's own take of it is.

        :param int take_id: of the take that is shown, which may be over meanwhile
        :return: ``{"order": {"id", "name", "customer", "total"}, "order_sha256":
            digest of what the scripts say of the order, "scripts": list of
            {"version_id", "name", "language", "passages": list of {"title", "text",
            "is_notice"}, "fault": why it cannot be read, or ""}, "take": that take,
            else the running one, as :meth:`_payload` describes it, or False}``
        :raise AccessError: by who may not write the order.
        """
        order = self._order_to_sign(order_id)
        scripts = self.env["noojee.voice.script"]._of_order(order)
        # sudo: the user's own takes
        take_sudo = self.sudo().search(
            [
                ("order_id", "=", order.id),
                ("user_id", "=", self.env.uid),
                *([("id", "=", take_id)] if take_id else [("state", "=", "recording")]),
            ],
            limit=1,
        )
        total = format_amount(self.env, order.amount_total, order.currency_id)
        return {
            "order": {
                "id": order.id,
                "name": order.name,
                "customer": order.partner_id.display_name,
                "total": total,
            },
            "order_sha256": order._noojee_digest(),
            "scripts": [self._script_payload(script, order) for script in scripts],
            "take": bool(take_sudo) and take_sudo._payload(),
        }

    @api.model
    def _script_payload(self, script, order):
        version = script._current_version()
        passages, fault = [], ""
        try:
            passages = version._read_to(order)
        except UserError:
            fault = script._fault_words(order)
        lang = self.env["res.lang"]._lang_get(script._language_of(order))
        return {
            "version_id": version.id,
            "name": script.name,
            "language": lang.name or "",
            "passages": passages,
            "fault": fault,
        }

    def _payload(self):
        """This take for the dialogue.

        :return: ``{"id", "order_id", "call_id", "state", "reason", "is_finished":
            whether Stop was pressed, "starts_recording", "seconds": of audio so far,
            "audio_sha256", "passages": list of {"id", "title", "text", "is_notice",
            "answer": "yes", "no" or "", "offset": "00:42" or ""}}``
        """
        self.ensure_one()
        return {
            "id": self.id,
            "order_id": self.order_id.id,
            "call_id": self.call_id.id,
            "state": self.state,
            "reason": self.reason or "",
            "is_finished": bool(self.finished_at),
            "starts_recording": self.starts_recording,
            "seconds": self.recording_id._audio_seconds(),
            "audio_sha256": self.audio_sha256 or "",
            "passages": [
                {
                    "id": passage.id,
                    "title": passage.title,
                    "text": passage.text or "",
                    "is_notice": passage.is_notice,
                    "answer": passage.answer or "",
                    "offset": passage.offset_time or "",
                }
                for passage in self.passage_ids
            ],
        }

    def _tell(self):
        """Show the agent, at commit, how these stand."""
        for signature in self:
            own = signature.with_context(lang=signature.user_id.lang)
            signature.user_id._bus_send("noojee.voice/updated", own._payload())

    # === WHAT THE AGENT DOES === #

    @api.model
    def start(self, order_id, version_id, call_id, order_sha256, agrees=True):
        """The notice was read: record, and begin a take; or note that he said no.

        :param int version_id: of the script, as :meth:`get_dialog` told it
        :param str order_sha256: as it told that
        :param bool agrees: whether the customer agrees to being recorded
        :return: the take, see :meth:`_payload`
        :raise UserError: in plain words, when it is not recorded: no take is begun.
        """
        order = self._order_to_sign(order_id)
        version = self.env["noojee.voice.script.version"].browse(version_id)
        call = self.env["noojee.call"].browse(call_id)
        version.check_access("read")
        call._own_channel("connected")
        # sudo: users do not read the takes of others
        if self.sudo().search([("call_id", "=", call.id), ("state", "=", "recording")]):
            raise UserError(
                self.env._("A voice signature is being taken in this call already.")
            )
        if order._noojee_digest() != order_sha256:
            raise UserError(
                self.env._(
                    "%(order)s was changed meanwhile. Close this and open it again, so "
                    "that you read what it says now.",
                    order=order.name,
                )
            )
        values = self._start_values(order, version, call)
        if agrees:
            values["starts_recording"] = call.recording_state != "on"
            self._record(call, order)
            return self._start_apart(values, agrees)
        # first what he said: it is kept whatever the PBX answers
        payload = self._start_apart(values, agrees)
        call.action_note_objection()
        return payload

    @api.model
    def _order_to_sign(self, order_id):
        order = self.env["sale.order"].browse(order_id)
        order.check_access("write")
        if order.state == "cancel":
            raise UserError(self.env._("%(order)s is cancelled.", order=order.name))
        return order

    @api.model
    def _start_values(self, order, version, call):
        """All of a take that can fail, before the PBX is asked."""
        content = order._noojee_content_text()
        return {
            "order_id": order.id,
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.id,
            "user_id": self.env.uid,
            "call_id": call.id,
            "version_id": version.id,
            "lang": version._language_of(order),
            "amount_total": order.amount_total,
            "currency_id": order.currency_id.id,
            "order_content": content,
            "order_sha256": order._noojee_digest_of(content),
            "passage_ids": [
                Command.create({**passage, "sequence": at})
                for at, passage in enumerate(version._read_to(order))
            ],
        }

    @api.model
    def _record(self, call, order):
        """Have the call recorded with the order's number as its tag."""
        # looked at before: this transaction does not see what another one stores
        has_other_tag = call.recording_state == "on" and call.tag != order.name
        call.action_confirm_notice(order._name, order.id)
        if has_other_tag:
            call.action_tag_recording(order.name)

    @api.model
    def _start_apart(self, values, agrees):
        def start():
            with self.env.registry.cursor() as cr:
                # sudo: users create takes by this alone
                takes_sudo = self.with_env(self.env(cr=cr)).sudo()
                return takes_sudo._begin(values, agrees)._payload()

        return repeat(start)

    @api.model
    def _begin(self, values, agrees):
        if not agrees and (take := self._refused_before(values)):
            return take
        earlier = self.search([("order_id", "=", values["order_id"])], limit=1)
        take = self.create({**values, "number": earlier.number + 1})
        notice = take.passage_ids.filtered("is_notice")
        if not agrees:
            notice._note("no", None)
            take.finished_at = fields.Datetime.now()
            take._conclude()
            return take
        take.recording_id = take.call_id.recording_ids
        # before the recording, where this began it
        seconds = take.recording_id._audio_seconds()
        notice._note("yes", None if take.starts_recording else seconds)
        if take.recording_id.state not in RUNNING:
            # the call ended while the PBX was asked
            take._recording_stopped()
        return take

    @api.model
    def _refused_before(self, values):
        """The take of a customer who said no a moment ago: the PBX went on recording,
        and is asked again."""
        names = ("order_id", "call_id", "user_id", "version_id")
        same = [(name, "=", values[name]) for name in names]
        refused = [("state", "=", "declined"), ("recording_id", "=", False)]
        return self.search(same + refused, limit=1)

    def answer(self, passage_id, answer):
        """Note what the customer answered to a passage.

        While it is being taken it may be answered anew: the last answer counts.

        :param str answer: ``yes`` or ``no``
        :return: this take, see :meth:`_payload`
        :raise UserError: while nothing is recorded.
        """
        take_sudo = self._own_running()
        passage_sudo = take_sudo.passage_ids.filtered(
            lambda passage: passage.id == passage_id and not passage.is_notice
        )
        if take_sudo.recording_id.state != "recording":
            raise UserError(
                self.env._("Nothing is being recorded now. Go on recording first.")
            )
        if take_sudo.finished_at:
            # the PBX did not stop, and it is read on
            take_sudo.write({"finished_at": False, "is_given_up": False})
        passage_sudo._note(
            "yes" if answer == "yes" else "no", take_sudo.recording_id._audio_seconds()
        )
        return take_sudo._payload()

    def stop(self):
        """All was read: stop recording.

        :return: this take, see :meth:`_payload`: signed or declined
        :raise UserError: while passages are open; or in plain words, when the PBX did
            not stop: then it is still recorded, and may be stopped again.
        """
        take_sudo = self._own_running()
        if not take_sudo._declined_passages() and (open_ := take_sudo._open_passages()):
            raise UserError(
                self.env._(
                    "Not every passage was answered: %(titles)s.",
                    titles=", ".join(open_.mapped("title")),
                )
            )
        return take_sudo._finish()

    def give_up(self):
        """Stop recording and leave this take incomplete; errors as :meth:`stop`."""
        return self._own_running()._finish(is_given_up=True)

    def _own_running(self):
        """This take with sudo.

        :raise UserError: where it is over, or not the user's own.
        """
        self.ensure_one()
        # sudo: users do not write takes; this is the user's own
        take_sudo = self.sudo().exists()
        if take_sudo.user_id != self.env.user or take_sudo.state != "recording":
            raise UserError(self.env._("This take is over, or not yours."))
        return take_sudo

    def _finish(self, is_given_up=False):
        now = fields.Datetime.now()

        def finish(take_sudo):
            # kept, should the PBX not answer: then the call's end ends the take
            if not take_sudo.finished_at and take_sudo.state == "recording":
                take_sudo.write({"finished_at": now, "is_given_up": is_given_up})
            if not take_sudo._is_stopped_with_it() and take_sudo.state == "recording":
                take_sudo._conclude()

        self._store_apart(finish)
        if self._is_stopped_with_it():
            # the call's end of recording ends the take
            self.call_id.with_user(self.env.user).action_stop_recording()
        return self._store_apart(lambda take_sudo: take_sudo._payload())

    def _is_stopped_with_it(self):
        return self.starts_recording and self.call_id.recording_state in (
            "on",
            "paused",
        )

    def _store_apart(self, change):
        """Change this take, with sudo, in a cursor of its own."""

        def store():
            with self.env.registry.cursor() as cr:
                return change(self.with_env(self.env(cr=cr)).sudo())

        result = repeat(store)
        self.invalidate_recordset()
        return result
