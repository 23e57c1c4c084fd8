"""Prices by demand: agreed when a booking is made, kept to its end (docs/rules/pricing.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings import terms
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.pricing.demand import Demand, DemandStep
from chalicelib.domain.pricing.discount import Discount
from chalicelib.services.bookings import book_group, bookings, quotes, renewal, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEMAND = Demand((DemandStep(25, 110), DemandStep(50, 150)))
BY_DEMAND = replace(builders.HOURLY, demand=DEMAND, booking_fee=0)


@pytest.fixture
def busy(world: World) -> World:
    """Four bays whose prices depend on demand."""
    policy = replace(builders.METERED, waitlist=True)
    world.add_zone("busy", policy, tariff=BY_DEMAND, spaces=4)
    return world


def book(world: World, hours: float = 24, **wishes: Any) -> Booking:
    ordinary: dict[str, Any] = {"start": NOON + hours * HOUR, "minutes": 60}
    return world.book(zone="busy", **ordinary | wishes)


def percent(booking: Booking) -> int:
    return booking.tariff.agreed.demand_percent


def test_each_booking_pays_by_how_full_the_zone_was_before_it(busy: World) -> None:
    assert [percent(book(busy)) for _ in range(4)] == [100, 110, 150, 150]
    assert percent(book(busy, hours=48)) == 100


def test_the_exit_bills_what_was_agreed_when_the_zone_is_empty_again(
    busy: World, clock: Clock
) -> None:
    others = [book(busy, hours=0), book(busy, hours=0)]
    mine = busy.enter(book(busy, hours=0))
    for each in others:
        bookings.cancel(busy.deps, busy.user, each.booking_id)
    zone = busy.deps.catalogue.zone("busy")
    busy.change_zone(zone, tariff=replace(BY_DEMAND, rate=9900, demand=None))
    clock.move(minutes=61)
    over = busy.leave(mine)
    assert [line.text for line in over.bill.lines] == ["1 hour", "Demand, 150% of the price"]
    assert over.bill.total.text() == "75.00"


def test_a_longer_booking_keeps_its_per_cent(busy: World) -> None:
    mine = book(busy)
    book(busy, hours=25), book(busy, hours=25)
    edit = BookingEdit(end=mine.booked.end + HOUR)
    longer = reschedule.modify(busy.deps, busy.user, mine.booking_id, edit)
    assert percent(longer) == 100


def test_a_booking_moved_to_a_busy_time_pays_for_it_and_does_not_count_itself(
    busy: World,
) -> None:
    mine = book(busy)
    book(busy, hours=48)
    there = BookingEdit(start=NOON + 48 * HOUR)
    moved = reschedule.modify(busy.deps, busy.user, mine.booking_id, there)
    assert percent(moved) == 110
    half_an_hour_on = BookingEdit(start=NOON + 48.5 * HOUR)
    again = reschedule.modify(busy.deps, busy.user, mine.booking_id, half_an_hour_on)
    assert percent(again) == 100  # the other one takes an eighth
    back = BookingEdit(start=NOON + 24 * HOUR)
    assert percent(reschedule.modify(busy.deps, busy.user, mine.booking_id, back)) == 100


def test_a_move_goes_by_the_steps_of_the_booking_not_by_todays(busy: World) -> None:
    mine = book(busy)
    book(busy, hours=48)
    zone = busy.deps.catalogue.zone("busy")
    busy.change_zone(zone, tariff=replace(BY_DEMAND, demand=Demand((DemandStep(0, 200),))))
    there = BookingEdit(start=NOON + 48 * HOUR)
    assert percent(reschedule.modify(busy.deps, busy.user, mine.booking_id, there)) == 110


def test_each_date_of_a_group_has_its_own_per_cent_before_the_group(busy: World) -> None:
    book(busy)
    order = Order("busy", start=NOON + 24 * HOUR, minutes=60, quantity=2)
    made = book_group.book(busy.deps, busy.user, order)
    assert [percent(each) for each in made.bookings] == [110, 110]


def test_a_claim_pays_the_plain_price(busy: World) -> None:
    taken = [book(busy) for _ in range(4)]
    start = taken[0].booked.start
    entry = entries.join(busy.deps, busy.other, WaitlistRequest("busy", start=start, minutes=60))
    bookings.cancel(busy.deps, busy.user, taken[3].booking_id)
    claimed = entries.claim(busy.deps, busy.other, entry.entry_id, BookingDetails())
    assert percent(claimed) == 100


def test_a_renewal_pays_by_the_moment_it_is_made(busy: World, clock: Clock) -> None:
    mine = busy.enter(book(busy, hours=0))
    book(busy, hours=1), book(busy, hours=1)
    clock.move(minutes=58)
    assert percent(renewal.renew(busy.deps, busy.user, mine.booking_id)) == 150


def test_a_walk_in_pays_by_the_moment_of_its_entry(busy: World) -> None:
    book(busy, hours=0)
    order = Order("busy", details=BookingDetails("KA05MN4321"))
    assert percent(bookings.walk_in(busy.deps, busy.staff, order)) == 110


def test_demand_costs_no_read_and_no_write(busy: World, meter: Meter) -> None:
    book(busy), book(busy)
    busy.book(start=NOON + DAY, minutes=60)  # the catalogue has been read
    meter.reset()
    plain = busy.book(start=NOON + DAY, minutes=60)
    without = meter.snapshot().requests
    meter.reset()
    assert percent(book(busy)) == 150
    assert meter.snapshot().requests == without
    assert not plain.tariff.demand


def test_a_quote_is_the_price_of_the_booking_that_follows(busy: World) -> None:
    book(busy)
    order = Order("busy", start=NOON + 24 * HOUR, minutes=120)
    quoted = quotes.quote(busy.deps, busy.user, order)
    assert (quoted.full_percent, quoted.tariff.agreed.demand_percent, quoted.free) == (12, 100, 3)
    book(busy)
    again = quotes.quote(busy.deps, busy.user, order)
    assert (again.full_percent, again.bill.charged.text(), again.free) == (25, "110.00", 2)
    held = bookings.book(busy.deps, busy.user, replace(order, max_total="110.00"))
    assert held.tariff == again.tariff


def test_a_booking_that_costs_more_than_agreed_is_refused_with_the_price(busy: World) -> None:
    order = Order("busy", start=NOON + 24 * HOUR, minutes=60, max_total="50.00")
    book(busy)
    with pytest.raises(errors.PriceChanged) as refused:
        bookings.book(busy.deps, busy.other, order)
    assert refused.value.facts == {"price": {"amount": "55.00", "currency": "INR"}}
    assert percent(bookings.book(busy.deps, busy.other, replace(order, max_total="55"))) == 110


def test_a_group_costs_no_more_than_agreed_in_all(busy: World) -> None:
    order = Order("busy", start=NOON + 24 * HOUR, minutes=60, quantity=2, max_total="99.99")
    with pytest.raises(errors.PriceChanged) as refused:
        book_group.book(busy.deps, busy.user, order)
    assert refused.value.facts == {"price": {"amount": "100.00", "currency": "INR"}}
    made = book_group.book(busy.deps, busy.user, replace(order, max_total="100.00"))
    assert len(made.bookings) == 2


@pytest.mark.parametrize("amount", ["50.001", "", "much", "50.00 USD"])
def test_an_amount_that_is_not_exact_is_named(busy: World, amount: str) -> None:
    order = Order("busy", start=NOON + 24 * HOUR, minutes=60, max_total=amount)
    with pytest.raises(errors.Invalid) as refused:
        bookings.book(busy.deps, busy.user, order)
    assert list(refused.value.fields) == ["max_total"]


EARLY = Discount("Early bird", 20, days_ahead=2)


def test_an_early_booking_keeps_its_discount_until_it_moves(busy: World, clock: Clock) -> None:
    zone = busy.deps.catalogue.zone("busy")
    busy.change_zone(zone, tariff=replace(BY_DEMAND, discounts=(EARLY,)))
    early, late = book(busy, hours=72), book(busy, hours=24)
    assert [each.tariff.agreed.days_ahead for each in (early, late)] == [3, 1]
    clock.move(hours=48)
    longer = BookingEdit(minutes=120)
    kept = reschedule.modify(busy.deps, busy.user, early.booking_id, longer)
    assert terms.price(kept.tariff, kept.booked, builders.IST).text() == "80.00"
    moved = BookingEdit(start=NOON + 73 * HOUR)
    dearer = reschedule.modify(busy.deps, busy.user, early.booking_id, moved)
    assert dearer.tariff.agreed.days_ahead == 1
    assert terms.price(dearer.tariff, dearer.booked, builders.IST).text() == "100.00"
