import contextlib
import os
import socket
import ssl
import tempfile
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tests.common import _super_send

from .common import API_KEY, NoojeeCommon

JSON = "application/json"
# more than a PBX's answers may be
HUGE = b" " * (33 * 1024 * 1024)


@contextlib.contextmanager
def answering(status, body, kind=JSON, context=None):
    """A server that answers everybody the same.

    :param context: of TLS, else it speaks none
    :return: its port
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            # who has read enough goes away
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *words):
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def self_signed():
    """TLS by a certificate that nobody else has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    parts = (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        certificate.public_bytes(Encoding.PEM),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "both.pem")
        with open(path, "wb") as file:
            file.write(b"".join(parts))
        context.load_cert_chain(path)
    return context


@tagged("post_install", "-at_install", "noojee")
class TestConnection(NoojeeCommon):
    """What the connection test says of each thing that can be wrong."""

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        # no request gets there: the names are nobody's
        return _super_send(s, r, **kw)

    def assert_told(self, words, address=None, **values):
        """:param words: regular expression of what no other failure says"""
        self.pbx.write({"new_api_key": API_KEY, **values})
        if address:
            self.pbx.write({"base_url": address, "new_api_key": API_KEY})
        with self.assertRaisesRegex(UserError, words) as caught:
            self.pbx.action_test_connection()
        self.assertNotIn(API_KEY, str(caught.exception))

    def test_addresses(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            closed = f"http://127.0.0.1:{listening.getsockname()[1]}"
        no_tls = self.simulator.url.replace("http:", "https:")
        for address, words in [
            ("http://pbx.invalid", r"^No server has the name in http://pbx\.invalid\."),
            # a broadcast address takes no connection
            ("http://255.255.255.255", r"^No way leads to http://255\.255\.255\.255\."),
            (closed, f"^Nothing answers at {closed}: the connection was refused"),
            (no_tls, f"^What answers at {no_tls} does not speak TLS"),
            (
                f"{self.simulator.url}/elsewhere",
                r"/elsewhere is not a Noojee server \(HTTP 404\)",
            ),
        ]:
            with self.subTest(address):
                self.assert_told(words, address)

    def test_certificate_that_nobody_trusts(self):
        answer = b'{"code": 0, "entities": []}'
        with answering(200, answer, context=self_signed()) as port:
            address = f"https://127.0.0.1:{port}"
            self.assert_told(
                f"^The certificate of {address} cannot be trusted", address
            )

    def test_answers(self):
        page = b"<html>Welcome</html>"
        for status, body, kind, words in [
            (404, page, "text/html", r"is not a Noojee server \(HTTP 404\)"),
            (503, page, "text/html", r"is being maintained \(HTTP 503\)"),
            (200, page, "text/html", "something that is not from Noojee's API"),
            (200, b'{"entities": [', JSON, "something that is not from Noojee's API"),
            (401, page, "text/html", "refused the API key"),
            (403, page, "text/html", "refused the API key"),
            (
                200,
                b'{"code": -7, "message": "No licence"}',
                JSON,
                r"^Test PBX refused.*No licence",
            ),
            (200, HUGE, JSON, "far more than any Noojee server"),
        ]:
            with (
                self.subTest(status=status, words=words),
                answering(status, body, kind) as port,
            ):
                self.assert_told(words, f"http://127.0.0.1:{port}")

    def test_key_that_is_refused(self):
        self.assert_told("^Test PBX refused the API key", new_api_key="wr0ng")

    def test_answer_that_comes_too_late(self):
        self.simulator.faults({"kind": "latency", "seconds": 3})
        self.assert_told("^Test PBX did not answer in time", read_timeout=0.3)
