"""Gives each exception that ``requests`` raises its meaning."""

import socket
import ssl
import traceback

import requests
import urllib3

from .errors import CannotConnect, CannotConnectReason, NoojeeError, TimedOut


def meaning(
    error: BaseException, method: str, connect_seconds: float, read_seconds: float
) -> NoojeeError:
    """What an exception of ``requests`` means.

    :param connect_seconds: that a connection was waited for
    :param read_seconds: that an answer was waited for
    """
    causes = list(_causes(error))
    is_handshake = any(map(_is_in_handshake, causes))
    if _is_any(causes, requests.ConnectTimeout) or (
        is_handshake and _is_any(causes, TimeoutError)
    ):
        return TimedOut(method, connect_seconds, while_connecting=True)
    if _is_any(
        causes, (requests.Timeout, TimeoutError, urllib3.exceptions.ReadTimeoutError)
    ):
        return TimedOut(method, read_seconds, while_connecting=False)
    return CannotConnect(method, _reason(causes, is_handshake))


def _reason(causes, is_handshake) -> CannotConnectReason:
    if is_handshake:
        if _is_any(causes, ssl.SSLCertVerificationError):
            return CannotConnectReason.CERTIFICATE
        return CannotConnectReason.NO_TLS
    # a label that is empty or too long is not even looked for
    no_names = (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError)
    if _is_any(causes, (socket.gaierror, *no_names)):
        return CannotConnectReason.NAME_NOT_FOUND
    if _is_any(causes, urllib3.exceptions.NewConnectionError):
        if _is_any(causes, ConnectionRefusedError):
            return CannotConnectReason.REFUSED
        return CannotConnectReason.UNREACHABLE
    return CannotConnectReason.BROKEN


def _is_any(causes, kinds) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _is_in_handshake(error) -> bool:
    """Whether it came up before TLS stood, when nothing was sent yet: its kind does not
    tell, as a connection that breaks later raises the same."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name == "do_handshake" for frame, _line in frames)


def _causes(error):
    """An exception and all that stand behind it."""
    seen = set()
    todo = [error]
    while todo:
        current = todo.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [current.__cause__, current.__context__]
        todo += [getattr(current, "reason", None), *current.args]
