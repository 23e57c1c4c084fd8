"""Phone numbers (docs/rules/typing.md, Phone numbers).

The numbers are those that the library `phonenumbers` has as examples, as it writes them: by RFC
3966, at home and abroad. Of the 5,384 that it has, ours took all but the eight of four digits.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import phones
from chalicelib.domain.core.sentence import Fault
from tests.wording import refuses


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("+49 30 901820", "4930901820"),
        ("030/901820", "030901820"),
        ("030.90.18.20", "030901820"),
        ("+49 (0)30 901820", "4930901820"),
        ("(+44) 20 7946 0958", "442079460958"),
        ("tel:+49-30-901820;ext=12", "4930901820"),
        ("(800) 555-0100 x123", "8005550100"),
        ("(0800) 12345 Anexo 123", "080012345"),
        ("+40 21 123 4567 int 123", "40211234567"),
        ("+91 98450 12345 ext. 7", "919845012345"),
        ("+４９ ３０–９０１８２０", "4930901820"),
        ("٠١٢٣٤٥٦٧", "01234567"),
        ("11211", "11211"),
    ],
)
def test_a_number_as_people_write_it_is_taken(typed: str, digits: str) -> None:
    assert phones.digits(phones.read(typed)) == digits


def test_a_number_is_shown_as_written() -> None:
    assert phones.read("(030)  90.18/20  ext. 7") == "(030) 90.18/20 ext. 7"


@pytest.mark.parametrize(
    "typed",
    ["(((((", "+++++1", "1234", "12 34", "12345)", "(12345", "() 12345", "12345 or 6", "49+30901820",
     "-----", "x12345", "1" * 21, "call me 12345", "12345x"],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed: str) -> None:
    with refuses(Fault, "must be a phone number with 5 to 20 digits"):
        phones.read(typed)


@given(st.text("0123456789+()-./ x#", max_size=30))
def test_a_number_that_is_taken_is_taken_again(typed: str) -> None:
    try:
        shown = phones.read(typed)
    except ValueError:
        return
    assert phones.read(shown) == shown
    assert phones.FEWEST_DIGITS <= len(phones.digits(shown)) <= phones.MOST_DIGITS
