from __future__ import annotations

import json
from datetime import timedelta

import pytest

import app
from chalicelib import sweeps, wiring
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core.sweep_report import Affected
from chalicelib.store.booking_item import BookingItem
from local.invocation import Context, scheduled_event
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.hall import Hall
from tests.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def parked(world: World) -> World:
    world.add_zone("zone-b", builders.TIMED, spaces=5)
    world.add_zone("zone-t", builders.TIMER, spaces=5, tariff=builders.FREE)
    return world


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock)


def _offered(hall: Hall) -> Entry:
    """An entry with an offer."""
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.cancel(booking)
    return hall.deps.waitlist.get(entry.entry_id)


def test_a_forgotten_stay_ends_exactly_at_its_limit_however_late_the_sweep_comes(
    parked: World, clock: Clock
) -> None:
    booking = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=4)
    summary = sweeps.run(parked.deps, "auto-checkout")
    assert (summary.due, summary.done) == (1, 1)
    ended = parked.read(booking)
    assert (ended.status, ended.actual_end, ended.auto_checkout) == (
        Status.COMPLETED,
        NOON + HOUR,
        True,
    )
    assert ended.timeline[-1].source == "auto_checkout"


def test_a_deadline_is_due_at_its_very_second_and_not_before(parked: World, clock: Clock) -> None:
    parked.enter(parked.book(zone="zone-b"))
    clock.move(minutes=59, seconds=59)
    assert sweeps.run(parked.deps, "auto-checkout").due == 0
    clock.move(seconds=1)
    assert sweeps.run(parked.deps, "auto-checkout").done == 1


def test_a_dry_run_names_the_stays_and_changes_nothing(parked: World, clock: Clock) -> None:
    booking = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    summary = sweeps.run(parked.deps, "auto-checkout", dry_run=True)
    assert (summary.due, summary.done, summary.dry_run) == (1, 0, True)
    assert summary.affected == (
        Affected(
            "auto-checkout", booking.booking_id, booking.booking_id,
            start=localtime.iso(NOON), since=localtime.iso(NOON + HOUR),
        ),
    )  # fmt: skip
    assert parked.deps.bookings.get(booking.booking_id) == booking


def test_a_dry_run_names_no_shows_and_reminders(world: World, clock: Clock) -> None:
    unseen = world.book()
    asked = world.book_hall(start=NOON + 48 * HOUR)
    clock.move(hours=24)
    names = ("expire-bookings", "reminders")
    dry = {name: sweeps.run(world.deps, name, dry_run=True).affected for name in names}
    assert [(a.step, a.booking_id, a.start) for a in dry["expire-bookings"]] == [
        ("no-show", unseen.booking_id, localtime.iso(NOON))
    ]
    assert [(a.step, a.booking_id, a.since) for a in dry["reminders"]] == [
        ("reminder", asked.booking_id, localtime.iso(NOON + 24 * HOUR))
    ]


def test_a_dry_run_names_the_offer_and_not_a_booking(hall: Hall, clock: Clock) -> None:
    entry = _offered(hall)
    clock.move(minutes=15)
    (found,) = sweeps.run(hall.deps, "waitlist-expiry", dry_run=True).affected
    assert (found.step, found.subject, found.booking_id, found.start) == (
        "offer-lapse",
        entry.entry_id,
        None,
        localtime.iso(entry.interval.start),
    )
    assert hall.deps.waitlist.get(entry.entry_id) == entry


def test_the_counts_have_their_old_names_too(world: World, clock: Clock) -> None:
    world.book()
    clock.move(hours=2)
    ran = sweeps.run(world.deps, "expire-bookings")
    assert (ran.expired, ran.sent, ran.cancelled, ran.timestamp) == (
        1, 0, 0, localtime.iso(NOON + 2 * HOUR)
    )  # fmt: skip


def test_a_lapsed_offer_counts_as_expired(hall: Hall, clock: Clock) -> None:
    _offered(hall)
    clock.move(minutes=15)
    assert sweeps.run(hall.deps, "waitlist-expiry").expired == 1


def test_the_function_of_a_sweep_takes_a_dry_run_from_its_event(
    parked: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "deps", lambda: parked.deps)
    booking = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    event = scheduled_event("auto-checkout", clock.now(), "ap-south-1")
    context = Context("auto-checkout")
    seen = app.auto_checkout(event | {"dry_run": True}, context)
    assert json.loads(json.dumps(seen))["affected"][0]["booking_id"] == booking.booking_id
    assert seen["done"] == 0
    assert app.auto_checkout(event, context)["done"] == 1


def test_a_record_that_cannot_be_read_does_not_hide_the_others(parked: World, clock: Clock) -> None:
    _poison(parked, "zone-b")
    booking = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    summary = sweeps.run(parked.deps, "auto-checkout", dry_run=True)
    assert [found.booking_id for found in summary.affected] == [booking.booking_id]
    assert (summary.due, summary.failed) == (2, 1)


def test_nothing_due_is_one_empty_query(parked: World, meter: Meter) -> None:
    meter.reset()
    assert sweeps.run(parked.deps, "auto-checkout").due == 0
    assert dict(meter.snapshot().requests) == {"Query": 1}


def test_a_no_show_expires_and_its_space_is_free(parked: World, clock: Clock) -> None:
    booking = parked.book(number="A-001")
    clock.move(minutes=60)
    assert sweeps.run(parked.deps, "expire-bookings").done == 1
    expired = parked.read(booking)
    assert (expired.status, expired.timeline[-1].at) == (Status.EXPIRED, NOON + HOUR)
    assert parked.book(number="A-001").status is Status.BOOKED


def test_a_booking_starts_and_ends_by_itself_in_one_late_run(parked: World, clock: Clock) -> None:
    booking = parked.book(zone="zone-t", start=NOON + HOUR)
    clock.move(hours=5)
    sweeps.run(parked.deps, "auto-checkout")
    ended = parked.read(booking)
    assert (ended.actual_start, ended.actual_end) == (NOON + HOUR, NOON + 2 * HOUR)


def test_a_sweep_run_twice_does_its_work_once(parked: World, clock: Clock) -> None:
    booking = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    sweeps.run(parked.deps, "auto-checkout")
    before = parked.read(booking)
    assert sweeps.run(parked.deps, "auto-checkout").due == 0
    assert parked.read(booking) == before


def _poison(parked: World, zone: str) -> None:
    """Break a stored booking so that it cannot be read."""
    booking = parked.enter(parked.book(zone=zone))
    item = BookingItem.get(booking.locator, booking.booking_id[10:])
    item.update([BookingItem.tariff.set("{")])


def test_a_poisoned_booking_stops_nobody_and_is_parked_after_five_tries(
    parked: World, clock: Clock
) -> None:
    _poison(parked, "zone-b")
    healthy = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    first = sweeps.run(parked.deps, "auto-checkout")
    assert (first.done, first.failed, first.parked) == (1, 1, 0)
    assert parked.read(healthy).status is Status.COMPLETED
    later = [sweeps.run(parked.deps, "auto-checkout") for _ in range(5)]
    assert [(s.failed, s.parked) for s in later] == [(1, 0), (1, 0), (1, 0), (1, 1), (0, 0)]


def test_a_run_out_of_time_leaves_the_rest_to_the_next(parked: World, clock: Clock) -> None:
    for _ in range(4):
        parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    ticks = iter([0, 0, 0, 99, 99])
    first = sweeps.run(parked.deps, "auto-checkout", budget=45, timer=lambda: next(ticks))
    assert (first.done, first.more) == (2, True)
    rest = sweeps.run(parked.deps, "auto-checkout")
    assert (rest.done, rest.more) == (2, False)


def test_an_unknown_sweep_is_refused_by_name(parked: World) -> None:
    with pytest.raises(errors.SweepNotFound):
        sweeps.run(parked.deps, "spring-cleaning")


def test_a_page_of_more_than_a_hundred_is_worked_off_in_one_run(world: World, clock: Clock) -> None:
    world.add_zone("zone-big", builders.TIMER, spaces=130, tariff=builders.FREE)
    for _ in range(130):
        world.book(zone="zone-big")
    clock.move(hours=2)
    assert sweeps.run(world.deps, "auto-checkout").done == 130
