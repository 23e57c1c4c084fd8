"""Money as people read it."""

from __future__ import annotations

import re
from typing import Final

from chalicelib.domain.core.money import Money

_SYMBOLS: Final = {
    "EUR": "€", "GBP": "£", "ILS": "₪", "INR": "₹", "JPY": "¥", "KRW": "₩", "NGN": "₦",
    "PHP": "₱", "THB": "฿", "USD": "$", "VND": "₫",
}  # fmt: skip
_THOUSANDS: Final = re.compile(r"(?<=\d)(?=(\d{3})+$)")
_LAKHS: Final = re.compile(r"(?<=\d)(?=(\d{2})*\d{3}$)")
_LAKH_CURRENCIES: Final = frozenset({"BDT", "INR", "NPR", "PKR"})


def show(money: Money) -> str:
    """`money` with its sign and grouped digits; currencies without a sign of their own by code.

    >>> show(Money(15000, "INR")), show(Money(1350000000, "INR")), show(Money(-1250, "EUR"))
    ('₹150.00', '₹1,35,00,000.00', '−€12.50')
    >>> show(Money(1234567, "JPY")), show(Money(1500, "KWD")).replace(chr(160), " ")
    ('¥1,234,567', 'KWD 1.500')
    """
    whole, point, decimals = money.text().removeprefix("-").partition(".")
    grouping = _LAKHS if money.currency in _LAKH_CURRENCIES else _THOUSANDS
    symbol = _SYMBOLS.get(money.currency, f"{money.currency}\N{NO-BREAK SPACE}")
    sign = "−" if money.minor < 0 else ""
    return f"{sign}{symbol}{grouping.sub(',', whole)}{point}{decimals}"


def percent(basis_points: int) -> str:
    """Basis points as a percentage, without needless zeros.

    >>> percent(1800), percent(250), percent(1)
    ('18', '2.5', '0.01')
    """
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")
