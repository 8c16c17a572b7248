"""Numbers that are not shown whole: where they are from, and the last two digits."""

import contextlib
import re

import phonenumbers

HIDDEN = "•"
# of fewer digits nothing is shown: the rest could be guessed
FEWEST_DIGITS = 7
FEWEST_HIDDEN = 4
SHOWN_AT_END = 2
# of a number without spaces nobody sees where its area code ends
SHOWN_OF_ONE_GROUP = 2
GROUP = re.compile(r"\d+")
# what may be a number in a sentence
IN_WORDS = re.compile(r"\+?\d(?:[\d\s().\-‐-―/]*\d)?")
# as few in a row tell nothing of a number
FEWEST_ALIKE = 4


def masked(number):
    """A number with its digits hidden but for country and area code and the last two:
    ``+61 3 •••• ••76``.

    What has no digit is no number, and stays; of what has letters too (an address on
    the internet, a remark) nothing is shown.
    """
    digits = _digits(number)
    if not digits:
        return number
    if any(map(str.isalpha, number)):
        return "".join(HIDDEN if sign.isalnum() else sign for sign in number)
    text = _grouped(number)
    last = len(digits) - _shown_at_end(digits)
    first = _shown_at_start(text, digits)
    signs, index = [], 0
    for sign in text:
        if sign.isdecimal():
            sign = HIDDEN if first <= index < last else sign
            index += 1
        signs.append(sign)
    return "".join(signs)


def without_number(words, number):
    """Words in which a number is masked wherever it, or much of it, stands."""
    digits = _digits(number)

    def replace(match):
        found = _digits(match[0])
        is_alike = len(found) >= FEWEST_ALIKE and (
            found[-FEWEST_ALIKE:] in digits or digits in found
        )
        return masked(match[0]) if is_alike else match[0]

    return IN_WORDS.sub(replace, words) if digits else words


def _digits(text):
    return "".join(filter(str.isdecimal, text))


def _grouped(number):
    """An international number with its country and area code apart."""
    if re.fullmatch(r"\+\d+", number):
        with contextlib.suppress(phonenumbers.NumberParseException):
            return phonenumbers.format_number(
                phonenumbers.parse(number),
                phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            )
    return number


def _shown_at_end(digits):
    return SHOWN_AT_END if len(digits) >= FEWEST_DIGITS else 0


def _shown_at_start(text, digits):
    if len(digits) < FEWEST_DIGITS:
        return 0
    groups = [len(group) for group in GROUP.findall(text)]
    if len(groups) == 1:
        shown = SHOWN_OF_ONE_GROUP
    else:
        shown = sum(groups[: 2 if text.lstrip().startswith("+") else 1])
    most = len(digits) - SHOWN_AT_END - FEWEST_HIDDEN
    return min(shown, most)
