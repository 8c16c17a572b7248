"""Numbers in one form, however they are written."""

COUNTRY = "+61"


def digits(number: str) -> str:
    """A number's digits in the national form: so two spellings can be compared."""
    found = "".join(filter(str.isdigit, number))
    if number.strip().startswith(COUNTRY):
        return "0" + found.removeprefix(COUNTRY[1:]).removeprefix("0")
    return found
