"""Values as the PBX writes them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from client import wire

ZONE = ZoneInfo("Australia/Melbourne")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2014-02-13 17:06:52.0", (2014, 2, 13, 17, 6, 52)),
        ("Tue Sep 14 15:03:30 AEST 2021", (2021, 9, 14, 15, 3, 30)),
        ("Tue Sep 14 15:03:30 2021", (2021, 9, 14, 15, 3, 30)),
        ("Sat May  1 05:03:30 EST 2021", (2021, 5, 1, 5, 3, 30)),
        ("2021-09-14 15:03", (2021, 9, 14, 15, 3)),
        ("2021/09/14 15:03", (2021, 9, 14, 15, 3)),
        ("2021-09-14T15:03:30", (2021, 9, 14, 15, 3, 30)),
    ],
)
def test_times(written, read):
    assert wire.moment({"Start": written}, ZONE, "start") == datetime(
        *read, tzinfo=ZONE
    )


@pytest.mark.parametrize("written", ["", "soon", "Di Sep 14 15:03:30 2021 x y", None])
def test_what_is_no_time(written):
    assert wire.moment({"Start": written}, ZONE, "start") is None


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        # the hour that comes twice when summer time ends
        ("Sun Apr 04 02:30:00 AEDT 2021", 11),
        ("Sun Apr 04 02:30:00 AEST 2021", 10),
        ("Sun Apr 04 02:30:00 EST 2021", 11),
        ("Sun Apr 04 03:30:00 AEST 2021", 10),
    ],
)
def test_hour_that_comes_twice(written, hours):
    read = wire.moment({"Start": written}, ZONE, "Start")
    assert read.utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0390001234", "0390001234"),
        ("+61 3 9000 1234", "+61 3 9000 1234"),
        ("tel:+61390001234", "+61390001234"),
        ("sip:0390001234@10.0.0.1:5060", "0390001234"),
        ("SIPS:%2B61390001234@pbx;user=phone", "+61390001234"),
        ("0390001234;phone-context=+61", "0390001234"),
        ('"Priya <3" <0390001234>', "0390001234"),
        ("Priya <sip:102@10.0.0.1>", "102"),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', "anonymous"),
        ("anonymous@10.0.0.1", "anonymous"),
        ("<anonymous@10.0.0.1:5060;user=phone>", "anonymous"),
        ("0390001234@10.0.0.1", "0390001234"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE calls", "'; DROP TABLE calls"),
        ("", ""),
    ],
)
def test_numbers_in_any_form(written, number):
    assert wire.party({"callerId": written}, "callerid") == number
