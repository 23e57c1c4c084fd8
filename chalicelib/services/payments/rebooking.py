"""A payment that comes after its hold has lapsed books again, where what it was for is still free
and nobody is ahead in line (docs/rules/payments.md, Late payments)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bookings import create, online_capture
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.payment import Payment
from chalicelib.services.bookings import decide
from chalicelib.services.bookings.decide import BookingRequest, Customer
from chalicelib.services.core.deps import Deps
from chalicelib.services.promos import codes
from chalicelib.services.waitlist import offering


def change(deps: Deps, lapsed: Booking, seen: Payment, *, source: Source) -> BookingChange | None:
    """The change that books `lapsed` again for what is left of its time, not committed yet: one
    query. None where that is not possible. Raises StaleVersion, Unavailable."""
    try:
        return _decided(deps, lapsed, seen, source)
    except (errors.StaleVersion, errors.Unavailable):
        raise
    except errors.Refusal:
        return None


def _uses(deps: Deps, lapsed: Booking) -> tuple[Tally, ...]:
    """The steps that use the code of a lapsed booking again, which its lapse gave back: one batch
    read, and none without a code. Raises PromoNotFound, PromoNotValid."""
    promo = lapsed.tariff.agreed.promo
    if promo is None:
        return ()
    zone, customer = deps.catalogue.zone(lapsed.zone_id), lapsed.user_id
    code = codes.find(
        deps, promo.code, zone, account_id=lapsed.booking_id, has_account=customer is not None
    )
    return codes.uses(deps, code, zone.site, customer and lapsed.locator)


def _decided(deps: Deps, lapsed: Booking, seen: Payment, source: Source) -> BookingChange | None:
    now, zone = deps.now(), deps.catalogue.zone(lapsed.zone_id)
    start = max(lapsed.booked.start, now)
    if start >= lapsed.booked.end:
        return None
    order = Order(
        lapsed.zone_id,
        None if lapsed.provisional else lapsed.number,
        start=start,
        end=lapsed.booked.end,
        details=lapsed.details,
    )
    customer = Customer(lapsed.user_id, lapsed.locator)
    request = BookingRequest(order, SYSTEM, source, zone, customer, lapsed.booking_id)
    free = decide.find_free(deps, request)
    if offering.waitlist_comes_first(deps, zone, [free.interval], free.inventory):
        raise errors.StaleVersion()
    made = create.book(
        booking_id=lapsed.booking_id,
        user_id=lapsed.user_id,
        zone=replace(zone, tariff=lapsed.tariff),
        number=decide.choose(deps, request, free),
        interval=free.interval,
        sheets=free.inventory.sheets,
        by=SYSTEM,
        source=source,
        tz=deps.catalogue.site(zone.site).tz,
        now=now,
        details=lapsed.details,
        provisional=lapsed.provisional,
        uses=_uses(deps, lapsed),
    )
    again = online_capture.rebook(
        lapsed, made, seen, policy=zone.policy, source=source, now=now, entry_id=deps.new_id("LE")
    )
    return again if free.moves is None else again.joined_with(free.moves)
