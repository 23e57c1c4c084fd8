"""A bill as the rows of a table (docs/rules/billing.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.bill_lines import BillLine
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import amounts
from chalicelib.rendering.mail.layout import Row
from chalicelib.rendering.mail.texts import Texts


def bill_rows(booking: Booking, bill: Bill, tz: ZoneInfo, texts: Texts) -> tuple[Row, ...]:
    """The charges of a stay, then the payments, then what is due."""
    return (*_charges(booking, bill, tz, texts), *_payments(booking, bill, texts))


def _charges(booking: Booking, bill: Bill, tz: ZoneInfo, texts: Texts) -> Iterator[Row]:
    for line in bill.lines:
        yield Row(line.text, amounts.show(line.amount), _detail(line, bill, tz, texts))
    if not booking.tariff.tax.inclusive:
        yield from _tax(bill, texts.tax_line, "plain", texts)
    yield Row(texts.total, amounts.show(bill.total), weight="total")
    if booking.tariff.tax.inclusive:
        yield from _tax(bill, texts.tax_included, "soft", texts)
    if bill.charged > bill.total:
        yield Row(texts.least_charge, amounts.show(bill.charged), weight="strong")


def _detail(line: BillLine, bill: Bill, tz: ZoneInfo, texts: Texts) -> str:
    rate = texts.line_detail.format(quantity=line.quantity, rate=amounts.show(line.rate))
    if line.starts_at is None or len(bill.lines) == 1:
        return rate if line.quantity > 1 else ""
    return texts.line_from.format(time=_clock(line.starts_at, tz), rate=rate)


def _clock(instant: datetime, tz: ZoneInfo) -> str:
    return f"{instant.astimezone(tz):%H:%M}"


def _tax(bill: Bill, sentence: str, weight: str, texts: Texts) -> Iterator[Row]:
    for line in bill.tax:
        text = sentence.format(name=line.name, percent=amounts.percent(line.rate_bp))
        yield Row(text, amounts.show(line.amount), weight=weight)


def _payments(booking: Booking, bill: Bill, texts: Texts) -> Iterator[Row]:
    at_exit = booking.amount_paid - bill.amount_paid
    due = check_out.amount_due(booking)
    waived = bill.charged - booking.amount_paid - due
    if bill.amount_paid:
        yield Row(_before(bill, texts), amounts.show(-bill.amount_paid))
    if at_exit:
        yield Row(texts.paid_at_exit, amounts.show(-at_exit))
    if waived > Money.zero(bill.currency):
        yield Row(texts.waived, amounts.show(-waived))
    if due:
        yield Row(texts.due, amounts.show(due), weight="total")


def _before(bill: Bill, texts: Texts) -> str:
    return texts.fee_credited if bill.amount_paid == bill.booking_fee else texts.paid_before
