"""What the test runners' reports say."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

NOTHING_FITS = 5
ODOO_RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
ODOO_SKIPPED = re.compile(r" odoo\.addons\.\S+: skipped .+ : ")
HOOT_RESULT = re.compile(r"\[HOOT\].*?Passed (\d+) tests")
# what follows a line of Odoo's log until the next one
FOLLOWING = r"((?:(?!20\d\d-).*\n?)*)"
ODOO_FAILURE = re.compile(rf"^20.* ERROR .*: (?:FAIL|ERROR): (.+)\n{FOLLOWING}", re.M)
ODOO_COMPLAINT = re.compile(rf"^20.* (?:WARNING|ERROR|CRITICAL) .*\n{FOLLOWING}", re.M)
# a browser test's whole page, which says less than what stands before it
PAGE = re.compile(r"^E\s+- ")
# whoever keeps only the end of what a run printed shall find what failed there
SHOWN_LINES = 12
SHOWN_CHARS = 200
SHOWN_FAILURES = 12


@dataclass
class Tally:
    """:param failures: headings, and the end of what went wrong"""

    passed: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.failures += other.failures
        return self


def of_pytest(report: Path, status: int) -> Tally:
    """A report of pytest's; a skipped test has shown nothing: it counts as failed.

    :param status: that it ended with
    """
    if not report.exists():
        return Tally(failed=1)
    tally = Tally()
    root = ElementTree.parse(report).getroot()
    for suite in root.iter("testsuite"):
        failed = sum(int(suite.get(n)) for n in ("failures", "errors", "skipped"))
        tally += Tally(int(suite.get("tests")) - failed, failed)
    for test in root.iter("testcase"):
        heading = f"Failed: {test.get('classname')}.{test.get('name')}"
        tally.failures += [
            (heading, ending(wrong.text or wrong.get("message", "")))
            for wrong in test
            if wrong.tag in ("failure", "error", "skipped")
        ]
    if status not in (0, NOTHING_FITS) and not tally.failed:
        tally.failed = 1
    return tally


def of_odoo(log: str, status: int, *, must_use_browser: bool) -> Tally:
    """A log of Odoo's own runner; skipped tests count as failed there too.

    :param must_use_browser: those of the browser's side must have run
    """
    found = ODOO_RESULT.search(log)
    if not found:
        return Tally(failed=1)
    failures, errors, total = map(int, found.groups())
    failed = failures + errors + len(ODOO_SKIPPED.findall(log))
    in_browser = sum(map(int, HOOT_RESULT.findall(log)))
    passed = max(0, total - failed) + in_browser
    if must_use_browser and not in_browser:
        failed += 1
    failures = [
        (f"Failed: {name}", ending(text)) for name, text in ODOO_FAILURE.findall(log)
    ]
    return Tally(passed, failed or int(status != 0), failures)


def complaints(log: str) -> str:
    """The end of what Odoo's log warns of."""
    return ending("".join(match[0] for match in ODOO_COMPLAINT.finditer(log)))


def ending(text: str) -> str:
    lines = [
        line for line in text.splitlines() if line.strip() and not PAGE.match(line)
    ]
    return "\n".join(line[:SHOWN_CHARS] for line in lines[-SHOWN_LINES:])


def conclude(tally: Tally, chosen: str) -> int:
    """Print what failed, and the last line, which whoever runs the tests looks for.

    :param chosen: what was picked
    :return: the exit status
    """
    is_any = bool(tally.passed or tally.failed)
    if not is_any:
        print(f"No test fits TEST={chosen}")
    for heading, words in tally.failures[:SHOWN_FAILURES]:
        print(f"\n{heading}\n{words}")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not is_any else 0
