"""Each fault on demand, and how it is limited."""

import threading
import time

import pytest
import requests


def hangup(simulator):
    path = "servicemanager/rest/CallManagementAPI/hangup"
    return simulator.ask("POST", path, extenOrUniqueId="101")


def ring(simulator):
    simulator.control("ring", desks=["101"], caller="0390001234")


@pytest.mark.parametrize("when", ["before", "after"])
def test_drop_before_or_after_the_deed(simulator, when):
    simulator.faults({"kind": "drop", "when": when})
    with pytest.raises(requests.ConnectionError):
        simulator.dial()
    simulator.clear_faults()
    assert bool(simulator.poll(seconds=0)["Data"]) is (when == "after")
    assert len(simulator.requests("dial")) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_latency(simulator, when):
    simulator.faults({"kind": "latency", "seconds": 0.4, "when": when})
    begun = time.monotonic()
    assert hangup(simulator).json()["Code"] < 0
    assert 0.4 <= time.monotonic() - begun < 5


def test_how_often_it_struck(simulator):
    simulator.faults(
        {"kind": "http500", "method": "hangup", "times": 2}, {"kind": "duplicates"}
    )
    assert simulator.struck == [0, 0]
    for _ in range(3):
        hangup(simulator)
    # what leaves an answer as it is has not struck
    assert simulator.struck == [2, 0]
    ring(simulator)
    assert simulator.poll(seconds=0)["Data"]
    assert simulator.struck == [2, 1]


@pytest.mark.parametrize("end", ["reset", "restart"])
def test_held_up_request_does_not_outlive_the_pbx(simulator, end):
    simulator.faults({"kind": "latency", "seconds": 0.4, "method": "dial"})
    dial = threading.Thread(target=dial_in_vain, args=(simulator,))
    dial.start()
    simulator.wait_for_request("dial")
    simulator.control(end)
    dial.join()
    simulator.control("reset")
    assert not simulator.poll(seconds=0)["Data"]


def dial_in_vain(simulator):
    with pytest.raises(requests.ConnectionError):
        simulator.dial()


@pytest.mark.parametrize(("kind", "status"), [("http500", 500), ("html", 200)])
def test_html(simulator, kind, status):
    simulator.faults({"kind": kind, "when": "after"})
    ring(simulator)
    reply = hangup(simulator)
    assert reply.status_code == status
    assert reply.headers["Content-Type"] == "text/html"
    simulator.faults({"kind": "latency", "seconds": 0})
    simulator.clear_faults()
    assert not simulator.poll(seconds=0)["Data"]


@pytest.mark.parametrize("kind", ["truncated", "invalid"])
def test_broken_json(simulator, kind):
    simulator.faults({"kind": kind})
    reply = hangup(simulator)
    assert reply.status_code == 200
    with pytest.raises(ValueError):
        reply.json()


def test_codes_as_strings(simulator):
    ring(simulator)
    simulator.faults({"kind": "codes_as_strings"})
    reply = simulator.poll(seconds=0)
    assert reply["Code"] == "0" and reply["seq"].isdigit()
    [event] = reply["Data"]["101"]
    assert event["Code"] == "0" and event["CallID"].isdigit()
    assert event["CallData"]["canAnswer"] is True


@pytest.mark.parametrize(
    ("fault", "count"), [({"kind": "duplicates"}, 2), ({"kind": "flood"}, 200)]
)
def test_too_many_events(simulator, fault, count):
    ring(simulator)
    simulator.faults(fault)
    rows = simulator.poll(seconds=0)["Data"]["101"]
    assert len(rows) == count and rows[0] == rows[-1]


def test_size_of_a_flood(simulator):
    ring(simulator)
    simulator.faults({"kind": "flood", "count": 1234})
    assert len(simulator.poll(seconds=0)["Data"]["101"]) == 1234


def test_out_of_order_gathers_and_turns_round(simulator):
    last = simulator.seq
    simulator.faults({"kind": "out_of_order", "seconds": 0.6})
    simulator.dial()
    rows = simulator.poll("101", last)["Data"]["101"]
    statuses = [row["CallData"]["status"] for row in rows]
    assert statuses == ["Connected", "Dialing Out", "Ringing"]


def test_only_one_method_and_only_so_often(simulator):
    simulator.faults({"kind": "http500", "method": "hangup", "times": 2})
    statuses = []
    for _turn in range(3):
        assert simulator.dial()["Code"] == 0
        statuses.append(hangup(simulator).status_code)
    assert statuses == [500, 500, 200]


@pytest.mark.parametrize("when", ["before", "after"])
def test_refusal_of_requests_that_name_an_extension(simulator, when):
    simulator.faults({"kind": "refused", "extension": "101", "when": when})
    for exten in ("101", "100,101"):
        assert simulator.poll(exten, seconds=0)["Code"] == -6
    assert simulator.poll("100,102", seconds=0)["Code"] == 0
    assert hangup(simulator).json() == {"Message": "Not now", "Code": -6}
    assert simulator.dial(extenOrUniqueId="SIP/102")["Code"] == 0
    assert simulator.dial()["Code"] == -6
    simulator.clear_faults()
    assert bool(simulator.poll(seconds=0)["Data"]) is (when == "after")
    # in the shape of the campaigns' own answers
    simulator.faults({"kind": "refused", "method": "getCampaignTemplateList"})
    assert simulator.campaign("getCampaignTemplateList")["code"] == -6


def test_reset_clears(simulator):
    simulator.faults({"kind": "http500"})
    simulator.control("reset")
    assert hangup(simulator).status_code == 200


@pytest.mark.parametrize(
    "faults",
    [
        [{"kind": "earthquake"}],
        [{"kind": "drop", "when": "never"}],
        [{"kind": "drop", "method": "nothing"}],
        [{"kind": "latency", "seconds": "long"}],
        [{"kind": "drop", "colour": "red"}],
        [{}],
        ["drop"],
        None,
    ],
)
def test_what_is_no_fault(simulator, faults):
    reply = requests.post(
        f"{simulator.url}/control/faults", json={"faults": faults}, timeout=10
    )
    assert reply.status_code == 400 and reply.json()["error"]
    assert hangup(simulator).status_code == 200


@pytest.mark.parametrize("status", [404, 413, 429])
def test_pages_of_the_web_server(simulator, status):
    simulator.faults({"kind": f"http{status}", "method": "hangup", "times": 1})
    reply = hangup(simulator)
    assert reply.status_code == status and "html" in reply.text
    assert hangup(simulator).status_code == 200
