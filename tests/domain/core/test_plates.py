"""Number plates (docs/rules/typing.md, Plates)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import plates
from chalicelib.domain.core.sentence import Fault
from tests.wording import refuses


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ka-01-ab-1234", "KA-01-AB-1234"),
        ("wü-ab  123", "WÜ-AB 123"),
        ("А123ВС77", "А123ВС77"),
        ("京a·12345", "京A·12345"),
        ("品川 330 さ 12-34", "品川 330 さ 12-34"),
        ("أ ب ج ١٢٣٤", "أ ب ج ١٢٣٤"),
        ("1กก 1234", "1กก 1234"),
        ("बा १ च १२३४", "बा १ च १२३४"),
        ("a", "A"),
        ("W-12345A", "W-12345A"),
        ("x" * 20, "X" * 20),
    ],
)
def test_a_plate_of_any_country_is_shown_as_typed_in_upper_case(typed: str, shown: str) -> None:
    assert plates.read(typed) == shown


@pytest.mark.parametrize("typed", ["", "-", "· -", "AB;12", "AB<12>", "\U0001f697", "A@B"])
def test_what_is_no_plate_is_refused(typed: str) -> None:
    with refuses(Fault, "must be a number plate"):
        plates.read(typed)


@pytest.mark.parametrize("typed", ["X" * 21, "ß" * 11])
def test_a_plate_has_twenty_characters_at_most(typed: str) -> None:
    with refuses(Fault, "1 to 20 characters"):
        plates.read(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KA-01-AB-1234", "ka01ab1234"),
        ("WÜ-AB 123", "wu\u0308ab123"),  # ü of one mark or of two
        ("京A·12345", "京a12345"),
        ("А123ВС77", "A123BC77"),  # Cyrillic, Latin
        ("АА 1234 ІК", "AA1234IK"),
        ("ΙΖΑ-1234", "IZA1234"),  # Greek
        ("١٢٣٤ أ", "1234 أ"),
        ("ＡＢ１２", "AB12"),
    ],
)
def test_two_records_of_one_plate_are_one(one: str, other: str) -> None:
    assert plates.compared(one) == plates.compared(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("WÜ-AB 123", "WU-AB 123"),  # another district
        ("MO 1", "M0 1"),  # a letter, a digit
        ("Б123ВС77", "B123BC77"),  # looks like no Latin letter
        ("AB 12", "AB 123"),
    ],
)
def test_two_plates_are_two(one: str, other: str) -> None:
    assert plates.compared(one) != plates.compared(other)


TYPED = st.text("abäßюЖ京กि0१٢ -.·", max_size=24)


@given(TYPED)
def test_a_plate_that_is_shown_is_taken_again_and_stays_the_same(typed: str) -> None:
    try:
        shown = plates.read(typed)
    except ValueError:
        return
    assert plates.read(shown) == shown
    assert plates.compared(shown) == plates.compared(typed)
