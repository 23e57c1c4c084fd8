"""Views of bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.web.values import Instant, MoneyView
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.pricing.bill import Bill
from chalicelib.services.stays import check_out


@dataclass(frozen=True)
class BillLineView:
    text: str
    quantity: int
    rate: MoneyView
    amount: MoneyView
    starts_at: Instant | None


@dataclass(frozen=True)
class TaxView:
    name: str
    rate_percent: str
    amount: MoneyView


@dataclass(frozen=True)
class BillView:
    """The bill of a stay that has ended, or of a no-show, and the change to give."""

    duration_minutes: int
    units: int
    rate: MoneyView
    lines: tuple[BillLineView, ...]
    total: MoneyView
    tax: tuple[TaxView, ...]
    booking_fee: MoneyView
    amount_paid: Annotated[MoneyView, Doc("What was paid before the check-out.")]
    amount_due: Annotated[MoneyView, Doc("The amount to pay at the check-out.")]
    amount_received: Annotated[
        MoneyView | None, Doc("The money that this request took; null where it took none.")
    ]
    change: Annotated[MoneyView | None, Doc("The change to give; null where no money was taken.")]

    @classmethod
    def of(cls, over: check_out.CheckedOut) -> Self:
        bill, change = over.bill, over.change
        return cls(
            duration_minutes=bill.duration_minutes,
            units=bill.units,
            rate=MoneyView.of(bill.rate),
            lines=lines(bill),
            total=MoneyView.of(bill.charged),
            tax=taxes(bill),
            booking_fee=MoneyView.of(bill.booking_fee),
            amount_paid=MoneyView.of(bill.amount_paid),
            amount_due=MoneyView.of(bill.amount_due),
            amount_received=None if over.tender is None else MoneyView.of(over.tender.amount),
            change=None if change is None else MoneyView.of(change),
        )


def lines(bill: Bill) -> tuple[BillLineView, ...]:
    """The lines of a bill."""
    return tuple(
        BillLineView(
            line.text,
            line.quantity,
            MoneyView.of(line.rate),
            MoneyView.of(line.amount),
            None if line.starts_at is None else localtime.iso(line.starts_at),
        )
        for line in bill.all_lines
    )


def taxes(bill: Bill) -> tuple[TaxView, ...]:
    """The taxes in a bill."""
    return tuple(
        TaxView(tax.name, f"{tax.rate_bp / 100:g}", MoneyView.of(tax.amount)) for tax in bill.tax
    )
