"""Everybody wants the same thing at the same moment (docs/quality.md, Faults)."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.services.bookings import bookings, renewal, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Deps
from tests import builders
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

HOUR = timedelta(hours=1)


def _people(world: World, count: int) -> list[Actor]:
    return [world.add_account(f"guest{n}") for n in range(count)]


def test_of_two_hundred_callers_for_the_last_bay_one_wins_and_the_others_are_told(
    world: World,
) -> None:
    world.add_zone("lot", builders.METERED, spaces=1)
    people = [world.user, world.other] * 100

    outcome = rush(partial(world.book, someone, "lot") for someone in people)

    assert len(outcome.answers) == 1
    assert outcome.codes == {"ZONE_FULL": 199}
    invariants.check(world.deps.now())


def test_of_fifty_callers_for_one_named_bay_one_wins(world: World) -> None:
    outcome = rush(
        partial(world.book, someone, number="A-001") for someone in [world.user, world.other] * 25
    )

    assert len(outcome.answers) == 1
    assert outcome.codes == {"SPACE_TAKEN": 49}
    invariants.check(world.deps.now())


def test_fifty_callers_for_fifty_bays_are_all_served(world: World) -> None:
    world.add_zone("lot", builders.METERED, spaces=50)

    outcome = rush(partial(world.book, someone, "lot") for someone in _people(world, 50))

    assert outcome.refusals == ()
    assert len({booking.number for booking in outcome.answers}) == 50
    invariants.check(world.deps.now())


def test_without_the_guard_of_the_sheet_the_same_race_oversells(world: World) -> None:
    """The control: were this test to fail, the others would prove nothing."""
    world.add_zone("lot", builders.METERED, spaces=1)
    decided = threading.Barrier(20)
    unguarded = dataclasses.replace(
        world.deps, commit=partial(_commit_unguarded, world.deps, decided)
    )

    outcome = rush([partial(bookings.book, unguarded, world.user, Order("lot"))] * 20)

    assert len(outcome.answers) == 20
    with pytest.raises(AssertionError):
        invariants.check(world.deps.now())


def _commit_unguarded(deps: Deps, decided: threading.Barrier, change: Change) -> None:
    """Writes after all have decided, under the versions that the sheets have by then."""
    decided.wait(30)
    deps.retry_on_conflict(lambda: deps.commit(_as_of_now(deps, change)))


def _as_of_now(deps: Deps, change: Change) -> Change:
    first = change.sheets[0]
    sheets = deps.sheets.of_zone(first.zone_id, first.day, change.sheets[-1].day)
    versions = {(sheet.number, sheet.day): sheet.version for sheet in sheets}
    edits = [
        dataclasses.replace(edit, expected=versions.get((edit.number, edit.day), 0))
        for edit in change.sheets
    ]
    return dataclasses.replace(change, sheets=tuple(edits))


def test_a_quota_is_never_exceeded_by_booking_in_parallel(world: World) -> None:
    policy = dataclasses.replace(builders.METERED, quota_per_user=3)
    world.add_zone("lot", policy, spaces=20)

    outcome = rush([partial(world.book, world.user, "lot")] * 20)

    assert len(outcome.answers) == 3
    assert outcome.codes == {"QUOTA_REACHED": 17}
    invariants.check(world.deps.now())


def _ending(world: World) -> Booking:
    """A stay in its last minutes, in A-001."""
    return world.enter(world.book(number="A-001", minutes=60))


def test_a_renewal_and_a_booking_of_the_same_space_are_one_winner(
    world: World, clock: Clock
) -> None:
    stay = _ending(world)
    clock.move(minutes=57)

    outcome = rush([
        partial(renewal.renew, world.deps, world.user, stay.booking_id),
        partial(world.book, world.other, number="A-001", start=stay.booked.end),
    ])  # fmt: skip

    assert (len(outcome.answers), outcome.codes) == (1, {"SPACE_TAKEN": 1})
    invariants.check(clock.now())


def test_an_extension_and_a_booking_of_the_same_time_are_one_winner(
    world: World, clock: Clock
) -> None:
    stay = _ending(world)
    longer = BookingEdit(end=stay.booked.end + HOUR)

    outcome = rush([
        partial(reschedule.modify, world.deps, world.user, stay.booking_id, longer),
        *[partial(world.book, world.other, number="A-001", start=stay.booked.end)] * 5,
    ])  # fmt: skip

    assert (len(outcome.answers), outcome.codes) == (1, {"SPACE_TAKEN": 5})
    invariants.check(clock.now())


def test_two_bookings_that_move_into_each_others_way_are_one_winner(
    world: World, clock: Clock
) -> None:
    ahead = [world.book(number="A-001", start=NOON + hours * HOUR) for hours in (1, 5)]
    meeting = BookingEdit(start=NOON + 3 * HOUR, minutes=60)

    outcome = rush(
        partial(reschedule.modify, world.deps, world.user, booking.booking_id, meeting)
        for booking in ahead
    )

    assert (len(outcome.answers), outcome.codes) == (1, {"SPACE_TAKEN": 1})
    invariants.check(clock.now())


def test_bookings_over_midnight_meet_in_the_sheet_they_share(world: World, clock: Clock) -> None:
    """One touches both days, the other only the second."""
    midnight = NOON.replace(hour=0, minute=0) + timedelta(days=1)

    outcome = rush(
        partial(world.book, world.user, number="A-001", start=start, minutes=120)
        for start in [midnight - HOUR, midnight] * 5
    )

    assert (len(outcome.answers), outcome.codes) == (1, {"SPACE_TAKEN": 9})
    invariants.check(clock.now())


def test_whoever_leaves_makes_room_for_exactly_one_of_those_who_wait(world: World) -> None:
    world.add_zone("lot", builders.METERED, spaces=1)
    first = world.book(zone="lot")
    bookings.cancel(world.deps, world.user, first.booking_id)

    outcome = rush([partial(world.book, world.other, "lot")] * 20)

    assert (len(outcome.answers), outcome.codes) == (1, {"ZONE_FULL": 19})
    invariants.check(world.deps.now())


def test_twenty_cancellations_of_one_booking_are_one(world: World) -> None:
    booking = world.book()

    outcome = rush([partial(bookings.cancel, world.deps, world.user, booking.booking_id)] * 20)

    assert (len(outcome.answers), outcome.codes) == (1, {"ALREADY_ENDED": 19})
    invariants.check(world.deps.now())


def test_a_debt_waived_and_paid_at_once_is_settled_once(world: World, clock: Clock) -> None:
    world.add_zone("timed", builders.TIMED)
    stay = world.enter(world.book(zone="timed"))
    clock.move(hours=2)

    outcome = rush([
        partial(bookings.waive, world.deps, world.owner, stay.booking_id, reason="rain"),
        *[partial(world.leave, stay)] * 3,
    ])  # fmt: skip

    assert len(outcome.answers) == 1
    assert all(
        isinstance(refusal, errors.NothingDue | errors.AlreadyEnded) for refusal in outcome.refusals
    )
    invariants.check(clock.now())
