"""Tender: what a customer hands over for a bill, and by which method."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from chalicelib.domain.core import amounts, errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault, say


class PaymentMethod(StrEnum):
    """How a bill is paid."""

    CASH = "CASH"
    ONLINE = "ONLINE"

    def require_available(self) -> None:
        """Require a method by which bills can be paid. Raises PaymentMethodUnavailable."""
        if self not in AVAILABLE:
            raise errors.PaymentMethodUnavailable()


AVAILABLE: Final = frozenset({PaymentMethod.CASH})
"""The methods by which a bill can be paid at the gate or the desk. The ledger has an account for
each."""


@dataclass(frozen=True, slots=True)
class Tender:
    """The money that a customer hands over for a bill. Without a tender, what is due stays due."""

    method: PaymentMethod
    amount: Money

    def require_covers(self, due: Money) -> None:
        """Require a tender of at least `due`. Raises NotEnoughCash with the missing amount."""
        if self.amount < due:
            raise errors.NotEnoughCash(
                say("cash_missing", due=due, missing=(due - self.amount).text())
            )


@dataclass(frozen=True, slots=True)
class TenderRequest:
    """A tender as a request states it, by any route (docs/rules/checkout.md). `amount` is a decimal
    in the currency of the bill, such as "150.00"; None means exactly what is due."""

    method: PaymentMethod
    amount: str | None = None

    @classmethod
    def stated(cls, method: PaymentMethod | None, amount: str | None) -> Self | None:
        """The tender of a request, or None where it names neither a method nor an amount: then
        nothing is paid. An amount alone is counted cash."""
        if method is None and amount is None:
            return None
        return cls(method or PaymentMethod.CASH, amount)

    def for_bill(self, due: Money) -> Tender:
        """The tender for a bill of which `due` is left to pay. Raises Invalid for an amount that is
        not exact in its currency; where anything is due, PaymentMethodUnavailable."""
        if due:
            self.method.require_available()
        if self.amount is None:
            return Tender(self.method, due)
        try:
            return Tender(self.method, amounts.read(self.amount, due.currency))
        except Fault as fault:
            raise errors.Invalid({"amount_received": fault.wording}) from None
