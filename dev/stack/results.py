"""What the test runners' reports say."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

NOTHING_FITS = 5
ODOO_RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
ODOO_SKIPPED = re.compile(r" odoo\.addons\.\S+: skipped .+ : ")
HOOT_RESULT = re.compile(r"\[HOOT\].*?Passed (\d+) tests")


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        return self


def of_pytest(report: Path, status: int) -> Tally:
    """A report of pytest's; a skipped test has shown nothing: it counts as failed.

    :param status: that it ended with
    """
    if not report.exists():
        return Tally(failed=1)
    tally = Tally()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        failed = sum(int(suite.get(n)) for n in ("failures", "errors", "skipped"))
        tally += Tally(int(suite.get("tests")) - failed, failed)
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
    return Tally(passed, failed or int(status != 0))


def conclude(tally: Tally, chosen: str) -> int:
    """Print the last line, which whoever runs the tests looks for.

    :param chosen: what was picked
    :return: the exit status
    """
    is_any = bool(tally.passed or tally.failed)
    if not is_any:
        print(f"No test fits TEST={chosen}")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not is_any else 0
