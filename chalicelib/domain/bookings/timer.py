"""The timer that clients show for a booking, by the clock of the server (docs/rules/lifecycle.md,
The timer)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.sites.policy import Policy

EXPIRING_SOON = timedelta(minutes=5)


@dataclass(frozen=True)
class Timer:
    """`remaining` in whole seconds, never below zero; `soon` in the last five minutes."""

    remaining: int
    expired: bool
    soon: bool


def of(booking: Booking, policy: Policy, now: datetime) -> Timer:
    """The timer of a booking. A stay that runs on after the end planned for it has not expired: it
    counts to the instant at which time ends it, and stands at 0 where time does not."""
    active = booking.status is Status.ACTIVE
    end = planned_end(booking, policy)
    if active and now >= end:
        end = _end_by_time(booking, policy) or end
    left = end - now
    if not booking.is_live or (left <= timedelta(0) and not active):
        return Timer(0, expired=True, soon=False)
    soon = timedelta(0) < left < EXPIRING_SOON
    return Timer(max(0, int(left.total_seconds())), expired=False, soon=soon)


def planned_end(booking: Booking, policy: Policy) -> datetime:
    """The booked end; for a stay that the zone ends after a fixed time, that end."""
    if booking.status is Status.ACTIVE and policy.auto_checkout_after is not None:
        return _end_by_time(booking, policy) or booking.booked.end
    return booking.booked.end


def _end_by_time(booking: Booking, policy: Policy) -> datetime | None:
    """The instant at which time ends a stay, as far as its deadline says; where it is to renew, if
    it does not."""
    due = booking.deadline
    if due is not None and due.kind is DeadlineKind.AUTO_RENEW:
        due = booking.deadline_unless_renewed(policy)
    return due.at if due is not None and due.kind is DeadlineKind.AUTO_CHECKOUT else None
