"""Values that every answer writes alike: instants, money, and parts with a published schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc, Format, Structure, UtcInstant
from chalicelib.domain.core.money import Money


def named_schema(name: str) -> Structure:
    """The mark of a part whose schema stands in the OpenAPI document under `name`."""
    return Structure(lambda raw: raw, {"$ref": f"#/components/schemas/{name}"})


Instant = UtcInstant
LocalDay = Annotated[str, Format("date"), Doc("A date of the site's calendar.", "2026-12-24")]
MailAddress = Annotated[str, Format("email")]
WebUrl = Annotated[str, Format("uri")]
ErrorCode = Annotated[str, named_schema("ErrorCode")]
Currency = Annotated[str, Format(pattern="^[A-Z]{3}$"), Doc("ISO 4217.", "INR")]


@dataclass(frozen=True)
class MoneyView:
    """An amount of money: a decimal with all digits of its currency, and the currency."""

    amount: Annotated[
        str, Format(pattern=r"^-?[0-9]+(\.[0-9]+)?$"), Doc("The amount, exact.", "150.00")
    ]
    currency: Currency

    @classmethod
    def of(cls, money: Money) -> Self:
        """`money` as the API shows it."""
        return cls(money.text(), money.currency)


def instant(at: datetime) -> str:
    """An instant as text."""
    return localtime.iso(at)


def maybe(at: datetime | None) -> str | None:
    """An instant as text, or null."""
    return None if at is None else localtime.iso(at)
