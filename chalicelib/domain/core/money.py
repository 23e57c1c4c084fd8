"""Money: whole minor units of one currency, exact from gate to ledger (docs/rules/billing.md).

>>> Money(15000, "INR").text(), Money(150, "JPY").text(), Money(1500, "KWD").text()
('150.00', '150', '1.500')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# ISO 4217: how many of a currency's digits stand behind the point.
EXPONENTS = {
    "AED": 2, "AUD": 2, "BDT": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "CZK": 2,
    "DKK": 2, "EUR": 2, "GBP": 2, "HKD": 2, "IDR": 2, "ILS": 2, "INR": 2, "JPY": 0, "KES": 2,
    "KRW": 0, "KWD": 3, "LKR": 2, "MXN": 2, "MYR": 2, "NGN": 2, "NOK": 2, "NPR": 2, "NZD": 2,
    "OMR": 3, "PHP": 2, "PKR": 2, "PLN": 2, "QAR": 2, "SAR": 2, "SEK": 2, "SGD": 2, "THB": 2,
    "TRY": 2, "USD": 2, "VND": 0, "ZAR": 2,
}  # fmt: skip

WHOLE = 10_000
"""Basis points of the whole: a share of 2500 is a quarter."""


def exponent(currency: str) -> int:
    """Return how many decimals `currency` (ISO 4217) has; ValueError where Berth has none of it."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise ValueError(f"currency {currency!r} is not known") from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (paise, cents, fils) of one currency; may be negative.

    Sums, differences and comparisons of two currencies raise ValueError, as do amounts that are
    not whole numbers.

    >>> Money(5000, "INR") * 3 - Money(5000, "INR")
    Money(minor=10000, currency='INR')
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise ValueError(f"minor units must be a whole number, not {self.minor!r}")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, in `currency`."""
        return cls(0, currency)

    def text(self) -> str:
        """Return the amount with all decimals of its currency, without the currency."""
        places = exponent(self.currency)
        digits = str(abs(self.minor)).rjust(places + 1, "0")
        cut = len(digits) - places
        sign = "-" if self.minor < 0 else ""
        return sign + digits[:cut] + ("." + digits[cut:] if places else "")

    def as_json(self) -> dict[str, str]:
        """Return the form of the API: `{"amount": "150.00", "currency": "INR"}`."""
        return {"amount": self.text(), "currency": self.currency}

    def share(self, basis_points: int) -> Money:
        """Return that share of the amount, halves rounded away from zero.

        >>> Money(10001, "INR").share(5000).minor
        5001
        """
        size = (abs(self.minor) * basis_points * 2 + WHOLE) // (2 * WHOLE)
        return Money(-size if self.minor < 0 else size, self.currency)

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Cut the amount in proportion to `weights`; the parts add up exactly.

        What does not divide goes, a minor unit each, to the largest remainders, the first of
        equals first.  ValueError for negative weights and for weights that are all zero.

        >>> [part.minor for part in Money(100, "INR").split([1, 1, 1])]
        [34, 33, 33]
        """
        whole = sum(weights)
        if whole <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative, nor all zero")
        shares = [divmod(abs(self.minor) * weight, whole) for weight in weights]
        left = abs(self.minor) - sum(share for share, _ in shares)
        favoured = set(sorted(range(len(shares)), key=lambda at: -shares[at][1])[:left])
        sign = -1 if self.minor < 0 else 1
        sizes = (share + (at in favoured) for at, (share, _) in enumerate(shares))
        return tuple(Money(sign * size, self.currency) for size in sizes)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            raise ValueError(f"money is multiplied by whole numbers, not {times!r}")
        return Money(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.minor
