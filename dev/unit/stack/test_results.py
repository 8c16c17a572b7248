"""What counts as passed, and what as failed."""

import pytest

from dev.stack.results import Tally, complaints, conclude, of_odoo, of_pytest

STAMP = "2026-03-02 10:00:00,000 7 INFO noojee_test"
HOOT = (
    f"{STAMP} odoo.addons.noojee.tests.test_js: [HOOT] Passed 12 tests (30 assertions)"
)
SKIPPED = (
    f"{STAMP} odoo.addons.noojee.tests.test_js: "
    "skipped TestJs.test_all : Chrome executable not found"
)

FAIL = (
    f"{STAMP.replace('INFO', 'ERROR')} odoo.addons.noojee.tests.test_dial: "
    "FAIL: TestDial.test_busy\nTraceback (most recent call last):\n"
    "AssertionError: 1 != 2\n "
)


def ended(failures, errors, total):
    words = f"{failures} failed, {errors} error(s) of {total} tests when loading"
    return f"{STAMP} odoo.tests.result: {words} database 'noojee_test'"


@pytest.mark.parametrize(
    ("lines", "status", "must_use_browser", "tally"),
    [
        ([HOOT, ended(0, 0, 20)], 0, True, Tally(32, 0)),
        ([HOOT, ended(1, 2, 20)], 1, True, Tally(29, 3)),
        ([ended(0, 0, 20)], 0, False, Tally(20, 0)),
        # a browser that is missing
        ([SKIPPED, ended(0, 0, 20)], 0, False, Tally(19, 1)),
        ([ended(0, 0, 20)], 0, True, Tally(20, 1)),
        # it broke off
        ([HOOT], 0, True, Tally(0, 1)),
        ([ended(0, 0, 20)], 1, False, Tally(20, 1)),
        # speaks of something else
        (
            [f"{STAMP} odoo.modules: skipped one : x", ended(0, 0, 1)],
            0,
            False,
            Tally(1),
        ),
    ],
)
def test_odoo(lines, status, must_use_browser, tally):
    assert of_odoo("\n".join(lines), status, must_use_browser=must_use_browser) == tally


def test_odoo_names_what_failed():
    log = "\n".join([FAIL, HOOT, FAIL, ended(2, 0, 20)])
    words = "Traceback (most recent call last):\nAssertionError: 1 != 2"
    tally = of_odoo(log, 1, must_use_browser=False)
    assert tally.failures == [("Failed: TestDial.test_busy", words)] * 2


def test_what_a_log_warns_of():
    log = "\n".join([HOOT, FAIL.replace("ERROR", "WARNING"), HOOT])
    assert complaints(log).splitlines()[-1] == "AssertionError: 1 != 2"
    assert not complaints(HOOT)


@pytest.mark.parametrize(
    ("counts", "status", "tally"),
    [
        ((20, 0, 0, 0), 0, Tally(20, 0)),
        ((20, 1, 2, 3), 1, Tally(14, 6)),
        ((0, 0, 0, 0), 5, Tally(0, 0)),
        # interrupted between two tests
        ((20, 0, 0, 0), 2, Tally(20, 1)),
    ],
)
def test_pytest(tmp_path, counts, status, tally):
    report = tmp_path / "report.xml"
    names = ("tests", "failures", "errors", "skipped")
    told = " ".join(
        f'{name}="{count}"' for name, count in zip(names, counts, strict=True)
    )
    report.write_text(f"<testsuites><testsuite {told}/></testsuites>")
    assert of_pytest(report, status) == tally


def test_pytest_names_what_failed(tmp_path):
    report = tmp_path / "report.xml"
    told = 'tests="3" failures="1" errors="0" skipped="1"'
    report.write_text(
        f"<testsuites><testsuite {told}>"
        "<testcase classname='e2e.test_card' name='test_busy'>"
        f"<failure message='short'>{'line&#10;' * 40}E  not visible"
        "&#10;E  - banner:&#10;E      - text: 1</failure>"
        "</testcase>"
        "<testcase classname='e2e.test_card' name='test_gone'>"
        "<skipped message='no browser'/></testcase>"
        "<testcase classname='e2e.test_card' name='test_fine'/>"
        "</testsuite></testsuites>"
    )
    tally = of_pytest(report, 1)
    [busy, gone] = tally.failures
    assert (tally.passed, tally.failed) == (1, 2)
    assert busy[0] == "Failed: e2e.test_card.test_busy"
    assert busy[1].splitlines() == ["line"] * 11 + ["E  not visible"]
    assert gone == ("Failed: e2e.test_card.test_gone", "no browser")


def test_pytest_that_wrote_nothing(tmp_path):
    assert of_pytest(tmp_path / "report.xml", 0) == Tally(0, 1)


@pytest.mark.parametrize(
    ("tally", "lines", "status"),
    [
        (Tally(3, 0), ["3 passed, 0 failed"], 0),
        (Tally(3, 1), ["3 passed, 1 failed"], 1),
        (
            Tally(3, 1, [("Failed: TestDial.test_busy", "1 != 2")]),
            ["", "Failed: TestDial.test_busy", "1 != 2", "3 passed, 1 failed"],
            1,
        ),
        (Tally(), ["No test fits TEST=TestX", "0 passed, 0 failed"], 1),
    ],
)
def test_last_line(capsys, tally, lines, status):
    assert conclude(tally, "TestX") == status
    assert capsys.readouterr().out.splitlines() == lines
