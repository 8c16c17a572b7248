import json

import psycopg2

from odoo import http
from odoo.http import request

from ..client import CallEvent, CallStatus
from ..models.transaction import spoils_transaction

TOKEN_HEADER = "X-Noojee-Token"
MAX_BODY = 64 * 1024
# events that this process could not take in; broken ones must not fill the memory
MOST_LEFT_OUT = 1000
_left_out_before = set()
REFUSED = "The token is missing or wrong, or does not count for your address."


class NoticeController(http.Controller):
    """The door for PBXs, dial plans and middleware that push their events."""

    @http.route(
        "/noojee/notice/<int:pbx_id>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_BODY,
    )
    def notice(self, pbx_id, **_fields):
        """Take in one event or a list of them.

        The body is JSON: ``{"exten": "101", "CallData": {…}, "CallID": 10}`` or a list
        of such, with ``CallData`` as in noojee-api.md section 4; or form fields with
        ``exten`` beside CallData's own. The header ``X-Noojee-Token`` holds the PBX's
        token. The answer tells nothing about numbers or customers, but of statuses
        that are none.
        """
        pbx_sudo = request.env["noojee.pbx"].sudo().browse(pbx_id).exists()
        token = request.httprequest.headers.get(TOKEN_HEADER, "")
        # an unknown PBX, a wrong token and a wrong sender look alike
        if not pbx_sudo.active or not pbx_sudo._accepts_token(token):
            return self._answer(403, REFUSED)
        if not pbx_sudo._accepts_address(request.httprequest.remote_addr):
            return self._answer(403, REFUSED)
        # after the token: a stranger must not use up what is the PBX's
        if seconds := request.env["noojee.notice.count"].sudo()._count(pbx_sudo):
            return self._answer(
                429, "Too many notices.", headers={"Retry-After": str(seconds)}
            )
        try:
            events = [self._event(pbx_sudo, row) for row in self._rows()]
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            return self._answer(400, "This is not a notice: exten and CallData needed.")
        try:
            left_out = request.env["noojee.call"]._ingest_apart(pbx_sudo, events)
        except psycopg2.Error as error:
            if not spoils_transaction(error):
                raise
            return self._answer_later("Too much at this moment. Send it again.")
        if self._is_news(pbx_sudo, left_out):
            # a moment's trouble, such as an update of Odoo's modules, is no reason to
            # lose a call; what was taken in may come once more
            return self._answer_later("Not all could be taken in. Send it again.")
        return self._answer(200, self._thanks(events))

    def _thanks(self, events):
        calls = request.env["noojee.call"]
        strange = {event.status_word for event in events if calls._is_strange(event)}
        if not strange:
            return "OK"
        statuses = ", ".join(status.value for status in CallStatus)
        return f"OK, but of these statuses {sorted(strange)} none is of {statuses}."

    def _is_news(self, pbx_sudo, left_out):
        """Whether this process leaves any of these events out for the first time: what
        fails again will always fail, and must not hold up what comes after it."""
        place = request.db, pbx_sudo.id
        keys = {
            (*place, event.extension, event.unique_call_id, event.status_word)
            for event in left_out
        }
        is_news = not keys <= _left_out_before
        if len(_left_out_before) > MOST_LEFT_OUT:
            _left_out_before.clear()
        _left_out_before.update(keys)
        return is_news

    def _rows(self):
        if request.httprequest.mimetype == "application/json":
            # a channel's id is text, also where it is written as a number
            body = json.loads(request.httprequest.get_data(), parse_float=str)
            return body if isinstance(body, list) else [body]
        return [request.httprequest.form.to_dict()]

    def _event(self, pbx_sudo, row):
        return CallEvent.from_notice(row, pbx_sudo.tz)

    def _answer_later(self, message):
        return self._answer(503, message, headers={"Retry-After": "1"})

    def _answer(self, status, message, headers=None):
        return request.make_json_response(
            {"message": message}, headers=headers, status=status
        )
