from odoo import models
from odoo.exceptions import UserError

from ..client import (
    AnswerTooLarge,
    ApiError,
    CannotConnect,
    CannotConnectReason,
    Conventions,
    HttpError,
    KeyRefused,
    NoojeeClient,
    NoojeeError,
    NotJson,
    RecordingBase,
    TimedOut,
)
from .noojee_pbx import SETTABLE_NAMES


class NoojeePbx(models.Model):
    """Speaking to the PBX, and what its failures mean in plain words."""

    _inherit = "noojee.pbx"

    def _check_usable(self):
        """:raise UserError: while this PBX is not set up, or switched off."""
        if words := self._unusable_words():
            raise UserError(words)

    def _unusable_words(self):
        """Why this PBX cannot be asked at all, or False."""
        self.ensure_one()
        # sudo: users may call without being able to read the key
        if not self.sudo().api_key:
            return self.env._(
                "%(pbx)s has no API key yet. An administrator sets it under Noojee → "
                "Configuration → PBX.",
                pbx=self.name,
            )
        if not self.active:
            return self.env._(
                "%(pbx)s is archived. An administrator can bring it back under Noojee "
                "→ Configuration → PBX.",
                pbx=self.name,
            )
        return False

    def _client(self):
        """A client for this PBX. Use it as a context manager.

        :raise UserError: while this PBX is not set up, or switched off.
        """
        self._check_usable()
        # sudo: users may call without being able to read the key
        pbx_sudo = self.sudo()
        return NoojeeClient(
            pbx_sudo.base_url,
            pbx_sudo.api_key,
            connect_timeout=pbx_sudo.connect_timeout,
            read_timeout=pbx_sudo.read_timeout,
            verify=pbx_sudo.verify_tls,
            time_zone=pbx_sudo.tz,
            conventions=pbx_sudo._conventions(),
        )

    def _conventions(self):
        return Conventions(
            recording_base=RecordingBase(self.recording_base),
            **{name: self[name] for name in SETTABLE_NAMES},
        )

    def _circuit_to_ask(self):
        """The circuit, which is minded before the PBX is asked.

        :raise PbxAway: while the PBX is known to be away
        """
        # sudo: nobody writes circuits, they note what happened
        circuit_sudo = self.env["noojee.circuit"].sudo()._of(self)
        circuit_sudo._check()
        return circuit_sudo

    def _ask(self, question, before_wait=None, is_urgent=False):
        """Put one question to the PBX, minding the circuit.

        :param question: function of a :class:`NoojeeClient`
        :param before_wait: function that is called right before, for those who end
            their transaction then
        :param bool is_urgent: whether to ask even while the PBX is known to be away:
            what must not go on is stopped as soon as it answers again
        :return: what ``question`` returned
        :raise NoojeeError: what went wrong on the wire
        :raise PbxAway: at once, without a request, while the PBX is known to be away
        """
        self.ensure_one()
        # sudo: nobody writes circuits, they note what happened
        circuit_sudo = self.env["noojee.circuit"].sudo()._of(self)
        if not is_urgent:
            circuit_sudo._check()
        with self._client() as client:
            if before_wait:
                before_wait()
            try:
                answer = question(client)
            except NoojeeError as error:
                if self._is_away(error):
                    circuit_sudo._open(self._explain(error))
                raise
        circuit_sudo._close()
        return answer

    @staticmethod
    def _is_away(error):
        """Whether this failure says that the PBX does not answer anybody now."""
        if isinstance(error, HttpError):
            return error.status >= 500
        return isinstance(error, (CannotConnect, TimedOut, NotJson))

    def _explain(self, error):
        """What a client's error means, in plain words with what to do."""
        if isinstance(error, CannotConnect):
            return self._explain_no_connection(error)
        if isinstance(error, TimedOut):
            return self.env._(
                "%(pbx)s did not answer in time. Try again in a moment; if it stays "
                "so, ask whoever looks after the phone system.",
                pbx=self.name,
            )
        if isinstance(error, KeyRefused):
            return self.env._(
                "%(pbx)s refused the API key. An administrator should check it with "
                "Noojee's support.",
                pbx=self.name,
            )
        if isinstance(error, HttpError) and error.status < 500:
            return self.env._(
                "What answers at %(address)s is not a Noojee server (HTTP %(status)s). "
                "An administrator should check the address.",
                address=self.base_url,
                status=error.status,
            )
        if isinstance(error, HttpError):
            return self.env._(
                "%(pbx)s has an internal error or is being maintained (HTTP "
                "%(status)s). Try again in a few minutes.",
                pbx=self.name,
                status=error.status,
            )
        if isinstance(error, NotJson):
            return self.env._(
                "%(pbx)s answered something that is not from Noojee's API. It may be "
                "under maintenance, or the address may be wrong.",
                pbx=self.name,
            )
        if isinstance(error, AnswerTooLarge):
            return self.env._(
                "What answers at %(address)s sends far more than any Noojee server "
                "does. An administrator should check the address.",
                address=self.base_url,
            )
        if isinstance(error, ApiError):
            return self.env._(
                "%(pbx)s refused: %(message)s (code %(code)s).",
                pbx=self.name,
                message=error.message,
                code=error.code,
            )
        return str(error)

    def _explain_in_full(self, error):
        """What a client's error means for who sets the PBX up: with its own words."""
        words = self._explain(error)
        if not isinstance(error, KeyRefused) or not error.message:
            return words
        return self.env._(
            "%(explanation)s It says: “%(message)s”",
            explanation=words,
            message=error.message,
        )

    def _explain_no_connection(self, error):
        match error.reason:
            case CannotConnectReason.NAME_NOT_FOUND:
                return self.env._(
                    "No server has the name in %(address)s. An administrator should "
                    "check the address.",
                    address=self.base_url,
                )
            case CannotConnectReason.REFUSED:
                return self.env._(
                    "Nothing answers at %(address)s: the connection was refused. Is "
                    "the phone system running, and is the port right?",
                    address=self.base_url,
                )
            case CannotConnectReason.UNREACHABLE:
                return self.env._(
                    "No way leads to %(address)s. Is this server on the phone "
                    "system's network, and is the address right?",
                    address=self.base_url,
                )
            case CannotConnectReason.NO_TLS:
                return self.env._(
                    "What answers at %(address)s does not speak TLS. Is the port "
                    "right, and does the address begin with https for a reason?",
                    address=self.base_url,
                )
            case CannotConnectReason.CERTIFICATE:
                return self.env._(
                    "The certificate of %(address)s cannot be trusted. Renew it, or, "
                    "on a network of your own, switch its verification off.",
                    address=self.base_url,
                )
        return self.env._(
            "The connection to %(pbx)s broke off. Try again in a moment.",
            pbx=self.name,
        )

    def _describe_health(self, health):
        if not health:
            return self.env._("It tells nothing about its health (an older system).")
        figures = [
            (self.env._("load %(figure)s"), health.load_average),
            (self.env._("processor %(figure)s %%"), health.cpu_percent),
            (self.env._("%(figure)s MB of memory free"), health.memory_available_mb),
            (self.env._("%(figure)s %% of disk free"), health.free_disk_space_percent),
        ]
        told = [
            words % {"figure": f"{value:g}"}
            for words, value in figures
            if value is not None
        ]
        return ", ".join(told) or self.env._("It tells nothing about its health.")
