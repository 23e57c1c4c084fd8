"""No-show: a booking that was not entered expires, and the no-show fee of its tariff becomes due
(docs/rules/refunds.md, No-shows)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings import ends
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.pricing import bill as bills


def expire(
    booking: Booking, *, by: Actor, source: Source, at: datetime, entry_id: str
) -> BookingChange:
    """Expire a booking at the instant its deadline fell due, or a hold. The no-show fee of a
    booking is billed; what was paid before counts towards it, and is kept. Raises
    IllegalTransition."""
    change = ends.expire(booking, by=by, source=source, at=at)
    if booking.status is Status.PENDING or not (booking.tariff.no_show_fee or booking.kept):
        return change
    return _billed(booking, change, by=by, at=at, entry_id=entry_id)


def _billed(
    booking: Booking, change: BookingChange, *, by: Actor, at: datetime, entry_id: str
) -> BookingChange:
    bill = bills.no_show(booking.tariff, paid=booking.amount_kept, on=at.date())
    expired = replace(change.booking, bill=bill)
    if bill.amount_due:
        expired = replace(expired, payment_status="due")
    entry = ledger.left_due(booking, bill, entry_id=entry_id, at=at, actor=by.account_id)
    change = replace(change, saves=(expired,)).posting(entry)
    if not bill.amount_due or booking.user_id is None:
        return change
    return change.counting(Debt(booking.booking_id, booking.site).arises(booking.locator))
