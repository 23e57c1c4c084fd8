"""What the catalogue looks like from outside: the answers of the public and admin routes.

An answer is a frozen dataclass whose fields are ready for JSON: `openapi.py` publishes it, and
`api/show.py` uses the parts that bookings share with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.domain.fields import About
from chalicelib.domain.money import Money


@dataclass(frozen=True)
class MoneyView:
    """An amount of money: a decimal with all digits of its currency, and the currency."""

    amount: Annotated[str, About("The amount, exact.", "150.00")]
    currency: Annotated[str, About("ISO 4217.", "INR")]

    @classmethod
    def of(cls, money: Money) -> Self:
        """`money` as the API shows it."""
        return cls(money.text(), money.currency)
