"""The refund that a cancellation brings, and its way back through the gateways."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings import cancel_refund, online_refund
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.payments import refund
from chalicelib.domain.payments.refund import RefundDecision
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps


def refund_at(deps: Deps, booking: Booking, at: datetime) -> RefundDecision:
    """The refund of a cancellation at `at`."""
    policy, tz = places.zone_of(deps, booking).policy, places.site_of(deps, booking).tz
    return cancel_refund.decide(booking, policy, tz, at=at)


def refund_of(deps: Deps, cancelled: Booking) -> RefundDecision:
    """The refund of a booking that is being cancelled."""
    if cancelled.cancelled_by_site:
        return refund.by_site(cancelled.amount_paid)
    return refund_at(deps, cancelled, cancelled.updated_at)


def with_refund(deps: Deps, change: BookingChange) -> BookingChange:
    """`change`, which cancels its booking, with the refund of what was paid online; what is kept is
    earned."""
    if not change.booking.kept:
        return change
    decision = refund_of(deps, change.booking)
    return online_refund.pay_back(
        change, decision.amount, now=deps.now(), entry_id=deps.new_id("LE")
    )
