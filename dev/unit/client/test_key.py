"""A key that is refused, and that nothing tells the key."""

import json
import pickle
import traceback

import pytest

from client import (
    AnswerTooLarge,
    ApiError,
    KeyRefused,
    LeadRefused,
    NoojeeClient,
    NotJson,
)

from .conftest import PLACE, http
from .secrecy import API_KEY, SPELLINGS, assert_no_key, caught_from, shown_by_names


def test_key_refused(simulator):
    with NoojeeClient(simulator.url, "another") as noojee:
        for question in (
            noojee.system_health,
            lambda: noojee.hangup("1.1"),
            lambda: noojee.retrieve_metadata("S1"),
            lambda: noojee.retrieve(tag="S1"),
        ):
            caught_from(question, KeyRefused)


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


@pytest.mark.parametrize(
    "words",
    [
        *("Expired TimeStamp", "Expired Time Stamp", "Bad hash", "Invalid APIKey"),
        *("Access denied", "Permission denied", "Forbidden", "Invalid token"),
        "Unauthorised",
    ],
)
def test_key_refused_by_words(one_answer, words):
    body = json.dumps({"Message": words, "Code": -1}).encode()
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            for question in (
                lambda: noojee.hangup("101"),
                lambda: noojee.retrieve(tag="S1"),
                lambda: noojee.retrieve_metadata("S1"),
                lambda: noojee.insert_lead(*PLACE, {}),
            ):
                error = caught_from(question, KeyRefused)
                assert (error.code, error.message) == (-1, words)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        *((-1, "Unknown caller"), (-1, ""), (-2, "Missing parameter key")),
        *((-1, "Unknown agentLoginName"), (-1, "Number not allowed")),
    ],
)
def test_refusal_that_is_not_about_the_key(one_answer, code, words):
    body = json.dumps({"Message": words, "Code": code}).encode()
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            hangup = caught_from(lambda: noojee.hangup("101"), ApiError)
            insert = caught_from(lambda: noojee.insert_lead(*PLACE, {}), LeadRefused)
    for error in (hangup, insert):
        assert not isinstance(error, KeyRefused)
        assert (error.code, error.message) == (code, words)
    assert insert.reason is None
    assert not insert.may_retry


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


def test_key_that_a_warning_repeats(one_answer):
    body = json.dumps({"Code": 3, "Message": f"{API_KEY} ends soon"}).encode()
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.hangup("101").message == "*** ends soon"
            assert noojee.retrieve_metadata("S1").message == "*** ends soon"


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


def test_key_is_in_no_repr(noojee):
    assert_no_key(repr(noojee) + repr(noojee._transport))
