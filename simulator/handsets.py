"""Which auto-answer string each make of handset obeys (noojee-api.md section 9)."""

SNOM_NEWER = "Snom, newer firmware"

# the Java bindings' other string is obeyed by Yealink alone: so somebody who tries the
# alternatives with a test ring finds a difference
STRINGS = {
    "Aastra": {"Alert-Info: info=alert-autoanswer"},
    "Grandstream": {r"Call-Info:\\; answer-after=0"},
    "Linksys": {r"Call-Info:\\; answer-after=0"},
    "Polycom": {"Alert-Info: Ring Answer"},
    "Snom": {r"Call-Info:\\; answer-after=0"},
    SNOM_NEWER: {r"Call-Info: <sip:{ip}>\;answer-after=0"},
    "Yealink": {r"Call-Info:\; answer-after=0", "Call-info:answer-after=0"},
}

# the desks of Odoo's demo data; the others take the makes in turn
FIRST_DESKS = {
    "100": "Yealink",
    "101": "Yealink",
    "102": SNOM_NEWER,
    "103": "Polycom",
    "104": "Grandstream",
}


def make_of(number: str) -> str:
    makes = list(STRINGS)
    return FIRST_DESKS.get(number) or makes[int(number) % len(makes)]


def answers_by_itself(make: str, ip: str, string: str) -> bool:
    """Whether a handset obeys a string: it must fit to the letter."""
    return string in {known.replace("{ip}", ip) for known in STRINGS[make]}
