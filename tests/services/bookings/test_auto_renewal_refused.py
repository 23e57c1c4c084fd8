"""When a stay does not renew by itself (docs/rules/auto-renewal.md)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.services.bookings import bookings
from chalicelib.services.stays import check_out
from tests import builders, scenarios
from tests.clock import Clock
from tests.services.bookings.renewing import (
    DUE,
    END,
    HOUR,
    a_stay,
    assert_refused,
    set_policy,
    settled,
)
from tests.world import World


def test_a_stay_ends_as_booked_where_its_space_is_taken(world: World, clock: Clock) -> None:
    world.add_zone("timed", builders.TIMED)
    stay = a_stay(world, "timed")
    world.book(world.other, zone="timed", number="A-001", start=END)
    clock.move(minutes=DUE)
    refused = assert_refused(world, stay, "space taken")
    assert refused.deadline is not None
    assert (refused.deadline.kind, refused.deadline.at) == (DeadlineKind.AUTO_CHECKOUT, END)
    clock.set(END)
    assert settled(world, stay).actual_end == END


def test_a_booking_that_named_no_space_moves_for_the_renewal(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    other = world.book_by_lot("A-001", "zone-a", start=END, end=END + HOUR, actor=world.other)
    clock.move(minutes=DUE)
    assert settled(world, stay).booked.end == END + HOUR
    assert world.read(other).number != "A-001"


def test_a_booking_that_nobody_has_entered_in_time_is_not_in_the_way(
    world: World, clock: Clock
) -> None:
    """No sweep has run: the read at which the stay renews settles what follows first."""
    set_policy(world, no_show_after=5)
    stay = a_stay(world)
    other = world.book(world.other, number="A-001", start=END)
    clock.set(END + timedelta(minutes=10))
    assert settled(world, stay).renewals == 1
    assert world.read(other).status is Status.EXPIRED


def test_no_renewal_into_closed_hours(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    hours = OpeningHours.from_json({day: ["06:00-13:30"] for day in
                                    ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})  # fmt: skip
    set_policy(world, opening_hours=hours)
    clock.move(minutes=DUE)
    assert_refused(world, stay, "closed")


def test_no_renewal_in_a_zone_that_takes_no_bookings(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    world.change_zone(world.zone_a, active=False)
    clock.move(minutes=DUE)
    assert_refused(world, stay, "closed")


def test_no_renewal_into_a_blackout(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    blackout = Blackout(END, END + HOUR, "repairs")
    set_policy(world, blackouts=(blackout,))
    clock.move(minutes=DUE)
    assert_refused(world, stay, "blackout")


def test_a_customer_who_owes_something_stays_for_the_booked_time(
    world: World, clock: Clock
) -> None:
    debt = scenarios.a_stay(world, clock, minutes=5, number="A-002")
    check_out.check_out(world.deps, world.staff, debt.booking_id, tender=None)
    with pytest.raises(errors.PaymentDue):
        world.book()
    stay = world.enter(world.book(world.other, number="A-001", auto_renew=True))
    clock.move(minutes=DUE)
    assert bookings.get(world.deps, world.other, stay.booking_id).renewals == 1


def test_one_who_owes_something_since_does_not_renew(world: World, clock: Clock) -> None:
    stay, debt = a_stay(world), world.enter(world.book(number="A-002"))
    clock.move(minutes=5)
    check_out.check_out(world.deps, world.staff, debt.booking_id, tender=None)
    clock.move(minutes=DUE)
    assert_refused(world, stay, "amount due")


def test_a_stay_renews_as_often_as_the_zone_says(world: World, clock: Clock) -> None:
    set_policy(world, auto_renew_most=2)
    stay = a_stay(world)
    clock.set(END + timedelta(hours=1, minutes=DUE))
    last = settled(world, stay)
    assert (last.renewals, last.booked.end) == (2, END + 2 * HOUR)
    assert last.timeline[-1].note == "limit reached"
    assert not last.details.auto_renew


def test_a_zone_may_renew_nothing(world: World, clock: Clock) -> None:
    set_policy(world, auto_renew_most=0)
    stay = a_stay(world)
    assert stay.deadline is not None
    assert stay.deadline.kind is not DeadlineKind.AUTO_RENEW


def test_the_allowance_of_hours_holds(world: World, clock: Clock) -> None:
    set_policy(world, max_hours_per_week=2)
    stay = a_stay(world)
    clock.move(minutes=DUE)
    first = settled(world, stay)
    assert first.booked.end == END + HOUR
    clock.move(hours=1)
    second = settled(world, stay)
    assert (second.booked.end, second.timeline[-1].note) == (END + HOUR, "limit reached")


def test_the_longest_booking_holds(world: World, clock: Clock) -> None:
    set_policy(world, default_duration=40, max_duration=30)
    stay = a_stay(world, minutes=30)
    clock.move(minutes=29)
    assert_refused(world, stay, "limit reached")
