"""The simulator as a process of its own, and servers that answer as they are told."""

import socket
import threading
from contextlib import contextmanager

import pytest

from client import NoojeeClient
from simulator.remote import Process

# blanks and signs that an address must escape
API_KEY = "k3y of/the+tests&more"
PLACE = ("1", "11", "111")


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
            thread = threading.Thread(
                target=_answer_each, args=(listening, answer, received), daemon=True
            )
            thread.start()
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", received
        # nothing is accepted any more
        thread.join(5)

    return serve


def _answer_each(listening, answer, received):
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
            connection.sendall(answer)


def http(body: bytes, status: str = "200 OK", content_type="application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
