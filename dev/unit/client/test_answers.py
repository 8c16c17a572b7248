"""Answers that say no, and those that are none."""

import json

import pytest

from client import ApiError, HttpError, LeadRefused, NoojeeClient, NotAudio, NotJson

from .conftest import PLACE, http
from .secrecy import API_KEY, assert_no_key, caught_from


def test_error_page(noojee, simulator):
    simulator.faults({"kind": "http500"})
    assert caught_from(noojee.system_health, HttpError).status == 500


@pytest.mark.parametrize(
    ("status", "maybe_done"),
    [
        ("202 Accepted", True),
        ("204 No Content", True),
        ("303 See Other", True),
        ("400 Bad Request", False),
        ("404 Not Found", False),
        ("408 Request Timeout", True),
        ("500 Internal Server Error", True),
        ("502 Bad Gateway", True),
        ("503 Service Unavailable", True),
        ("504 Gateway Timeout", True),
    ],
)
def test_status_behind_which_a_desk_may_ring(one_answer, status, maybe_done):
    with one_answer(http(b"", status)) as (url, received):
        with NoojeeClient(url, API_KEY) as noojee:
            error = caught_from(lambda: noojee.dial("0370101235", "101", ""), HttpError)
    assert str(error.status) == status[:3]
    assert error.maybe_done is maybe_done
    assert len(received) == 1


def test_error_status_with_a_code(one_answer):
    body = b'{"Code": -7, "Message": "No trunk"}'
    with one_answer(http(body, "500 Internal Server Error")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            for question in (
                lambda: noojee.dial("0370101235", "101", ""),
                lambda: noojee.get_campaigns("1"),
                lambda: noojee.retrieve_metadata("S1"),
                lambda: noojee.retrieve(tag="S1"),
            ):
                error = caught_from(question, ApiError)
                assert (error.code, error.message) == (-7, "No trunk")
                assert not error.maybe_done
            lead = caught_from(lambda: noojee.insert_lead(*PLACE, {}), LeadRefused)
    # with this status the PBX says that it failed, not that the lead is wrong
    assert (lead.code, lead.message, lead.may_retry) == (-7, "No trunk", True)


@pytest.mark.parametrize(
    "status", ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"]
)
def test_maintenance_that_is_told_in_json(one_answer, status):
    body = b'{"Code": -1, "Message": "Down for maintenance"}'
    with one_answer(http(body, status)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            for question in (
                lambda: noojee.hangup("101"),
                lambda: noojee.subscribe(["101"]),
                noojee.system_health,
                lambda: noojee.retrieve_metadata("S1"),
                lambda: noojee.retrieve(tag="S1"),
                lambda: noojee.insert_lead(*PLACE, {}),
            ):
                error = caught_from(question, HttpError)
                assert str(error.status) == status[:3]
                assert error.says_away


def test_redirect_says_nothing_of_what_was_asked(one_answer):
    with one_answer(http(b"", "302 Found")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            error = caught_from(lambda: noojee.insert_lead(*PLACE, {}), HttpError)
    assert error.says_away


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32"]
)
def test_answer_in_an_encoding_of_json(one_answer, encoding):
    body = '{"Code": 7, "Message": "Gespräch besetzt"}'.encode(encoding)
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            result = noojee.hangup("101")
    assert (result.code, result.message) == (7, "Gespräch besetzt")


def test_error_status_with_a_code_that_says_nothing(one_answer):
    body = b'{"Code": 0, "entities": []}'
    with one_answer(http(body, "500 Internal Server Error")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            for question in (
                lambda: noojee.hangup("101"),
                noojee.system_health,
                lambda: noojee.retrieve_metadata("S1"),
                lambda: noojee.insert_lead(*PLACE, {}),
            ):
                assert caught_from(question, HttpError).status == 500


def test_page_instead_of_json(noojee, simulator):
    simulator.faults({"kind": "html"})
    error = caught_from(lambda: noojee.hangup("101"), NotJson)
    assert "\n" not in str(error)
    assert error.maybe_done


@pytest.mark.parametrize("kind", ["truncated", "invalid"])
def test_broken_json(noojee, simulator, kind):
    simulator.faults({"kind": kind})
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
    simulator.faults({"kind": "codes_as_strings"})
    [event] = noojee.subscribe(["101"], 0, 0).events
    assert event.inbound is True
    assert noojee.system_health().cores == 4


@pytest.mark.parametrize("words", ['"%s"', "'%s'", '<a href="%s">', "%s"])
def test_message_that_quotes_the_address(one_answer, words):
    message = words % f"http://pbx/rest/dial?number=1&apiKey={API_KEY}"
    row = {"SessionID": 7, "Message": message, "Code": 0}
    with one_answer(http(json.dumps(row).encode())) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.dial("1", "101", "").session_id == "7"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_excerpt_that_a_database_keeps(one_answer, encoding):
    words = f"OggS\0\0 apiKey={API_KEY}".encode(encoding)
    with one_answer(http(words)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            error = caught_from(lambda: noojee.retrieve(tag="S1"), NotAudio)
    assert "\0" not in error.excerpt
    assert_no_key(error.excerpt)
