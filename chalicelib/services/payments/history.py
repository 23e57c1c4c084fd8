"""What a customer has paid and still owes (docs/rules/payments.md), read from the bookings:
money is recorded with them in the step that moves it, so there is no second record."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.stays import check_out
from chalicelib.services.bookings import debts
from chalicelib.services.core.deps import Deps
from chalicelib.store import bookings

LOOK_AHEAD = 100
"""Bookings read for one page, so that a page is one query. It may hold fewer than `limit`, and
still have a cursor."""


@dataclass(frozen=True)
class Due:
    """The amount due of a booking, and the page on which it is paid, where it is paid online."""

    booking: Booking
    amount: Money
    pay_url: str | None


def dues(deps: Deps, actor: Actor) -> tuple[Due, ...]:
    """What the actor owes, oldest first: a read of the account and, where it owes something, one
    of its unpaid bookings for each hundred of them."""
    named = (Debt.read(name).booking_id for name in deps.accounts.get(actor.account_id).debts)
    found = sorted(deps.bookings.many(named), key=lambda booking: booking.booked.start)
    return tuple(
        Due(booking, due, debts.pay_url(deps, booking))
        for booking in found
        if (due := check_out.amount_due(booking))
    )


def own(deps: Deps, actor: Actor, *, limit: int, after: str | None) -> Listing[Booking]:
    """The actor's bookings for which money has moved, newest booking first: one query."""
    page = deps.bookings.of_owner(actor.account_id, limit=LOOK_AHEAD, after=after)
    paid = [booking for booking in page.records if booking.paid]
    if len(paid) > limit:
        return Listing(tuple(paid[:limit]), bookings.cursor(paid[limit - 1]))
    return Listing(tuple(paid), page.after)
