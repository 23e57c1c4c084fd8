"""Time takes its course: whatever deadline of a booking has passed is carried out, by the sweep or
by whoever reads first. Settling late never changes the recorded times (docs/rules/lifecycle.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from chalicelib.domain.bookings import confirmation_steps, deadline
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import ending
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offers

MOST_SETTLED = 25
"""Bookings read before a refusal. Those that began first are the likeliest to be over; a sweep
comes by for the others."""


def settled(deps: Deps, booking: Booking, *, source: Source = "lazy") -> Booking:
    """`booking` as it is now that every deadline that has passed is carried out: one transaction
    for each. Raises StaleVersion when somebody else is at it; load it again then."""
    while booking.deadline is not None and booking.deadline.is_due(deps.now()):
        change = _carry_out(deps, booking, booking.deadline, source)
        deps.commit(change)
        booking = change.booking
    return booking


def read(deps: Deps, booking_id: str) -> Booking:
    """The settled booking of that id: one read while nothing is due. Raises BookingNotFound."""
    return deps.retry_on_conflict(lambda: settled(deps, deps.bookings.get(booking_id)))


def each(deps: Deps, bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    """All of them settled; one that changed meanwhile is read again."""
    return tuple(_patiently(deps, booking) for booking in bookings)


def overdue(deps: Deps, sheets: Sheets) -> bool:
    """Settle whoever still stands in the sheets after their time. True when that freed any, so
    that the sheets are worth reading again."""
    gone = _any_gone(deps, occupancy.overdue(sheets, now=deps.now()))
    return offers.any_lapsed(deps, sheets) or gone


def in_the_way(deps: Deps, sheets: Sheets, zone: Zone) -> bool:
    """The same before somebody is refused: where time may end a booking before its booked end,
    whoever has begun is looked at too, and where bookings must be confirmed whoever may have lost
    theirs by now; the `MOST_LOOKED_AT` earliest in one read."""
    policy = zone.policy
    if not (policy.confirmation or deadline.may_end_early(kind=zone.kind, policy=policy)):
        return overdue(deps, sheets)
    if offers.any_lapsed(deps, sheets):
        return True
    ahead = timedelta(minutes=policy.auto_cancel_lead if policy.confirmation else 0)
    return _any_gone(deps, occupancy.begun(sheets, now=deps.now() + ahead)[:MOST_SETTLED])


def retry_if_freed(deps: Deps, zone: Zone, sheets: Sheets, numbers: Collection[str]) -> None:
    """Settle the overdue stays of the spaces `numbers` before a refusal for want of space. Raises
    StaleVersion where that freed time: the step starts again from its reads."""
    if in_the_way(deps, [sheet for sheet in sheets if sheet.number in numbers], zone):
        raise errors.StaleVersion()


def _any_gone(deps: Deps, holders: Sequence[str]) -> bool:
    if not holders:
        return False
    return any(not booking.is_live for booking in each(deps, deps.bookings.many(holders)))


def _patiently(deps: Deps, booking: Booking) -> Booking:
    try:
        return settled(deps, booking)
    except errors.StaleVersion:
        return read(deps, booking.booking_id)


def _carry_out(deps: Deps, booking: Booking, due: Deadline, source: Source) -> BookingChange:
    match due.kind:
        case DeadlineKind.REMINDER:
            policy = deps.catalogue.zone(booking.zone_id).policy
            return confirmation_steps.remind(booking, policy=policy, source=source, now=deps.now())
        case DeadlineKind.AUTO_CANCEL:
            policy = deps.catalogue.zone(booking.zone_id).policy
            return confirmation_steps.auto_cancel(booking, policy=policy, source=source, at=due.at)
        case DeadlineKind.AUTO_START:
            policy = deps.catalogue.zone(booking.zone_id).policy
            return booking.start(by=SYSTEM, policy=policy, source=source)
        case DeadlineKind.NO_SHOW | DeadlineKind.HOLD_LAPSE:
            return booking.expire(by=SYSTEM, source=source, at=due.at)
        case DeadlineKind.AUTO_CHECKOUT:
            by = "auto_checkout" if source == "sweep" else source
            return ending.ending(deps, booking, by=SYSTEM, source=by, at=due.at, tender=None)
        case DeadlineKind.OFFER_LAPSE | DeadlineKind.WISH_OVER:
            raise AssertionError(f"{due.kind} is a deadline of waitlist entries")
