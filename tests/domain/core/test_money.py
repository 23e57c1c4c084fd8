from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import amounts
from chalicelib.domain.core.money import EXPONENTS, Money
from chalicelib.domain.core.sentence import Fault
from tests.wording import refuses

MINORS = st.integers(min_value=-(10**13), max_value=10**13)
CURRENCIES = st.sampled_from(["INR", "EUR", "USD", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (15000, "INR", "150.00"),  # two decimals, always both
        (5, "EUR", "0.05"),  # a zero before the point
        (0, "USD", "0.00"),
        (150, "JPY", "150"),  # no decimals, no point
        (0, "JPY", "0"),
        (1500, "KWD", "1.500"),  # three decimals
        (-5, "INR", "-0.05"),  # what the house owes
    ],
)
def test_an_amount_reads_with_the_decimals_of_its_currency(
    minor: int, currency: str, text: str
) -> None:
    money = Money(minor, currency)
    assert money.text() == text
    assert money.as_json() == {"amount": text, "currency": currency}


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("150", 15000),
        ("150.5", 15050),
        ("150.50", 15050),
        ("0.01", 1),
        ("-1.00", -100),
        ("1.00 INR", 100),
    ],
)
def test_exact_decimals_are_read(text: str, minor: int) -> None:
    assert amounts.read(text, "INR") == Money(minor, "INR")


@pytest.mark.parametrize(
    "text",
    [
        "150.005",  # half a paisa
        "150.00 EUR",  # other money
        "150.00 inr",
        "NaN",
        "Infinity",
        "1e3",
        "1_000",
        "1,000.00",
        "",
        " 1",
        "1 ",
        "1\n",
        ".50",
        "5.",
        "+5",
        "--5",
        "٥٠",  # digits of another script
        "9" * 13,  # no car park charges a million million
        "9" * 5000,
        150,
        150.0,
        True,
        None,
    ],
)
def test_what_is_no_exact_amount_is_refused(text: object) -> None:
    with refuses(Fault, "must be"):
        amounts.read(text, "INR")


def test_a_yen_has_no_decimals_to_read() -> None:
    assert amounts.read("150", "JPY").minor == 150
    with refuses(Fault, 'such as "50"'):
        amounts.read("150.0", "JPY")


@pytest.mark.parametrize("minor", [1.0, True, "1", None, float("nan")])
def test_minor_units_are_whole_numbers(minor: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Money(minor, "INR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["XXX", "inr", "", None, ["INR"]])
def test_an_unknown_currency_is_refused(currency: object) -> None:
    with pytest.raises(ValueError, match="not known"):
        Money(1, currency)  # type: ignore[arg-type]


def test_two_currencies_do_not_mix() -> None:
    rupee, euro = Money(1, "INR"), Money(1, "EUR")
    mixing = (
        lambda: rupee + euro,
        lambda: rupee - euro,
        lambda: rupee < euro,
        lambda: rupee <= euro,
        lambda: rupee > euro,
        lambda: rupee >= euro,
        lambda: max(rupee, euro),
    )
    for mix in mixing:
        with pytest.raises(ValueError, match="do not mix"):
            mix()
    assert rupee != euro


def test_money_is_multiplied_by_whole_numbers_only() -> None:
    assert Money(50, "INR") * 3 == 3 * Money(50, "INR") == Money(150, "INR")
    for times in (1.5, True):
        with pytest.raises(ValueError, match="whole numbers"):
            Money(50, "INR") * times  # type: ignore[operator]


def test_only_nothing_is_false() -> None:
    assert not Money.zero("INR")
    assert Money(1, "INR")
    assert -Money(1, "INR")
    assert -Money(1, "INR") < Money.zero("INR")


@pytest.mark.parametrize(
    ("minor", "basis_points", "part"),
    [
        (10000, 2500, 2500),  # a quarter
        (10001, 5000, 5001),  # halves go up
        (-10001, 5000, -5001),  # on both sides of zero
        (3, 3333, 1),
        (10000, 0, 0),
    ],
)
def test_a_share_is_rounded_to_the_minor_unit(minor: int, basis_points: int, part: int) -> None:
    assert Money(minor, "INR").share(basis_points).minor == part


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # of equals the first
        (-100, [1, 1, 1], [-34, -33, -33]),
        (100, [0, 1], [0, 100]),
        (5, [5000, 5000], [3, 2]),  # CGST and SGST
        (0, [1, 2], [0, 0]),
        (10, [1, 5], [2, 8]),  # the larger remainder wins
    ],
)
def test_a_split_goes_by_the_largest_remainder(
    minor: int, weights: list[int], parts: list[int]
) -> None:
    assert [part.minor for part in Money(minor, "INR").split(weights)] == parts


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1]])
def test_a_split_needs_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(100, "INR").split(weights)


@given(MINORS, CURRENCIES)
def test_text_and_parse_are_inverse(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    if len(str(abs(minor))) - EXPONENTS[currency] <= 12:
        assert amounts.read(money.text(), currency) == money


@given(MINORS, st.lists(st.integers(0, 10_000), min_size=1, max_size=8).filter(any))
def test_the_parts_of_a_split_add_up_and_are_fair(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "INR").split(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * sum(weights) - minor * weight) < sum(weights)
