from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request


class RecordingController(http.Controller):
    """The one door to recorded audio."""

    @http.route(
        "/noojee/recording/leg/<int:leg_id>",
        type="http",
        auth="user",
        methods=["GET"],
        sitemap=False,
    )
    def leg(self, leg_id, download=None, **_others):
        """A leg's audio, whole or in the parts that a browser asks for.

        :param download: anything: as a file, for those who may
        :return: audio; 404 where there is none, and in the same words by whom it may
            not be seen; 403 by who sees it and may not hear or download it
        """
        leg = request.env["noojee.recording.leg"].browse(leg_id).exists()
        if not leg or not leg.has_access("read"):
            # a stranger does not learn which ones there are
            raise request.not_found(
                request.env._("There is no such recording, or it is not yours to hear.")
            )
        recording = leg.recording_id
        recording._check_may_hear()
        if download and not request.env.user.has_group("noojee.group_download"):
            raise AccessError(request.env._("You may not download recordings."))
        attachment_sudo = leg._attachment_sudo()
        if leg.state != "stored" or not attachment_sudo:
            raise request.not_found(leg._not_here_words())
        recording._note_listening(is_download=bool(download))
        stream = attachment_sudo._to_http_stream()
        stream.mimetype = leg.media_type
        stream.download_name = leg._audio_name()
        # nothing of it stays in a proxy, or in the browser after the rights are gone
        stream.public = False
        response = stream.get_response(as_attachment=bool(download), max_age=0)
        response.headers["Cache-Control"] = "private, no-store"
        return response
