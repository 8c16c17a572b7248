"""Each make obeys its own string, to the letter."""

import pytest

from simulator.handsets import STRINGS, answers_by_itself, make_of

# as documented, backslashes and all
DOCUMENTED = {
    "Aastra": "Alert-Info: info=alert-autoanswer",
    "Grandstream": "Call-Info:\\\\; answer-after=0",
    "Linksys": "Call-Info:\\\\; answer-after=0",
    "Polycom": "Alert-Info: Ring Answer",
    "Snom": "Call-Info:\\\\; answer-after=0",
    "Snom, newer firmware": "Call-Info: <sip:192.0.2.102>\\;answer-after=0",
    "Yealink": "Call-Info:\\; answer-after=0",
}


def test_every_make_is_there():
    assert set(STRINGS) == set(DOCUMENTED)


@pytest.mark.parametrize("make", DOCUMENTED)
def test_only_the_right_string_is_obeyed(make):
    for string in set(DOCUMENTED.values()):
        fits = answers_by_itself(make, "192.0.2.102", string)
        assert fits is (string == DOCUMENTED[make]), string


@pytest.mark.parametrize(
    ("make", "string", "is_obeyed"),
    [
        ("Yealink", "Call-info:answer-after=0", True),
        ("Aastra", "Call-Info:\\\\; answer-after=0", False),
        ("Snom, newer firmware", "Call-Info: <sip:192.0.2.7>\\;answer-after=0", False),
        ("Snom, newer firmware", "Call-Info: <sip:{ip}>\\;answer-after=0", False),
        ("Polycom", "alert-info: ring answer", False),
        ("Polycom", "", False),
    ],
)
def test_alternatives_and_near_misses(make, string, is_obeyed):
    assert answers_by_itself(make, "192.0.2.102", string) is is_obeyed


def test_the_first_desks():
    makes = [make_of(str(number)) for number in range(100, 105)]
    assert makes == [
        "Yealink", "Yealink", "Snom, newer firmware", "Polycom", "Grandstream",
    ]  # fmt: skip
    assert {make_of(str(number)) for number in range(105, 140)} == set(DOCUMENTED)
