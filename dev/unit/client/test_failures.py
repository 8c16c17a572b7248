"""Each way of failing, and that none of them tells the key."""

import html
import json
import logging
import pickle
import socket
import threading
import traceback
from urllib.parse import quote, quote_plus

import pytest

from client import (
    AnswerTooLarge,
    ApiError,
    CallStatus,
    CannotConnect,
    CannotConnectReason,
    HttpError,
    KeyRefused,
    NoojeeClient,
    NoojeeError,
    NotAudio,
    NotJson,
    TimedOut,
)

from .conftest import API_KEY, PLACE, http

# as an address, a page or JSON may write it
SPELLINGS = {
    "plain": API_KEY,
    "in another case": API_KEY.upper(),
    "quoted": quote(API_KEY),
    "quoted in full": quote(API_KEY, safe=""),
    "quoted in lower case": quote(API_KEY, safe="").replace("%2F", "%2f"),
    "quoted with plus": quote_plus(API_KEY),
    "quoted twice": quote(quote(API_KEY, safe=""), safe=""),
    "in HTML": html.escape(API_KEY),
    "in HTML by number": API_KEY.replace("&", "&#38;").replace("/", "&#x2F;"),
    "in JSON": API_KEY.replace("/", "\\/"),
    "in JSON by number": API_KEY.replace("&", "\\u0026").replace("/", "\\u002F"),
}


def assert_no_key(text):
    for written in SPELLINGS.values():
        assert written not in text


def caught_from(question, kind=NoojeeError):
    """The error of a question, once it is sure that it tells nothing of the key."""
    with pytest.raises(kind) as caught:
        question()
    error = caught.value
    assert_no_key(f"{error} {error!r} {vars(error)}")
    assert_no_key("".join(traceback.format_exception(error)))
    assert_no_key(pickle.dumps(error).decode("latin-1"))
    assert_no_key(shown_by_names(error))
    assert error.__context__ is None
    return error


def shown_by_names(error):
    """What a debugger shows of the client: the values of all names in its frames."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(
        str(frame.locals) for frame in frames.stack if "/client/" in frame.filename
    )


@pytest.fixture(autouse=True)
def no_key_in_logs(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    # by the time of the teardown the text itself is empty
    records = caplog.get_records("call")
    told = "\n".join(f"{r.getMessage()} {r.exc_text or ''}" for r in records)
    assert_no_key(told)


def strike(simulator, kind, **more):
    simulator.faults({"kind": kind, **more})


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
    strike(simulator, "latency", seconds=2)
    with NoojeeClient(simulator.url, API_KEY, read_timeout=0.2) as noojee:
        error = caught_from(lambda: noojee.dial("0370101235", "101", ""), TimedOut)
    assert error.maybe_done
    assert not error.while_connecting


def test_long_poll_may_take_its_time(simulator):
    with NoojeeClient(simulator.url, API_KEY, read_timeout=0.5) as noojee:
        number = noojee.subscribe(["101"], 0, 0).sequence_number
        assert noojee.subscribe(["101"], number, 1).events == ()


def test_dropped_connection_is_not_repeated_for_a_dial(noojee, simulator):
    strike(simulator, "drop", times=1, method="dial")
    error = caught_from(lambda: noojee.dial("0370101235", "101", ""), CannotConnect)
    assert error.reason is CannotConnectReason.BROKEN
    assert error.maybe_done


def test_dropped_connection_is_repeated_for_a_question(noojee, simulator):
    strike(simulator, "drop", times=1, method="test")
    assert noojee.system_health()


def test_key_refused(simulator):
    with NoojeeClient(simulator.url, "another") as noojee:
        for question in (
            noojee.system_health,
            lambda: noojee.hangup("1.1"),
            lambda: noojee.retrieve_metadata("S1"),
            lambda: noojee.retrieve(tag="S1"),
        ):
            caught_from(question, KeyRefused)


def test_library_logs_addresses_without_the_key(noojee, caplog):
    noojee.system_health()
    assert "apiKey=***" in "".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("written", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(
    "body",
    [
        '{"Code": -1, "Message": "Invalid apiKey KEY"}',
        '{"code": -5, "message": "Cannot do /x?KEY"}',
        '{"apiKey": "KEY"}',
        "<p>unknown key KEY</p>",
        "<p>gru\N{LATIN SMALL LETTER SHARP S}\N{REPLACEMENT CHARACTER} KEY</p>",
    ],
)
def test_key_that_the_pbx_repeats(one_answer, body, written):
    with one_answer(http(body.replace("KEY", written).encode())) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            caught_from(lambda: noojee.hangup("101"))
            caught_from(lambda: noojee.retrieve(tag="S1"))
            caught_from(lambda: noojee.retrieve(tag="S1", max_bytes=9), AnswerTooLarge)


@pytest.mark.parametrize("written", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(
    "answer",
    [
        "HTTP/1.1 302 Found\r\nLocation: /login?KEY\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 KEY\r\nX-Key: KEY\r\nno header KEY\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: KEY\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n{}",
        "HTTP/1.1 200 OK\r\nSet-Cookie: key=KEY; expires=KEY\r\n\r\nKEY",
        "KEY",
    ],
)
def test_key_beside_the_answer(one_answer, answer, written):
    with one_answer(answer.replace("KEY", written).encode()) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            caught_from(lambda: noojee.hangup("101"))


@pytest.mark.parametrize("body", ["no such key: s3cret", "x?apiKey=s3cret&more"])
def test_short_key_that_the_pbx_repeats(one_answer, body):
    with one_answer(http(body.encode())) as (url, _received):
        with NoojeeClient(url, "s3cret") as noojee:
            with pytest.raises(NotJson) as caught:
                noojee.hangup("101")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: NoojeeClient("pbx one", API_KEY),
        lambda: NoojeeClient("http://127.0.0.1", API_KEY, time_zone="Mars/Olympus"),
        lambda: NoojeeClient("http://127.0.0.1", API_KEY, verify="/missing.pem"),
    ],
)
def test_key_is_not_shown_where_the_client_is_refused(wrong):
    with pytest.raises(ValueError) as caught:
        wrong()
    assert_no_key(shown_by_names(caught.value))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda noojee: noojee.hangup("\ud800"),
        lambda noojee: noojee.insert_lead(*PLACE, {"Born": object()}),
        lambda noojee: noojee.insert_lead(*PLACE, {"Age": float("nan")}),
    ],
)
def test_key_is_not_shown_where_values_cannot_be_sent(noojee, wrong):
    with pytest.raises((TypeError, ValueError)) as caught:
        wrong(noojee)
    frames = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    for frame in frames.stack:
        if "/dev/unit/" not in frame.filename:
            assert_no_key(str(frame.locals))


@pytest.mark.parametrize("part", [lambda client: client, lambda client: vars(client)])
def test_client_is_not_written_down(noojee, part):
    with pytest.raises(TypeError):
        pickle.dumps(part(noojee))


@pytest.mark.parametrize("body", [b"<html>no</html>", b'{"Code": -3, "Message": "No"}'])
@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_key_refused_by_status(one_answer, status, body):
    with one_answer(http(body, status)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            for question in (
                noojee.system_health,
                lambda: noojee.retrieve(tag="S1"),
                lambda: noojee.retrieve_metadata("S1"),
                lambda: noojee.insert_lead(*PLACE, {}),
            ):
                caught_from(question, KeyRefused)


def test_key_that_a_warning_repeats(one_answer):
    body = json.dumps({"Code": 3, "Message": f"{API_KEY} ends soon"}).encode()
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.hangup("101").message == "*** ends soon"
            assert noojee.retrieve_metadata("S1").message == "*** ends soon"


@pytest.mark.parametrize("words", ["Expired TimeStamp", "Unknown caller", ""])
def test_key_refused_whatever_the_words(one_answer, words):
    body = json.dumps({"Message": words, "Code": -1}).encode()
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            error = caught_from(lambda: noojee.hangup("101"), KeyRefused)
    assert error.message == words


def test_error_page(noojee, simulator):
    strike(simulator, "http500")
    assert caught_from(noojee.system_health, HttpError).status == 500


def test_page_instead_of_json(noojee, simulator):
    strike(simulator, "html")
    error = caught_from(lambda: noojee.hangup("101"), NotJson)
    assert "\n" not in str(error)


@pytest.mark.parametrize("kind", ["truncated", "invalid"])
def test_broken_json(noojee, simulator, kind):
    strike(simulator, kind)
    for question in (
        noojee.system_health,
        lambda: noojee.subscribe(["101"], 0, 0),
        lambda: noojee.retrieve_metadata("S00001"),
    ):
        caught_from(question, NotJson)


@pytest.mark.parametrize("body", [b"5", b'"OK"', b"null", b"{}", b'{"entities": 1}'])
def test_json_of_another_form(one_answer, body):
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            for question in (
                noojee.system_health,
                lambda: noojee.hangup("101"),
                lambda: noojee.retrieve_metadata("S1"),
                lambda: noojee.insert_lead(*PLACE, {}),
            ):
                caught_from(question, NotJson)


def test_code_below_zero(noojee):
    error = caught_from(lambda: noojee.dial("0370101235", "999", ""), ApiError)
    assert error.code < 0
    assert "999" in error.message


def test_warning_is_carried_on_the_result(one_answer):
    with one_answer(http(b'{"Code": "7", "Message": "Channel busy"}')) as (url, _):
        with NoojeeClient(url, API_KEY) as noojee:
            result = noojee.hangup("101")
    assert (result.code, result.message, result.is_warning) == (7, "Channel busy", True)


def test_numbers_as_text(noojee, simulator):
    simulator.control("ring", desks=["101"], caller="0370101235")
    strike(simulator, "codes_as_strings")
    [event] = noojee.subscribe(["101"], 0, 0).events
    assert event.inbound is True
    assert noojee.system_health().cores == 4


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


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b"[]", b"", b"null", b"\xff\xfe", b"RIFF0000AVI "]
)
def test_audio_that_is_none(one_answer, body):
    with one_answer(http(body, content_type="audio/wav")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            caught_from(lambda: noojee.retrieve(tag="S1"), NotAudio)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        # 8 kHz, as telephones speak
        (b"\xff\xe3\x18", "audio/mpeg"),
    ],
)
def test_audio_is_known_by_its_content(one_answer, body, media_type):
    with one_answer(http(body, content_type="text/plain")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.retrieve(tag="S1").media_type == media_type


def test_lead_waits_as_long_as_the_pbx_queues_it(simulator):
    strike(simulator, "latency", seconds=0.5)
    with NoojeeClient(simulator.url, API_KEY, read_timeout=0.2) as noojee:
        place = ("1", "11", "111")
        assert noojee.insert_lead(*place, {"Phone": "03 7010 9911"}).code == 0


def test_audio_that_is_too_large(noojee):
    caught_from(lambda: noojee.retrieve(tag="S00001", max_bytes=1000), AnswerTooLarge)


def test_audio_of_half_an_hour(one_answer):
    body = b"RIFF\x24\x00\x00\x00WAVE" + bytes(30 * 60 * 8000 * 4)
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.retrieve(tag="S1").content == body
            error = caught_from(noojee.system_health, AnswerTooLarge)
    assert "audio" not in str(error)


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


def test_audio_is_not_refused_for_being_no_json(one_answer):
    with one_answer(http(b"RIFF\x24\x00\x00\x00WAVEfmt ")) as (url, received):
        with NoojeeClient(url, API_KEY) as noojee:
            noojee.retrieve(tag="S1")
    [accept] = [line for line in received[0].split(b"\r\n") if b"Accept:" in line]
    assert b"*/*" in accept


@pytest.mark.parametrize(
    "address", ["", "pbx one", "ftp://pbx", "https://", "http://h:x", "http://a@b"]
)
def test_addresses_that_are_none(address):
    with pytest.raises(ValueError):
        NoojeeClient(address, API_KEY)


def test_time_zone_that_is_none():
    with pytest.raises(ValueError, match="Mars"):
        NoojeeClient("http://127.0.0.1", API_KEY, time_zone="Mars/Olympus")


def test_key_is_in_no_repr(noojee):
    assert_no_key(repr(noojee) + repr(noojee._transport))


def test_restart_shows_as_a_lower_number(noojee, simulator):
    simulator.control("ring", desks=["101"], caller="0370101235")
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    assert number > 0
    simulator.control("restart", down_seconds=0)
    batch = noojee.subscribe(["101"], number, 5)
    assert batch.sequence_number < number
    assert batch.events == ()


def test_restart_cuts_off_a_long_poll(noojee, simulator):
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    restart = threading.Timer(
        0.3, simulator.control, ["restart"], {"down_seconds": 0.2}
    )
    restart.start()
    error = caught_from(lambda: noojee.subscribe(["101"], number, 10), CannotConnect)
    restart.join()
    assert error.reason is CannotConnectReason.BROKEN


@pytest.mark.parametrize(("kind", "least"), [("flood", 50), ("duplicates", 2)])
def test_more_events_than_happened(noojee, simulator, kind, least):
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    simulator.control("ring", desks=["101"], caller="0370101235")
    more = {"count": 50} if kind == "flood" else {}
    strike(simulator, kind, **more)
    events = noojee.subscribe(["101"], number, 5).events
    assert len(events) >= least
    assert len(set(events)) == 1


def test_events_out_of_order_all_come(noojee, simulator):
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    simulator.faults({"kind": "out_of_order", "seconds": 0.5})
    simulator.control("call-out", desk="101", number="0370101235")
    batch = noojee.subscribe(["101"], number, 5)
    assert [event.status for event in batch.events] == [
        CallStatus.CONNECTED,
        CallStatus.DIALING_OUT,
    ]
    assert batch.sequence_number > number
