"""The simulator as a process of its own, and servers that answer as they are told."""

import itertools
import logging
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from client import NoojeeClient
from simulator.remote import Process

from .secrecy import API_KEY, assert_no_key

PLACE = ("1", "11", "111")


@pytest.fixture(autouse=True)
def no_key_in_logs(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    # by the time of the teardown the text itself is empty
    records = caplog.get_records("call")
    told = "\n".join(f"{r.getMessage()} {r.exc_text or ''}" for r in records)
    assert_no_key(told)


@pytest.fixture(scope="session")
def running_simulator():
    simulator = Process(API_KEY)
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(running_simulator):
    running_simulator.control("reset")
    return running_simulator


@pytest.fixture(scope="session")
def older_simulator():
    simulator = Process(API_KEY, "--older")
    yield simulator
    simulator.stop()


@pytest.fixture
def noojee(simulator):
    with NoojeeClient(
        simulator.url, API_KEY, time_zone="Australia/Melbourne", read_timeout=2
    ) as client:
        yield client


@pytest.fixture
def one_answer():
    """A server that sends the same bytes to whoever asks, and keeps the requests."""

    @contextmanager
    def serve(answer: bytes):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            received = []
            # a thread that waits in accept() does not notice that it is closed
            listening.settimeout(0.05)
            arguments = (listening, itertools.repeat(answer), received)
            thread = threading.Thread(target=_answer_each, args=arguments, daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", received
        # nothing is accepted any more
        thread.join(5)

    return serve


@pytest.fixture
def answers_by_turns():
    """Start a server that sends one answer after the other.

    :return: function of the answers; it returns the address
    """
    started = []

    def start(*answers: bytes):
        listening = socket.create_server(("127.0.0.1", 0))
        listening.settimeout(5)
        started.append(listening)
        arguments = (listening, iter(answers), [])
        threading.Thread(target=_answer_each, args=arguments, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for listening in started:
        listening.close()


@pytest.fixture
def dripping():
    """Start a server that sends the end of its answer byte by byte.

    :return: function of the answer's beginning and end, and of the seconds that the end
        takes; it returns the address
    """
    started = []

    def start(beginning: bytes, end: bytes, seconds: float = 10):
        listening = socket.create_server(("127.0.0.1", 0))
        started.append(listening)
        arguments = (listening, beginning, end, seconds / len(end))
        threading.Thread(target=_drip, args=arguments, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for listening in started:
        listening.close()


@pytest.fixture
def tls_server(tmp_path):
    """Start a server with a certificate of its own making.

    :return: function of an answer, and of the seconds that pass before it shakes hands;
        it returns address and path of the certificate
    """
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    _write_certificate(certificate, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    started = []

    def start(answer: bytes, seconds: float = 0):
        listening = socket.create_server(("127.0.0.1", 0))
        started.append(listening)
        arguments = (context, listening, answer, seconds)
        threading.Thread(target=_answer_by_tls, args=arguments, daemon=True).start()
        return f"https://127.0.0.1:{listening.getsockname()[1]}", str(certificate)

    yield start
    for listening in started:
        listening.close()


def _write_certificate(certificate, key):
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
    )


def _answer_by_tls(context, listening, answer, seconds):
    while True:
        try:
            connection, _address = listening.accept()
            time.sleep(seconds)
            with context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(65536)
                secured.sendall(answer)
        except ssl.SSLError:
            # the client does not trust it
            continue
        except OSError:
            return


def _answer_each(listening, answers, received):
    while True:
        try:
            connection, _address = listening.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            received.append(connection.recv(65536))
            # it may have had enough
            with suppress(ConnectionError):
                connection.sendall(next(answers, b""))


def _drip(listening, beginning, end, pause):
    # whoever asks may have had enough
    with suppress(OSError), listening.accept()[0] as connection:
        connection.recv(65536)
        connection.sendall(beginning)
        for number in range(len(end)):
            time.sleep(pause)
            connection.sendall(end[number : number + 1])


def http(body: bytes, status: str = "200 OK", content_type="application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
