"""Card numbers in texts of people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import card_numbers, ids
from tests.clock import NOON

PUBLISHED = [
    "4111111111111111", "4012888888881881", "4222222222222", "5555555555554444",
    "5105105105105100", "2223003122003222", "378282246310005", "371449635398431",
    "30569309025904", "38520000023237", "6011111111111117", "3530111333300000",
    "6200000000000005", "6521525252525251", "6304000000000000000", "8171999900000018",
]  # fmt: skip
"""Numbers that gateways publish for tests, of the networks that they take, RuPay among them."""


def with_check_digit(digits: str) -> str:
    """The digits, with the check digit of ISO/IEC 7812-1 behind them."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return f"{digits}{-total % 10}"


CARDS = st.from_regex(r"[1-9][0-9]{11,17}", fullmatch=True).map(with_check_digit)
BETWEEN = st.sampled_from([" ", "-", "  ", ".", " - ", "\u2011", "\u2013"])
AROUND = st.sampled_from(["", "card: {}", "{}, exp 12/29", "Asha ({})", "bay 12 {} please", "#{}"])


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_are_found(number: str) -> None:
    assert card_numbers.is_in(number)
    assert card_numbers.is_in(f"please charge {number[:4]} {number[4:]}")


@given(CARDS, AROUND)
def test_a_number_in_one_piece_is_found(number: str, around: str) -> None:
    assert card_numbers.is_in(around.format(number) or number)


@given(CARDS, BETWEEN, AROUND)
def test_a_number_in_groups_is_found(number: str, between: str, around: str) -> None:
    for size in (1, 2, 4):
        written = between.join(grouped(number, size))
        assert card_numbers.is_in(around.format(written) or written)
    amex = between.join((number[:4], number[4:10], number[10:]))
    assert card_numbers.is_in(amex)


@given(CARDS)
def test_the_digits_of_other_scripts_count(number: str) -> None:
    for zero in ("\u0966", "\u0660", "\uff10"):
        assert card_numbers.is_in(number.translate({48 + n: ord(zero) + n for n in range(10)}))


@given(CARDS, st.integers(1, 9))
def test_a_number_with_another_check_digit_is_none(number: str, by: int) -> None:
    other = f"{number[:-1]}{(int(number[-1]) + by) % 10}"
    assert not card_numbers.is_in(other)


@given(st.from_regex(r"\+[1-9][0-9]{0,2} ?[0-9 \-]{8,14}", fullmatch=True))
def test_a_phone_number_with_its_country_is_none(phone: str) -> None:
    assert not card_numbers.is_in(phone)


@given(st.timedeltas(timedelta(0), timedelta(days=20_000)), st.integers(0, 2**20 - 1))
def test_our_ids_are_none(later: timedelta, drawn: int) -> None:
    moment = NOON + later
    booking_id = ids.booking_id("7Q2M9X4T", moment, drawn)
    entry = ids.sortable("LE", moment, drawn)
    for name in (booking_id, f"{booking_id}_1", f"{booking_id}_1_r2", entry):
        assert not card_numbers.is_in(name)


@pytest.mark.parametrize(
    "text",
    [
        "", "Asha Rao", "KA-01-AB-1234", "9A-7M3R", "98765 43210", "080 5550 0100, ext. 7",
        "98765 43210 98765 43211", "order_Nx2M9X4T1NG1QR", "OMO2403071446458436434329",
        "0000000000000000", "2026-11-21 10:30", "4111 1111 1111", "41111111111111111111",
        "x4111111111111111", "IN 22AAAAA0000A1Z5", "bay A-001 to A-019",
    ],
)  # fmt: skip
def test_other_numbers_are_none(text: str) -> None:
    assert not card_numbers.is_in(text)


def grouped(number: str, size: int) -> Iterator[str]:
    for first in range(0, len(number), size):
        yield number[first : first + size]
