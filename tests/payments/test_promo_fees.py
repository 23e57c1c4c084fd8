"""Fees of bookings with a promo code, and late payments that find no room for it any more
(docs/rules/promos.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import saving
from chalicelib.domain.promos.promo import Promo, UseLimits
from chalicelib.services.bookings import bookings
from chalicelib.services.promos import promos
from tests import builders
from tests.clock import NOON, Clock
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark

HOUR = timedelta(hours=1)


def add(paying: PayingCarPark, **fields: Any) -> Promo:
    ordinary: dict[str, Any] = {"percent": 50, "limits": UseLimits(total=1)}
    promo = Promo("central", "HALF", "PR1", NOON, **ordinary | fields)
    paying.deps.commit(saving(promo))
    return promo


def hold(paying: PayingCarPark, **wishes: Any) -> Booking:
    return paying.book_online(start=NOON + 2 * HOUR, minutes=60, promo_code="half", **wishes)


def lapse(paying: PayingCarPark, clock: Clock, booking: Booking) -> None:
    clock.move(minutes=20)
    bookings.get(paying.deps, paying.user, booking.booking_id)


def used(paying: PayingCarPark, promo: Promo) -> int:
    return promos.with_uses(paying.deps, promo).used


def test_the_fee_that_is_paid_online_is_the_one_with_the_code(
    paying: PayingCarPark, clock: Clock
) -> None:
    add(paying)
    booking = hold(paying)
    assert paying.payment(booking).amount.text() == "25.00"
    assert paying.pay(booking).paid == 2500
    agreement.assert_agree(paying, booking)


def test_a_code_for_the_whole_price_needs_no_payment(paying: PayingCarPark) -> None:
    add(paying, percent=100)
    booking = hold(paying)
    assert (booking.status, booking.payments) == (Status.BOOKED, ())


def test_a_hold_that_lapses_gives_its_use_back_and_a_late_payment_takes_it_again(
    paying: PayingCarPark, clock: Clock
) -> None:
    promo = add(paying)
    booking = hold(paying)
    assert used(paying, promo) == 1
    lapse(paying, clock, booking)
    assert used(paying, promo) == 0
    paid = paying.pay(booking)
    assert (paid.status, used(paying, promo)) == (Status.BOOKED, 1)
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    assert used(paying, promo) == 0
    agreement.assert_agree(paying, booking)


@pytest.mark.parametrize("gone", ["used up", "switched off"])
def test_a_late_payment_goes_back_where_its_code_is_no_longer_to_be_had(
    paying: PayingCarPark, clock: Clock, gone: str
) -> None:
    promo = add(paying)
    booking = hold(paying)
    lapse(paying, clock, booking)
    if gone == "used up":
        hold(paying, actor=paying.other)
    else:
        paying.deps.commit(saving(promo.edited({"active": False})))
    late = paying.pay(booking)
    assert (late.status, late.paid, late.returned) == (Status.EXPIRED, 2500, 2500)
    assert used(paying, promo) == (gone == "used up")
    clock.move(minutes=5)
    paying.deliver()
    assert paying.gateway.balance == 0
    agreement.assert_agree(paying, booking)


def test_a_late_payment_goes_back_where_the_quota_has_been_reached_meanwhile(
    paying: PayingCarPark, clock: Clock
) -> None:
    zone = paying.deps.catalogue.zone("zone-a")
    paying.change_zone(zone, policy=replace(builders.METERED, quota_per_user=1))
    booking = paying.book_online(start=NOON + 2 * HOUR)
    lapse(paying, clock, booking)
    paying.book(start=NOON + 5 * HOUR)
    late = paying.pay(booking)
    assert (late.status, late.paid, late.returned) == (Status.EXPIRED, 5000, 5000)
    agreement.assert_agree(paying, booking)
