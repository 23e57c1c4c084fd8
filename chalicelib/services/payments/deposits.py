"""Deposits that staff take in cash, give back or keep (docs/rules/deposits.md)."""

from __future__ import annotations

from chalicelib.domain.bookings import deposits
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, amounts, errors, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.payments.tender import TenderRequest
from chalicelib.services.bookings import bookings
from chalicelib.services.core import audit_events, places
from chalicelib.services.core.deps import Deps


def take(deps: Deps, actor: Actor, booking_id: str, tender: TenderRequest) -> Booking:
    """Take the deposit of a booking in cash. For staff of the site. Raises BookingNotFound,
    Forbidden, IllegalTransition, NotEnoughCash, PaymentMethodUnavailable, Invalid."""

    def once() -> Booking:
        booking = deps.as_expected(bookings.get(deps, actor, booking_id))
        access.require_works_at(actor, booking.site)
        change = deposits.take(
            booking,
            tender.for_bill(deposits.to_take(booking)),
            by=actor,
            source="staff_api",
            now=deps.now(),
            entry_id=deps.new_id("LE"),
        )
        deps.commit(change)
        return change.booking

    return deps.retry_on_conflict(once)


def settle(
    deps: Deps, actor: Actor, booking_id: str, *, keep: str | None, reason: str | None
) -> Booking:
    """Give a deposit back after the stay, less what is kept for a reason: through its gateway, or
    from the drawer of `actor`. For staff of the site. Raises BookingNotFound, Forbidden, Invalid,
    IllegalTransition."""

    def once() -> Booking:
        booking = deps.as_expected(bookings.get(deps, actor, booking_id))
        access.require_works_at(actor, booking.site)
        now, tz = deps.now(), places.site_of(deps, booking).tz
        change = deposits.settle(
            booking,
            _kept(booking, keep, reason),
            by=actor,
            source="staff_api",
            reason=reason or "",
            on=localtime.local_date(now, tz),
            now=now,
            entry_id=deps.new_id("LE"),
        )
        detail = reason or ""
        event = audit_events.of_booking(deps, actor, booking, "settle_deposit", detail=detail)
        deps.commit(change.auditing(event))
        return change.booking

    return deps.retry_on_conflict(once)


def _kept(booking: Booking, keep: str | None, reason: str | None) -> Money:
    if keep is None:
        return Money.zero(booking.currency)
    if reason is None:
        raise errors.Invalid({"reason": say("must_be_given_with", other="keep")})
    try:
        return amounts.read(keep, booking.currency)
    except Fault as fault:
        raise errors.Invalid({"keep": fault.wording}) from None
