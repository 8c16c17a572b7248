"""The control API, the page and the command line."""

import signal
import subprocess
import sys
import threading
import time

import pytest
import requests

from simulator.remote import ROOT


def statuses(simulator, exten):
    rows = simulator.poll(exten, seconds=0)["Data"].get(exten, [])
    return [row["CallData"]["status"] for row in rows]


def test_ring_answer_transfer_hang_up(simulator):
    told = simulator.control("ring", desks=["101"], caller="+61 3 9000 1234")
    [call] = told["calls"]
    assert call["desk"] == "101" and call["uniqueCallId"] and call["CallID"]
    simulator.control("answer", call=call["uniqueCallId"])
    assert statuses(simulator, "101") == ["Connected"]
    simulator.control("transfer", desk="101", to="102")
    assert statuses(simulator, "102") == ["Ringing"]
    simulator.control("answer", desk="102")
    simulator.control("hangup", desk="102")
    assert statuses(simulator, "101") == statuses(simulator, "102") == []


def test_transfer_of_one_call_among_two(simulator):
    for caller in ("0390001234", "0390001235"):
        [call] = simulator.control("ring", desks=["101"], caller=caller)["calls"]
        simulator.control("answer", call=call["uniqueCallId"])
    second = call["uniqueCallId"]
    simulator.control("transfer", desk="101", call=second, to="102")
    [moved] = simulator.poll("102", seconds=0)["Data"]["102"]
    assert moved["CallData"]["callerId"] == "0390001235"


def test_several_desks_ring_as_a_queue(simulator):
    told = simulator.control("ring", desks=["101", 102], caller="anonymous")
    assert [call["desk"] for call in told["calls"]] == ["101", "102"]
    [first], [second] = simulator.poll("101,102", seconds=0)["Data"].values()
    assert first["CallData"]["isQueueCall"] and second["CallData"]["isQueueCall"]
    ids = {row["CallData"]["secondaryUniqueCallId"] for row in (first, second)}
    assert len(ids) == 1 and ids != {""}


def test_a_call_is_put_into_a_queue(simulator):
    simulator.control("ring", desks=["101"], caller="0390001234")
    simulator.control("answer", desk="101")
    told = simulator.control("queue", desk="101", desks=["102", "103"])
    assert [call["desk"] for call in told["calls"]] == ["102", "103"]
    assert statuses(simulator, "101") == []
    assert statuses(simulator, "102") == statuses(simulator, "103") == ["Ringing"]


def test_queue_with_one_desk(simulator):
    simulator.control("ring", desks=["101"], caller="", queue=True)
    [event] = simulator.poll(seconds=0)["Data"]["101"]
    assert event["CallData"]["isQueueCall"] and event["CallData"]["callerId"] == ""


def test_call_out_and_internal(simulator):
    simulator.control("call-out", desk="101", number="0412 345 678")
    [event] = simulator.poll(seconds=0)["Data"]["101"]
    assert not event["CallData"]["isClickToDialCall"]
    assert event["CallData"]["outboundDestination"] == "0412 345 678"
    simulator.control("internal", caller="103", to="104")
    assert statuses(simulator, "103") == ["Dialing Out"]
    assert statuses(simulator, "104") == ["Ringing"]


@pytest.mark.parametrize("written", ["0412345678", "+61412345678", "0412 345 678"])
def test_a_number_that_is_busy(simulator, written):
    simulator.control("number", number="+61 412 345 678", behaviour="busy", after=1)
    simulator.dial(written)
    events, _last = simulator.follow("101", 0, "Hungup")
    assert "Connected" not in [event["CallData"]["status"] for event in events]
    simulator.control("number", number=written, behaviour="answer")
    simulator.dial(written)
    simulator.follow("101", 0, "Connected")


def test_another_handset(simulator):
    simulator.control("desk", desk="101", make="Polycom", ip="192.0.2.77")
    simulator.dial()
    assert not simulator.poll("101", simulator.seq, 0.3)["Data"]
    assert statuses(simulator, "101") == ["Ringing"]
    simulator.control("reset")
    state = simulator.state
    [desk] = [row for row in state["desks"] if row["desk"] == "101"]
    assert desk == {
        "desk": "101", "make": "Yealink", "ip": "192.0.2.101", "login": "anna",
        "calls": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("ring", {"desks": ["999"], "from": "1"}),
        ("ring", {"desks": ["101", "999"], "from": "1"}),
        ("ring", {"desks": [], "from": "1"}),
        ("ring", {"desks": "101", "from": "1"}),
        ("ring", {"desks": ["101"]}),
        ("ring", {"desks": ["101"], "from": "1", "colour": "red"}),
        ("answer", {"desk": "101"}),
        ("answer", {"call": "1.1"}),
        ("answer", {}),
        ("hangup", {"desk": "999"}),
        ("transfer", {"desk": "101", "to": "102"}),
        ("queue", {"desk": "101", "desks": ["102"]}),
        ("number", {"number": "1", "behaviour": "sing"}),
        ("number", {"number": "1", "behaviour": "busy", "after": "soon"}),
        ("desk", {"desk": "101", "make": "Tin can"}),
        ("restart", {"down_seconds": "long"}),
        ("ring", ["101"]),
    ],
)
def test_refused(simulator, name, body):
    reply = requests.post(f"{simulator.url}/control/{name}", json=body, timeout=10)
    assert reply.status_code == 400 and reply.json()["error"]
    assert not simulator.poll(seconds=0)["Data"]


def test_unknown_control(simulator):
    assert requests.get(f"{simulator.url}/control/x", timeout=10).status_code == 404


def test_the_request_log(simulator):
    simulator.dial()
    simulator.call("hangup", extenOrUniqueId="101")
    reply = requests.get(f"{simulator.url}/control/requests", timeout=10).json()
    assert [row["method"] for row in reply["requests"]] == ["dial", "hangup"]
    [entry] = simulator.requests("dial")
    assert entry["verb"] == "POST" and entry["resource"] == "CallManagementAPI"
    assert entry["params"]["number"] == "0412345678"
    assert entry["params"]["apiKey"] == "***"


def test_the_page_is_self_contained(simulator):
    reply = requests.get(simulator.url, timeout=10)
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "http://" not in reply.text and "https://" not in reply.text
    assert "prefers-color-scheme" in reply.text and "k3y" not in reply.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once(start, number):
    made = start()
    assert made.ready_line == f"Noojee simulator ready at {made.url}\n"

    def poll():
        with pytest.raises(requests.ConnectionError):
            made.poll(seconds=10)

    thread = threading.Thread(target=poll)
    thread.start()
    made.wait_for_request("subscribe")
    time.sleep(0.3)
    begun = time.monotonic()
    made.process.send_signal(number)
    assert made.process.wait(5) == 0
    # long before the poll's own end
    assert time.monotonic() - begun < 5
    thread.join()


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--api-key", "k", "--desks", "9-1"],
        ["--api-key", "k", "--desks", "x"],
        ["--api-key", "k", "--speed", "0"],
        ["--api-key", "k", "--port", "70000"],
        ["--api-key", "k", "--port", "-1"],
        ["--api-key", "k", "--port", "x"],
        ["--api-key", "k", "--time-zone", "Mars/North"],
    ],
)
def test_wrong_flags(flags):
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_a_port_that_is_taken(simulator):
    port = simulator.url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "--api-key", "k", "--port", port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 1 and "Cannot listen" in done.stderr


def test_an_address_of_the_newer_kind(start):
    made = start("--host", "::1")
    assert made.url.startswith("http://[::1]:")
    assert made.poll(seconds=0)["Code"] == 0


def test_other_desks(start):
    made = start("--desks", "200-201")
    assert made.dial(extenOrUniqueId="SIP/200", autoAnswer="")["Code"] == 0
    assert made.dial(extenOrUniqueId="SIP/100", autoAnswer="")["Code"] < 0
