"""The ends of a booking (docs/rules/lifecycle.md, Steps): cancelled or expired before its stay,
terminated during it, and what each end gives back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings import allowance, attachment
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.cover import Left
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.effect import Effect, ask_gateway, offer_time
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.payments import payment
from chalicelib.domain.promos import redemption
from chalicelib.domain.sites.policy import Policy


def cancel(
    booking: Booking,
    *,
    by: Actor,
    source: Source,
    reason: str,
    now: datetime,
    by_site: bool = False,
) -> BookingChange:
    """Cancel the booking before its stay; `by_site` where the site answers for it, as it always
    does for a blackout. Raises IllegalTransition during the stay, AlreadyEnded after it."""
    over = booking.stepped(Step.CANCEL, at=now, by=by, source=source, note=reason, deadline=None)
    by_site = by_site or source == "blackout"
    return freeing(booking, replace(over, cancelled_by_site=by_site))


def expire(booking: Booking, *, by: Actor, source: Source, at: datetime) -> BookingChange:
    """Expire a booking that was not entered, or a hold, at the instant its deadline fell due.
    Raises IllegalTransition."""
    step = Step.LAPSE if booking.status is Status.PENDING else Step.EXPIRE
    return freeing(booking, booking.stepped(step, at=at, by=by, source=source, deadline=None))


def terminate(
    booking: Booking, *, by: Actor, policy: Policy, reason: str, now: datetime
) -> BookingChange:
    """End a stay in an emergency, without a bill. For admins. Raises IllegalTransition."""
    over = booking.stepped(
        Step.TERMINATE, at=now, by=by, source="admin", note=reason, actual_end=now, deadline=None
    )
    left = turnover.vacate(booking.room, booking.booking_id, policy, by=by, at=now, source="admin")
    return freeing(booking, over).turning(*left)


def freeing(booking: Booking, over: Booking) -> BookingChange:
    """Save `over`, the version that has ended: close its attachments, free its interval, and give
    back the count of a quota, the allowances and the use of a promo code."""
    gives_back = _gives_back(booking, over)
    ended = replace(
        over,
        attachments=attachment.close(booking.attachments, at=over.updated_at),
        counts=() if gives_back else over.counts,
        redeemed=() if gives_back else over.redeemed,
        payments=payment.closed(over.payments, still=over.amount_owed),
    )
    change = BookingChange.of(ended).with_sheets(
        occupancy.release(booking.holding, now=over.updated_at)
    )
    if gives_back:
        change = change.counting(*allowance.released(booking.locator, booking.counts))
        change = change.counting(*redemption.released(booking.redeemed))
    if booking.counted:
        change = change.counting(Tally(booking.locator, f"quota.{booking.zone_id}", -1))
    if booking.cover is not None:
        change = change.saving(Left(booking.site, booking.cover.plate))
    lost = payment.lost(booking.payments, ended.payments)
    asked = (ask_gateway(each.reference) for each in lost)
    return change.sending(*wakes(booking), *asked)


def wakes(booking: Booking) -> tuple[Effect, ...]:
    """The effect of leaving its space: an overstay keeps a room from guests of tonight, and those
    who wait for tonight are offered it now."""
    if booking.kind != "room" or booking.listed_through is None:
        return ()
    return (offer_time(booking.zone_id),)


def _gives_back(booking: Booking, over: Booking) -> bool:
    """Whether `over` gives back the allowances and the use of its promo code: if it was cancelled
    before the stay, or only held."""
    cancelled = booking.status is Status.BOOKED and over.status is Status.CANCELLED
    return cancelled or booking.status is Status.PENDING
