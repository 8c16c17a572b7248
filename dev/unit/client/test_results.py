"""Results stay as they are, and can be copied and sent to another process."""

import copy
import json
import pickle
from dataclasses import asdict, is_dataclass

import pytest

from client import CannotConnect, CannotConnectReason, HttpError, NoojeeClient

from .conftest import PLACE, http
from .secrecy import API_KEY


def every_result(noojee):
    template, campaign, allocation = PLACE
    return [
        noojee.check_state(["101", "102"], 0),
        noojee.subscribe(["101"], 0, 0),
        noojee.retrieve_metadata("S00001"),
        noojee.get_fields(template),
        noojee.get_call_records(template, campaign, allocation),
        noojee.get_active_rosters("Sales"),
        noojee.system_health(),
    ]


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))]
)
def test_results_can_be_copied(noojee, copied):
    for result in every_result(noojee):
        again = copied(result)
        assert type(again) is type(result)
        assert again == result
        assert (again.code, again.message) == (result.code, result.message)


def test_results_as_plain_data(noojee):
    for result in every_result(noojee):
        for row in [result] if is_dataclass(result) else result:
            if is_dataclass(row):
                json.dumps(asdict(row), default=str)


def test_results_cannot_be_changed(noojee):
    legs = noojee.retrieve_metadata("S00001")
    states = noojee.check_state(["101"], 0)
    health = noojee.system_health()
    for change in (
        lambda: setattr(legs, "code", 1),
        lambda: legs[0].row.update(Tag="S2"),
        lambda: states.pop("101"),
        lambda: health.ping_ms.setdefault("trunk", 1.0),
        lambda: setattr(health, "code", 1),
    ):
        with pytest.raises((AttributeError, TypeError)):
            change()
    assert hash(legs) and hash(health)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_errors_can_be_copied(copied):
    for error in (
        HttpError("dial", 504),
        CannotConnect("dial", CannotConnectReason.REFUSED),
    ):
        again = pickle.loads(pickle.dumps(copied(error)))
        assert type(again) is type(error)
        assert (str(again), vars(again)) == (str(error), vars(error))


@pytest.mark.parametrize(
    "ask",
    [
        lambda noojee: noojee.retrieve_metadata("S1"),
        lambda noojee: noojee.get_campaigns("1"),
        lambda noojee: noojee.get_fields("1"),
        lambda noojee: noojee.get_call_records(*PLACE),
        lambda noojee: noojee.get_active_rosters("Sales"),
        lambda noojee: noojee.check_state("101", 0),
        lambda noojee: noojee.system_health(),
    ],
)
def test_a_warning_in_place_of_rows_is_carried(one_answer, ask):
    with one_answer(http(b'{"code": 3, "message": "Nearly full"}')) as (url, _):
        with NoojeeClient(url, API_KEY) as noojee:
            result = ask(noojee)
    told = (result.code, result.message, result.is_warning)
    assert told == (3, "Nearly full", True)


def test_a_warning_beside_rows_is_carried(one_answer):
    body = b'{"Code": 3, "Message": "Nearly full", "entities": [{"cores": "4"}]}'
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.system_health().code == 3
            assert noojee.system_health().cores == 4
            legs = noojee.retrieve_metadata("S1")
    assert len(legs) == 1
    assert legs.is_warning


def test_one_row_that_is_no_list(one_answer):
    with one_answer(http(b'{"code": 0, "entities": {"id": 1, "name": "A"}}')) as (
        url,
        _,
    ):
        with NoojeeClient(url, API_KEY) as noojee:
            [campaign] = noojee.get_campaigns("1")
            assert (campaign.id, campaign.name) == ("1", "A")


@pytest.mark.parametrize(
    ("body", "ask", "read"),
    [
        (b'{"SessionID": 7}', lambda n: n.dial("1", "101", "").session_id, "7"),
        (b'{"seq": "7"}', lambda n: n.subscribe("101").sequence_number, 7),
        (b'{"Data": {}}', lambda n: n.subscribe("101", 7).sequence_number, 7),
        (b'{"State": {"101": {}}}', lambda n: n.check_state("101")["101"].code, 0),
        (b'{"entities": []}', lambda n: n.get_campaigns("1"), ()),
    ],
)
def test_code_that_is_left_out(one_answer, body, ask, read):
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert ask(noojee) == read


def test_text_that_is_not_utf_8(one_answer):
    body = '{"code": 0, "entities": [{"id": "1", "name": "Caf\xe9"}]}'
    for encoding in ("latin-1", "utf-8", "utf-8-sig"):
        with one_answer(http(body.encode(encoding))) as (url, _received):
            with NoojeeClient(url, API_KEY) as noojee:
                assert noojee.get_campaigns("1")[0].name == "Caf\xe9"
