"""What was recorded is heard: Chromium decodes and plays the simulator's audio."""

import time

import pytest
from playwright.sync_api import expect

from .listeners import wait_for
from .rpc import Rpc

CARD = ".o_noojee_current_call"
PLAYER = ".o_noojee_player"
PRIYA = "+61 3 7010 1235"
# what is said in each stretch; the PBX tells whole seconds
SAID = 1.5
GAP = 3
ROUNDED = 1.1

# from the page's first moment on: a short leg may be over before anybody looks; ended
# before the player hears of it, and goes on with the next
LISTEN = """
    window.heard = [];
    document.addEventListener(
        "ended",
        ({ target: { currentTime, duration } }) => {
            window.heard.push([
                document.querySelector(".o_noojee_player audio").getAttribute("src"),
                currentTime,
                duration,
            ]);
        },
        { capture: true }
    );
    document.addEventListener(
        "timeupdate",
        ({ target }) => {
            window.isPlayed ||= target.currentTime > 0;
        },
        { capture: true }
    );
"""


@pytest.fixture(autouse=True)
def nothing_stays(query):
    yield
    query("DELETE FROM noojee_recording")


@pytest.fixture
def at_home(query):
    """Wait until a call's audio has come home.

    :return: function of the call's id; it returns its recording's
    """

    def wait(call_id):
        stored = "SELECT id FROM noojee_recording WHERE call_id = %s AND state = %s"
        return wait_for(lambda: query(stored, call_id, "stored"), 90)[0][0]

    return wait


@pytest.fixture
def legs(query):
    """Addresses and seconds of a recording's legs, in their order."""

    def read(recording_id):
        rows = query(
            "SELECT id, duration FROM noojee_recording_leg WHERE recording_id = %s"
            " ORDER BY started_at, number",
            recording_id,
        )
        return [(f"/noojee/recording/leg/{id_}", seconds) for id_, seconds in rows]

    return read


@pytest.fixture
def listenings(query):
    def count(recording_id):
        [[found]] = query(
            "SELECT count(*) FROM noojee_recording_listening WHERE recording_id = %s",
            recording_id,
        )
        return found

    return count


@pytest.fixture
def anna(anna):
    anna.add_init_script(LISTEN)
    return anna


def wait_until_played(page):
    """It is really played: its clock moves."""
    page.wait_for_function("window.isPlayed")


def assert_heard(page, legs):
    """Each leg was played to its end, in their order."""
    heard = page.evaluate("window.heard")
    assert [src for src, _at, _length in heard] == [src for src, _seconds in legs]
    for (_src, at, length), (_same, seconds) in zip(heard, legs, strict=True):
        assert at == pytest.approx(length, abs=0.1)
        assert abs(length - seconds) < ROUNDED


@pytest.fixture
def order(anna, odoo_url, record_id, call_kw):
    """A quotation of Priya's, open before Anna."""
    partner_id = record_id("partner_priya_raman")
    order_id = call_kw("sale.order", "create", {"partner_id": partner_id})
    anna.goto(f"{odoo_url}/odoo/sales/{order_id}")
    return order_id


@pytest.fixture
def recorded(anna, order, query, at_home):
    """A call about the order, recorded with a stop for card data, and at home.

    :return: the recording's id
    """
    anna.locator("button[name=action_noojee_call]").click()
    expect(anna.locator(CARD)).to_have_attribute("data-state", "connected")
    anna.locator(".o_noojee_form_record").click()
    anna.locator(".o_noojee_pause_recording").wait_for()
    time.sleep(SAID)
    anna.locator(".o_noojee_pause_recording").click()
    anna.locator(".o_noojee_resume_recording").wait_for()
    time.sleep(GAP)
    anna.locator(".o_noojee_resume_recording").click()
    anna.locator(".o_noojee_pause_recording").wait_for()
    time.sleep(SAID)
    anna.locator(".o_noojee_form_stop").click()
    expect(anna.locator(f"{CARD} .o_noojee_recording_words")).to_have_text(
        "Recording stopped"
    )
    anna.locator(f"{CARD} .o_noojee_hang_up").click()
    [[call_id]] = query("SELECT max(id) FROM noojee_call")
    return at_home(call_id)


def test_recorded_on_an_order_and_heard(
    anna, odoo_url, order, recorded, legs, listenings
):
    anna.goto(f"{odoo_url}/odoo/sales/{order}")
    anna.get_by_role("link", name="Play recording").click()
    wait_until_played(anna)
    gap = anna.locator(f"{PLAYER} .o_noojee_gap_card")
    expect(gap).to_have_count(1)
    assert gap.bounding_box()["width"] > 20
    # the second leg plays on after the first by itself
    anna.wait_for_function("window.heard.length === 2")
    assert_heard(anna, legs(recorded))
    assert listenings(recorded) == 1


def test_heard_from_wherever_it_is_seen(anna, odoo_url, recorded, query, listenings):
    [[call_id]] = query("SELECT call_id FROM noojee_recording WHERE id = %s", recorded)
    actions = f"{odoo_url}/odoo/action-noojee.noojee_"

    anna.goto(f"{actions}recording_action")
    anna.locator(".o_data_row button[name=action_play]").first.click()
    wait_until_played(anna)

    anna.goto(f"{actions}call_action")
    anna.locator(".o_data_row button[name=action_play_recording]").first.click()
    wait_until_played(anna)

    anna.goto(f"{actions}recording_action/{recorded}")
    anna.locator(f"{PLAYER} .o_noojee_play").click()
    wait_until_played(anna)

    anna.goto(f"{actions}call_action/{call_id}")
    anna.get_by_role("tab", name="Recording").click()
    anna.locator(f"{PLAYER} .o_noojee_play").click()
    wait_until_played(anna)

    anna.goto(f"{odoo_url}/odoo/contacts")
    anna.locator(".o_noojee_phone_menu").click()
    # with somebody to call the panel opens there
    anna.get_by_role("tab", name="Recent").click()
    anna.locator(".o_noojee_play_recent").first.click()
    wait_until_played(anna)
    # one person within half an hour: one listening
    assert listenings(recorded) == 1


class Queue:
    """A caller who is handed from desk to desk, and what its people do in Odoo."""

    def __init__(self, simulator, query, login):
        self.simulator = simulator
        self.query = query
        self.login = login

    def talk(self, desk):
        """Answer at a desk, and wait until Odoo knows."""
        self.simulator.control("answer", desk=desk)
        [[self.call_id]] = wait_for(
            lambda: self.query(
                "SELECT channel.call_id FROM noojee_call_channel AS channel"
                " JOIN noojee_extension AS line ON line.id = channel.extension_id"
                " WHERE line.number = %s AND channel.state = 'connected'",
                desk,
            )
        )

    def transfer(self, desk, to):
        self.simulator.control("transfer", desk=desk, to=to)
        time.sleep(SAID)
        self.talk(to)

    def do(self, login, verb):
        method = f"action_{verb}_recording"
        _result, error = self.login(login).call("noojee.call", method, [self.call_id])
        assert not error, error
        time.sleep(SAID)


@pytest.fixture
def five_legs(simulator, query, odoo_url, database, at_home):
    """A queue call that goes from Anna to Ben to Chloe. Ben stops recording before he
    hands it on, and Chloe stops for card data.

    :return: the recording's id
    """
    queue = Queue(
        simulator, query, lambda login: Rpc(odoo_url, database.info.dbname, login)
    )
    simulator.control("ring", desks=["101", "102"], queue=True, caller=PRIYA)
    queue.talk("101")
    queue.do("anna", "start")
    queue.transfer("101", to="102")
    time.sleep(SAID)
    queue.do("ben", "stop")
    queue.transfer("102", to="103")
    queue.do("chloe", "start")
    queue.do("chloe", "pause")
    time.sleep(GAP - SAID)
    queue.do("chloe", "resume")
    simulator.control("hangup", desk="103")
    return at_home(queue.call_id)


def test_transferred_queue_call_is_played_through(anna, odoo_url, five_legs, legs):
    expected = legs(five_legs)
    assert len(expected) == 5
    anna.goto(f"{odoo_url}/odoo/action-noojee.noojee_recording_action/{five_legs}")
    expect(anna.locator(f"{PLAYER} .o_noojee_track")).to_have_count(5)
    expect(anna.locator(f"{PLAYER} .o_noojee_gap_card")).to_have_count(1)
    expect(
        anna.locator(f"{PLAYER} .o_noojee_gap:not(.o_noojee_gap_card)")
    ).to_have_count(1)
    # known before anything is loaded, and drawn one after the other
    state = anna.locator(f"{PLAYER} audio").evaluate("audio => audio.readyState")
    assert state == 0
    boxes = [
        track.bounding_box()
        for track in anna.locator(f"{PLAYER} .o_noojee_track").all()
    ]
    lefts = [box["x"] for box in boxes]
    assert lefts == sorted(lefts) and len(set(lefts)) == 5
    widths = [
        box["width"] / seconds
        for box, (_src, seconds) in zip(boxes, expected, strict=True)
    ]
    assert max(widths) - min(widths) < 1, "not to scale"
    anna.locator(f"{PLAYER} .o_noojee_play").click()
    anna.wait_for_function("window.heard.length === 5")
    assert_heard(anna, expected)
    expect(anna.locator(f"{PLAYER} .o_noojee_play")).to_have_attribute(
        "aria-label", "Play"
    )
