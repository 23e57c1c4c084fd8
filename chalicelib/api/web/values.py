"""Values that every answer writes alike: instants, money, and parts with a published schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.domain.core.constraints import Doc, Structure
from chalicelib.domain.core.money import Money

Instant = Annotated[str, Doc("An instant in UTC.", "2026-11-21T04:30:00Z")]


@dataclass(frozen=True)
class MoneyView:
    """An amount of money: a decimal with all digits of its currency, and the currency."""

    amount: Annotated[str, Doc("The amount, exact.", "150.00")]
    currency: Annotated[str, Doc("ISO 4217.", "INR")]

    @classmethod
    def of(cls, money: Money) -> Self:
        """`money` as the API shows it."""
        return cls(money.text(), money.currency)


def named_schema(name: str) -> Structure:
    """The mark of a part whose schema stands in the OpenAPI document under `name`."""
    return Structure(lambda raw: raw, {"$ref": f"#/components/schemas/{name}"})
