import re
from urllib.parse import urlencode

from odoo import http
from odoo.http import request

# where a + is taken for a blank
BARE_PLUS = re.compile(r"^((?:sips?:|tel:)?) (\d[\d ]*)(?=[@;]|$)", re.IGNORECASE)


class PopController(http.Controller):
    """The door for desk phones and programs that open an address when it rings."""

    @http.route(
        "/noojee/pop",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def pop(self, number="", **_others):
        """Open the record of whoever calls from a number.

        :param str number: as the phone tells it
        :return: a redirection to the one record that it can be; else a page: to choose
            from several, or to create a contact or a lead. Nothing is written.
        """
        if not request.env.user.has_group("noojee.group_user"):
            return self._page("forbidden", 403)
        # phones do not write a + as addresses need it
        number = BARE_PLUS.sub(r"\1+\2", number)
        found = request.env["noojee.call"]._pop(number)
        if found["open"]:
            return request.redirect(self._address(found["open"]))
        status = 400 if found["page"] == "no_number" else 200
        return self._page(found["page"], status, found)

    def _page(self, page, status, found=None):
        found = found or {}
        models = [("res.partner", "contact"), ("crm.lead", "lead")]
        number = found.get("number")
        return request.render(
            "noojee.pop",
            {
                "page": page,
                "number": found.get("shown"),
                "candidates": [
                    {**candidate, "url": self._address(candidate)}
                    for candidate in found.get("candidates", ())
                ],
                "create": {
                    kind: f"/odoo/noojee_create_{kind}?{urlencode({'number': number})}"
                    for model, kind in models
                    if number and request.env[model].has_access("create")
                },
            },
            status=status,
        )

    def _address(self, candidate):
        # a name without a dot would be read as that of an action
        model = candidate["model"]
        return f"/odoo/{model if '.' in model else f'm-{model}'}/{candidate['id']}"
