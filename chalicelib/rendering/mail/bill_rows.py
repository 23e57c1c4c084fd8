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
from chalicelib.rendering.mail import bill_words
from chalicelib.rendering.mail.layout import Row
from chalicelib.texts import amounts
from chalicelib.texts.mails import MailTexts


def bill_rows(booking: Booking, bill: Bill, tz: ZoneInfo, texts: MailTexts) -> tuple[Row, ...]:
    """The charges of a stay, then the payments, then what is due."""
    return (*_charges(booking, bill, tz, texts), *_payments(booking, bill, texts))


def _charges(booking: Booking, bill: Bill, tz: ZoneInfo, texts: MailTexts) -> Iterator[Row]:
    for line in bill.lines:
        yield Row(
            bill_words.of(line, booking, tz, texts),
            amounts.show(line.amount, texts.language),
            _detail(line, bill, tz, texts),
        )
    if not booking.tariff.tax.inclusive:
        yield from _tax(bill, texts.tax_line, "plain", texts)
    yield Row(texts.total, amounts.show(bill.total, texts.language), weight="total")
    if booking.tariff.tax.inclusive:
        yield from _tax(bill, texts.tax_included, "soft", texts)
    if bill.charged > bill.total:
        yield Row(texts.least_charge, amounts.show(bill.charged, texts.language), weight="strong")


def _detail(line: BillLine, bill: Bill, tz: ZoneInfo, texts: MailTexts) -> str:
    rate = texts.line_detail.format(
        quantity=line.quantity, rate=amounts.show(line.rate, texts.language)
    )
    if line.starts_at is None or len(bill.lines) == 1:
        return rate if line.quantity > 1 else ""
    return texts.line_from.format(time=_clock(line.starts_at, tz), rate=rate)


def _clock(instant: datetime, tz: ZoneInfo) -> str:
    return f"{instant.astimezone(tz):%H:%M}"


def _tax(bill: Bill, sentence: str, weight: str, texts: MailTexts) -> Iterator[Row]:
    for line in bill.tax:
        text = sentence.format(
            name=line.name, percent=amounts.percent(line.rate_bp, texts.language)
        )
        yield Row(text, amounts.show(line.amount, texts.language), weight=weight)


def _payments(booking: Booking, bill: Bill, texts: MailTexts) -> Iterator[Row]:
    at_exit = booking.amount_paid - bill.amount_paid
    due = check_out.amount_due(booking)
    waived = bill.charged - booking.amount_paid - due
    if bill.amount_paid:
        yield Row(_before(bill, texts), amounts.show(-bill.amount_paid, texts.language))
    if at_exit:
        yield Row(texts.paid_at_exit, amounts.show(-at_exit, texts.language))
    if booking.returned:
        back = Money(booking.returned, bill.currency)
        yield Row(texts.returned_amount, amounts.show(back, texts.language))
    if waived > Money.zero(bill.currency):
        yield Row(texts.waived, amounts.show(-waived, texts.language))
    if due:
        yield Row(texts.due, amounts.show(due, texts.language), weight="total")


def _before(bill: Bill, texts: MailTexts) -> str:
    return texts.fee_credited if bill.amount_paid == bill.booking_fee else texts.paid_before
