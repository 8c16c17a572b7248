"""The web server itself: quiet, threaded, able to drop a connection."""

import socket

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class QuietHandler(WSGIRequestHandler):
    """The web server's own log would show the key."""

    # a client may keep its connection for the next request
    protocol_version = "HTTP/1.1"
    # seconds that an idle connection keeps its thread
    timeout = 60
    # answers are small and written in two pieces, which otherwise wait for each other
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args) -> None:
        pass


def make(host: str, port: int, application) -> BaseWSGIServer:
    """A threaded web server, listening already.

    :raise OSError: when the port is taken
    """
    # as werkzeug will choose
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # werkzeug would end the process by itself, in its own words
        probe.bind((host, port))
    return make_server(
        host, port, application, threaded=True, request_handler=QuietHandler
    )


def drop(environ: dict) -> None:
    """Close the connection without an answer.

    :raise ConnectionAbortedError: always; the web server takes it for a client that
        went away
    """
    connection = environ["werkzeug.socket"]
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # the other side was quicker
        pass
    raise ConnectionAbortedError
