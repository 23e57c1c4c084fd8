"""Which steps call for a paper: those that bill a stay or move money (docs/rules/receipts.md).

The unit of work asks for every booking that a Change saves, so a new step cannot forget it.
"""

from __future__ import annotations

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import effect
from chalicelib.domain.core.change import Change


def with_tasks(change: Change) -> Change:
    """`change` with a task for each booking that may call for a paper after it."""
    bookings = (each for each in change.saves if isinstance(each, Booking))
    called = [booking for booking in bookings if _may_call(booking)]
    return change.sending(*(effect.issue_papers(booking.booking_id) for booking in called))


def _may_call(booking: Booking) -> bool:
    """Whether the step has billed the stay, or moved money."""
    before = booking.before
    return before is not None and _money(before) != _money(booking)


def _money(booking: Booking) -> tuple[object, ...]:
    is_billed = booking.bill is not None and bool(booking.bill.charged)
    is_over = not booking.is_live and (is_billed or booking.paid > 0)
    return is_over, booking.paid, booking.gone
