"""How many bookings a day and hours a week one customer may have (docs/rules/allowances.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.core import errors
from chalicelib.domain.sites.policy import Policy
from chalicelib.services.bookings import (
    book_group,
    bookings,
    cancel_group,
    confirmations,
    renewal,
    reschedule,
)
from chalicelib.services.bookings.reschedule import BookingEdit
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.hall import Hall
from tests.model import invariants
from tests.wording import refuses
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = replace(builders.VENUE, advance_window=400, confirmation=False)
MONDAY = NOON + 2 * DAY


def courts(world: World, **limits: Any) -> World:
    policy = replace(YEAR, **limits)
    world.add_zone("courts", policy, kind="venue", tariff=builders.FREE, spaces=4)
    return world


def book(world: World, days: float = 0, **wishes: Any) -> Booking:
    """An hour in the courts, so many days after Monday noon."""
    ordinary: dict[str, Any] = {"start": MONDAY + days * DAY, "minutes": 60, "vehicle_number": None}
    return world.book(zone="courts", **ordinary | wishes)


def group(world: World, repeat: Repeat | None = None, **wishes: Any) -> book_group.Group:
    ordinary: dict[str, Any] = {"start": MONDAY, "minutes": 60, "repeat": repeat}
    return book_group.book(world.deps, world.user, Order("courts", **ordinary | wishes))


def cancel(world: World, booking: Booking) -> None:
    bookings.cancel(world.deps, world.user, booking.booking_id)


def move(world: World, booking: Booking, **edit: Any) -> Booking:
    return reschedule.modify(world.deps, world.user, booking.booking_id, BookingEdit(**edit))


def test_a_third_booking_of_a_day_is_refused_and_the_next_day_is_not(
    world: World, clock: Clock
) -> None:
    courts(world, max_bookings_per_day=2)
    book(world), book(world)
    with refuses(errors.QuotaReached, "2 bookings per person per day"):
        book(world)
    book(world, days=1)
    world.book(world.other, "courts", start=MONDAY, minutes=60)
    invariants.check(clock.now())


def test_an_eleventh_hour_of_a_week_is_refused_and_the_next_week_is_not(
    world: World, clock: Clock
) -> None:
    courts(world, max_hours_per_week=10)
    book(world, minutes=360), book(world, days=6, minutes=240)  # Monday and Sunday
    with refuses(errors.QuotaReached, "10 hours per person per week"):
        book(world, days=3, minutes=15)
    book(world, days=7, minutes=600)
    invariants.check(clock.now())


def test_a_booking_longer_than_the_week_allows_is_refused(world: World) -> None:
    courts(world, max_hours_per_week=2)
    with pytest.raises(errors.QuotaReached):
        book(world, minutes=121)


def test_a_cancellation_gives_the_day_and_the_hours_back(world: World, clock: Clock) -> None:
    courts(world, max_bookings_per_day=1, max_hours_per_week=1)
    for _ in range(3):
        cancel(world, book(world))
    assert book(world).is_live
    invariants.check(clock.now())


def test_a_cancellation_gives_back_what_was_taken_after_the_limits_are_gone(
    world: World, clock: Clock
) -> None:
    zone = courts(world, max_bookings_per_day=1).deps.catalogue.zone("courts")
    booking = book(world)
    world.change_zone(zone, policy=YEAR)
    cancel(world, booking)
    world.change_zone(zone, policy=replace(YEAR, max_bookings_per_day=1))
    assert book(world).is_live
    invariants.check(clock.now())


def test_a_no_show_has_used_up_its_allowance(world: World, clock: Clock) -> None:
    policy = replace(builders.METERED, max_bookings_per_day=1)
    world.change_zone(world.zone_a, policy=policy)
    world.book()
    clock.move(minutes=61)
    sweeps.run(world.deps, "expire-bookings")
    with pytest.raises(errors.QuotaReached):
        world.book()
    invariants.check(clock.now())


def test_a_stay_that_has_ended_has_used_up_its_allowance(world: World, clock: Clock) -> None:
    world.change_zone(world.zone_a, policy=replace(builders.METERED, max_bookings_per_day=1))
    world.leave(world.enter(world.book()))
    with pytest.raises(errors.QuotaReached):
        world.book()
    invariants.check(clock.now())


def test_a_booking_moved_to_another_day_counts_there(world: World, clock: Clock) -> None:
    courts(world, max_bookings_per_day=1)
    first, other_day = book(world), book(world, days=2)
    with pytest.raises(errors.QuotaReached):
        move(world, first, start=MONDAY + 2 * DAY + HOUR)
    move(world, first, start=MONDAY + DAY)
    book(world)  # Monday is free again
    with pytest.raises(errors.QuotaReached):
        book(world, days=1)
    cancel(world, other_day)
    invariants.check(clock.now())


def test_a_longer_booking_takes_more_hours_and_a_shorter_one_gives_back(
    world: World, clock: Clock
) -> None:
    courts(world, max_hours_per_week=3)
    booking = book(world, minutes=60)
    with pytest.raises(errors.QuotaReached):
        move(world, booking, minutes=181)
    move(world, booking, minutes=180)
    with pytest.raises(errors.QuotaReached):
        book(world, days=1, minutes=30)
    move(world, booking, minutes=150)
    book(world, days=1, minutes=30)
    invariants.check(clock.now())


def test_a_guest_for_whom_staff_book_counts_for_no_customer(world: World) -> None:
    courts(world, max_bookings_per_day=1)
    ravi = (Guest("Ravi"),)
    wish: dict[str, Any] = {"start": MONDAY, "minutes": 60, "guests": ravi}
    made = [world.book(world.staff, "courts", **wish) for _ in range(2)]
    assert [booking.details.guests for booking in made] == [ravi, ravi]


def test_a_claimed_offer_counts(world: World, clock: Clock) -> None:
    hall = Hall(world, clock, max_bookings_per_day=1)
    taken, entry = hall.book(), hall.join(world.other)
    mine = hall.book(3, 4, world.other)
    hall.cancel(taken)
    with pytest.raises(errors.QuotaReached):
        hall.claim(entry, world.other)
    hall.cancel(mine, world.other)
    hall.claim(entry, world.other)
    invariants.check(clock.now())


def test_a_renewal_counts(world: World, clock: Clock) -> None:
    world.change_zone(world.zone_a, policy=replace(builders.METERED, max_bookings_per_day=1))
    stay = world.enter(world.book())
    clock.move(minutes=57)
    with pytest.raises(errors.QuotaReached):
        renewal.renew(world.deps, world.user, stay.booking_id)


def test_a_group_counts_each_of_its_bookings(world: World, clock: Clock) -> None:
    courts(world, max_bookings_per_day=3)
    group(world, quantity=2)
    with pytest.raises(errors.QuotaReached):
        group(world, quantity=2)
    book(world)
    invariants.check(clock.now())


def test_dates_of_a_series_beyond_an_allowance_are_named_or_skipped(
    world: World, clock: Clock
) -> None:
    courts(world, max_bookings_per_day=1, max_hours_per_week=3)
    book(world, days=1)  # Tuesday is used up
    with pytest.raises(errors.DatesUnavailable) as refused:
        group(world, Repeat("day", times=5))
    named = [(each["date"], each["code"]) for each in refused.value.facts["dates"]]
    # the 24th has its booking, and the week its three hours after the 25th
    assert named == [(f"2026-11-{day}", "QUOTA_REACHED") for day in (24, 26, 27)]
    made = group(world, Repeat("day", times=5, on_conflict="skip"))
    assert [each.on.day for each in made.missed] == [24, 26, 27]
    assert [each.booked.start for each in made.bookings] == [MONDAY, MONDAY + 2 * DAY]
    invariants.check(clock.now())


def test_a_year_of_weeks_counts_each_day_and_each_week(world: World, clock: Clock) -> None:
    courts(world, max_bookings_per_day=1, max_hours_per_week=2, quota_per_user=60)
    made = group(world, Repeat("week", times=52))
    assert len(made.bookings) == 52
    invariants.check(clock.now())
    with pytest.raises(errors.QuotaReached):
        book(world, days=7 * 51)
    cancel_group.cancel(world.deps, world.user, made.bookings[0].booking_id, "all", reason="")
    assert not any(invariants.check(clock.now()).tallies.values())
    assert len(group(world, Repeat("week", times=52)).bookings) == 52


def test_holds_that_are_left_behind_give_their_allowances_back(world: World, clock: Clock) -> None:
    courts(world, max_bookings_per_day=1, max_hours_per_week=2)
    commits = 0

    def break_off(change: Any) -> None:
        nonlocal commits
        commits += 1
        if commits > 1:
            raise RuntimeError("the process dies")
        world.deps.commit(change)

    with pytest.raises(RuntimeError):
        book_group.book(
            replace(world.deps, commit=break_off),
            world.user,
            Order("courts", start=MONDAY, minutes=60, repeat=Repeat("week", times=52)),
        )
    assert any(invariants.check(clock.now()).tallies.values())
    clock.move(minutes=6)
    sweeps.run(world.deps, "expire-bookings")
    assert not any(invariants.check(clock.now()).tallies.values())


def test_a_booking_that_time_has_cancelled_is_not_in_the_way(world: World, clock: Clock) -> None:
    """The auto-cancel is due, and no sweep has run."""
    policy = replace(builders.VENUE, max_bookings_per_day=1, quota_per_user=1)
    world.add_zone("courts", policy, kind="venue", tariff=builders.FREE, spaces=4)
    booking = book(world)
    clock.set(MONDAY - DAY)
    sweeps.run(world.deps, "reminders")
    confirmations.reminder_left(world.deps, booking.booking_id)
    clock.set(MONDAY - HOUR)
    assert book(world, start=MONDAY + HOUR).is_live
    invariants.check(clock.now())


LIMITED = {"max_bookings_per_day": 9, "max_hours_per_week": 9}


@pytest.mark.parametrize("limits", [{}, LIMITED])
def test_a_booking_is_one_query_and_one_transaction(
    world: World, meter: Meter, limits: dict[str, int]
) -> None:
    courts(world, **limits)
    book(world)
    meter.reset()
    book(world)
    assert meter.snapshot().requests == {"Query": 1, "TransactWriteItems": 1}


@pytest.mark.parametrize("limits", [{}, LIMITED])
def test_a_move_and_a_cancellation_cost_no_calls_more(
    world: World, meter: Meter, limits: dict[str, int]
) -> None:
    courts(world, **limits)
    booking = book(world)
    meter.reset()
    move(world, booking, start=MONDAY + DAY)
    assert meter.snapshot().requests == {"GetItem": 1, "Query": 1, "TransactWriteItems": 1}
    meter.reset()
    cancel(world, booking)
    assert meter.snapshot().requests == {"GetItem": 1, "TransactWriteItems": 1}


def test_limits_come_with_a_policy_and_read_as_none_in_older_ones() -> None:
    assert (Policy().max_bookings_per_day, Policy().max_hours_per_week) == (None, None)
