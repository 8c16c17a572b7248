"""Connections that fail, break off or take too long."""

import contextlib
import socket
import threading
import time

import pytest

from client import CannotConnect, CannotConnectReason, HttpError, NoojeeClient, TimedOut

from .conftest import http
from .secrecy import API_KEY, caught_from


@pytest.mark.parametrize(
    "host", ["no-such-host.invalid", "a..b", f"{'a' * 64}.com", ".com"]
)
def test_name_not_found(host):
    with NoojeeClient(f"http://{host}", API_KEY) as noojee:
        error = caught_from(noojee.system_health, CannotConnect)
    assert error.reason is CannotConnectReason.NAME_NOT_FOUND
    assert not error.maybe_done


def test_connection_refused():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with NoojeeClient(f"http://127.0.0.1:{port}", API_KEY) as noojee:
        error = caught_from(noojee.system_health, CannotConnect)
    assert error.reason is CannotConnectReason.REFUSED
    assert not error.maybe_done


def test_no_way_to_the_server():
    # a broadcast address takes no connection
    with NoojeeClient("http://255.255.255.255", API_KEY) as noojee:
        error = caught_from(noojee.system_health, CannotConnect)
    assert error.reason is CannotConnectReason.UNREACHABLE
    assert not error.maybe_done


def test_server_without_tls(simulator):
    url = simulator.url.replace("http:", "https:")
    with NoojeeClient(url, API_KEY) as noojee:
        error = caught_from(noojee.system_health, CannotConnect)
    assert error.reason is CannotConnectReason.NO_TLS
    assert not error.maybe_done


@pytest.mark.filterwarnings("ignore:Unverified")
def test_certificate_that_nobody_signed(tls_server):
    url, bundle = tls_server(http(b'{"code": 0}'))
    with NoojeeClient(url, API_KEY) as noojee:
        error = caught_from(noojee.system_health, CannotConnect)
    assert error.reason is CannotConnectReason.CERTIFICATE
    assert not error.maybe_done
    for verify in (False, bundle):
        with NoojeeClient(url, API_KEY, verify=verify) as noojee:
            assert noojee.get_campaigns("1") == ()


def test_tls_that_breaks_off_after_the_request(tls_server):
    url, bundle = tls_server(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    with NoojeeClient(url, API_KEY, verify=bundle) as noojee:
        error = caught_from(lambda: noojee.hangup("101"), CannotConnect)
    assert error.reason is CannotConnectReason.BROKEN
    assert error.maybe_done


def test_tls_handshake_that_is_not_answered():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with NoojeeClient(url, API_KEY, connect_timeout=0.3) as noojee:
            error = caught_from(lambda: noojee.hangup("101"), TimedOut)
    assert error.while_connecting
    assert not error.maybe_done


@pytest.mark.parametrize("name", ["missing.pem", "text.pem"])
def test_bundle_that_is_none(tmp_path, name):
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(ValueError, match=name):
        NoojeeClient("https://127.0.0.1", API_KEY, verify=str(tmp_path / name))


def test_no_answer_in_time(simulator):
    simulator.faults({"kind": "latency", "seconds": 2})
    with NoojeeClient(simulator.url, API_KEY, read_timeout=0.2) as noojee:
        error = caught_from(lambda: noojee.dial("0370101235", "101", ""), TimedOut)
    assert error.maybe_done
    assert not error.while_connecting


@pytest.fixture
def full():
    """Start servers that take no connection; returns a function of their address."""
    with contextlib.ExitStack() as held:

        def start(host, port=0):
            server = held.enter_context(socket.socket())
            server.bind((host, port))
            server.listen(0)
            for _place in range(2):
                waiting = held.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(server.getsockname())
            return server.getsockname()

        yield start


@pytest.fixture
def named(monkeypatch):
    """Give a name some addresses."""
    look_up = socket.getaddrinfo

    def name(name, addresses):
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", row) for row in addresses]

        def find(host, *args, **kwargs):
            return rows if host == name else look_up(host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", find)

    return name


def test_no_connection_in_time(full):
    host, port = full("127.0.0.1")
    with NoojeeClient(f"http://{host}:{port}", API_KEY, connect_timeout=0.3) as noojee:
        error = caught_from(lambda: noojee.hangup("101"), TimedOut)
    assert error.while_connecting
    assert not error.maybe_done


def test_no_connection_in_time_to_any_of_a_names_addresses(full, named):
    first = full("127.0.0.1")
    others = [full(host, first[1]) for host in ("127.0.0.2", "127.0.0.3")]
    named("pbx.test", [first, *others])
    url = f"http://pbx.test:{first[1]}"
    with NoojeeClient(url, API_KEY, connect_timeout=0.6) as noojee:
        begin = time.monotonic()
        error = caught_from(lambda: noojee.hangup("101"), TimedOut)
        seconds = time.monotonic() - begin
    assert error.while_connecting
    assert "0.6 s" in str(error)
    assert 0.5 < seconds < 1


def test_first_address_that_is_dead_leaves_time_for_the_next(full, named, one_answer):
    with one_answer(http(b'{"code": 0}')) as (url, _received):
        port = int(url.rpartition(":")[2])
        named("pbx.test", [full("127.0.0.2", port), ("127.0.0.1", port)])
        url = f"http://pbx.test:{port}"
        with NoojeeClient(url, API_KEY, connect_timeout=0.6) as noojee:
            assert noojee.get_campaigns("1") == ()


def test_name_of_a_server_with_tls(named, tls_server):
    """Whatever its address, the certificate is for its name."""
    url, bundle = tls_server(http(b'{"code": 0}'))
    port = int(url.rpartition(":")[2])
    named("pbx.test", [("127.0.0.1", port)])
    with NoojeeClient(f"https://pbx.test:{port}", API_KEY, verify=bundle) as noojee:
        error = caught_from(noojee.system_health, CannotConnect)
    assert error.reason is CannotConnectReason.CERTIFICATE


HEAD = b"HTTP/1.1 200 OK\r\n"
JSON = b'{"Code": 0, "entities": []}' + b" " * 73
AUDIO = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(84)


@pytest.mark.parametrize(
    ("beginning", "end"),
    [
        (b"", HEAD + b"Content-Length: 100\r\n\r\n" + JSON),
        (HEAD, b"X-Slow: %s\r\nContent-Length: 100\r\n\r\n" % JSON + JSON),
        (HEAD + b"Content-Length: 100\r\n\r\n", JSON),
        (HEAD + b"\r\n", JSON),
        # never silent for long enough to be noticed by that
        (HEAD + b"\r\n", JSON + b" " * 9900),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\n", JSON + b"\r\n0\r\n\r\n"),
    ],
    ids=["status", "head", "body", "without length", "steady", "chunk"],
)
def test_answer_that_drips(dripping, beginning, end):
    url = dripping(beginning, end)
    with NoojeeClient(url, API_KEY, connect_timeout=0.2, read_timeout=1) as noojee:
        error = caught_from(lambda: noojee.hangup("101"), TimedOut)
    assert error.maybe_done
    assert not error.while_connecting
    assert "1.2 s" in str(error)


def test_audio_may_drip(dripping):
    url = dripping(HEAD + b"Content-Length: 100\r\n\r\n" + AUDIO[:60], AUDIO[60:], 2)
    with NoojeeClient(url, API_KEY, connect_timeout=0.2, read_timeout=1) as noojee:
        assert noojee.retrieve(tag="S1").content == AUDIO


def test_check_of_the_state_may_take_its_time(simulator):
    with NoojeeClient(simulator.url, API_KEY, read_timeout=0.5) as noojee:
        assert noojee.check_state(["101"], 1)["101"].message == ""


def test_long_poll_may_take_its_time(simulator):
    with NoojeeClient(simulator.url, API_KEY, read_timeout=0.5) as noojee:
        number = noojee.subscribe(["101"], 0, 0).sequence_number
        assert noojee.subscribe(["101"], number, 1).events == ()


def test_lead_waits_as_long_as_the_pbx_queues_it(simulator):
    simulator.faults({"kind": "latency", "seconds": 0.5})
    with NoojeeClient(simulator.url, API_KEY, read_timeout=0.2) as noojee:
        place = ("1", "11", "111")
        assert noojee.insert_lead(*place, {"Phone": "03 7010 9911"}).code == 0


def test_redirect_is_not_followed(one_answer):
    answer = (
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with one_answer(answer) as (url, received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert caught_from(noojee.system_health, HttpError).status == 302
    assert len(received) == 1


def test_redirect_to_an_address_that_is_none(one_answer):
    answer = (
        b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with one_answer(answer) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert caught_from(noojee.system_health, HttpError).status == 302


def test_answer_that_is_cut_off(one_answer):
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"Code": 0'
    with one_answer(answer) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            error = caught_from(lambda: noojee.hangup("101"), CannotConnect)
    assert error.reason is CannotConnectReason.BROKEN


def test_restart_cuts_off_a_long_poll(noojee, simulator):
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    restart = threading.Timer(
        0.3, simulator.control, ["restart"], {"down_seconds": 0.2}
    )
    restart.start()
    error = caught_from(lambda: noojee.subscribe(["101"], number, 10), CannotConnect)
    restart.join()
    assert error.reason is CannotConnectReason.BROKEN


def test_parameters_are_escaped(one_answer):
    with one_answer(http(b'{"Code": 0}')) as (url, received):
        with NoojeeClient(url, API_KEY) as noojee:
            noojee.start_recording("101", tag="A&B=ü /#")
    [request] = received
    line = request.split(b"\r\n")[0]
    assert line.startswith(b"POST /servicemanager/rest/CallManagementAPI/start?")
    # a blank as %20, which everybody reads: a plus means one only in forms
    assert b"tag=A%26B%3D%C3%BC%20%2F%23" in line
    assert b"application/x-www-form-urlencoded" in request


@pytest.mark.parametrize(
    "address", ["", "pbx one", "ftp://pbx", "https://", "http://h:x", "http://a@b"]
)
def test_addresses_that_are_none(address):
    with pytest.raises(ValueError):
        NoojeeClient(address, API_KEY)


def test_time_zone_that_is_none():
    with pytest.raises(ValueError, match="Mars"):
        NoojeeClient("http://127.0.0.1", API_KEY, time_zone="Mars/Olympus")
