import json

from psycopg2.errors import UniqueViolation

from odoo import http
from odoo.exceptions import ConcurrencyError
from odoo.http import request

from ..client import CallEvent

TOKEN_HEADER = "X-Noojee-Token"
MAX_BODY = 64 * 1024


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
    def notice(self, pbx_id):
        """Take in one event or a list of them.

        The body is JSON: ``{"exten": "101", "CallData": {…}, "CallID": 10}`` or a list
        of such, with ``CallData`` as in noojee-api.md section 4; or form fields with
        ``exten`` beside CallData's own. The header ``X-Noojee-Token`` holds the PBX's
        token. The answer tells nothing about numbers or customers.
        """
        pbx_sudo = request.env["noojee.pbx"].sudo().browse(pbx_id).exists()
        token = request.httprequest.headers.get(TOKEN_HEADER, "")
        # an unknown PBX and a wrong token look alike
        if not pbx_sudo.active or not pbx_sudo._accepts_token(token):
            return self._answer(403, "The token is missing or wrong.")
        try:
            events = [self._event(pbx_sudo, row) for row in self._rows()]
        except (AttributeError, KeyError, TypeError, ValueError):
            return self._answer(400, "This is not a notice: exten and CallData needed.")
        calls = request.env["noojee.call"].sudo()
        try:
            calls._ingest(pbx_sudo, events)
        except UniqueViolation as error:
            # another transaction has just stored the same channel: Odoo runs this
            # request again, as it does after a serialization error
            raise ConcurrencyError("Channel stored at the same moment") from error
        return self._answer(200, "OK")

    def _rows(self):
        if request.httprequest.mimetype == "application/json":
            body = json.loads(request.httprequest.get_data())
            return body if isinstance(body, list) else [body]
        return [request.httprequest.form.to_dict()]

    def _event(self, pbx_sudo, row):
        return CallEvent.from_wire(str(row["exten"]), row, pbx_sudo.tz)

    def _answer(self, status, message):
        return request.make_json_response({"message": message}, status=status)
