"""Refunds that a manager makes, with a reason (docs/rules/refunds.md, By a manager)."""

from __future__ import annotations

from chalicelib.domain.bookings import online_refund
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, amounts, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault
from chalicelib.services.bookings import bookings
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps


def refund(
    deps: Deps, actor: Actor, booking_id: str, amount: str | None, *, reason: str
) -> Booking:
    """Pay back `amount`, or all that is kept, with a reason: what came through gateways goes back
    through them, the rest is paid by hand from the drawer of `actor`. For owners of the site.
    Raises BookingNotFound, Forbidden, Invalid, RefundTooHigh."""

    def once() -> Booking:
        booking = deps.as_expected(bookings.get(deps, actor, booking_id))
        access.require_runs(actor, booking.site)
        change = online_refund.refund(
            booking,
            _asked(booking, amount),
            by=actor,
            reason=reason,
            now=deps.now(),
            entry_id=deps.new_id("LE"),
        )
        event = audit_events.of_booking(deps, actor, booking, "refund", detail=reason)
        deps.commit(change.auditing(event))
        return change.booking

    return deps.retry_on_conflict(once)


def _asked(booking: Booking, amount: str | None) -> Money:
    if amount is None:
        return booking.amount_kept
    try:
        return amounts.read(amount, booking.currency)
    except Fault as fault:
        raise errors.Invalid({"amount": fault.wording}) from None
