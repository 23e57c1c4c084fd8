"""Gates, people and sweeps at the same booking at the same moment: one effect each."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.status import Status
from chalicelib.services.bookings import bookings
from chalicelib.services.stays import check_out
from tests import builders
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2


def test_a_pass_scanned_at_two_gates_at_once_opens_one(world: World) -> None:
    booking = world.book()

    outcome = rush([partial(world.enter, booking)] * 2)

    assert (len(outcome.answers), outcome.codes) == (1, {"ALREADY_CHECKED_IN": 1})
    invariants.check(world.deps.now())


def test_an_early_arrival_and_somebody_who_wants_the_wait_are_one_winner(
    world: World, clock: Clock
) -> None:
    clock.move(minutes=50)
    booking = world.book(number="A-001", start=clock.now().replace(hour=7, minute=30))

    outcome = rush([
        partial(world.enter, booking),
        *[partial(world.book, world.other, number="A-001", minutes=5)] * 3,
    ])  # fmt: skip

    assert len(outcome.answers) == 1
    assert set(outcome.codes) <= {"SPACE_TAKEN", "TOO_EARLY"}
    invariants.check(clock.now())


def test_two_exits_at_once_are_one_bill_one_payment_and_one_mail(
    world: World, clock: Clock
) -> None:
    stay = world.enter(world.book())
    clock.move(minutes=61)

    outcome = rush([partial(world.leave, stay)] * 10)

    assert (len(outcome.answers), outcome.codes) == (1, {"ALREADY_ENDED": 9})
    stored = invariants.check(clock.now())
    assert [entry.kind for entry in stored.entries] == ["cash"]


@pytest.mark.parametrize("round", range(5))
def test_of_a_cancellation_and_an_entry_exactly_one_wins(world: World, round: int) -> None:
    booking = world.book()

    outcome = rush([
        partial(world.enter, booking),
        partial(bookings.cancel, world.deps, world.user, booking.booking_id),
    ])  # fmt: skip

    assert len(outcome.answers) == 1
    stored = invariants.check(world.deps.now()).bookings[booking.booking_id]
    code = {Status.ACTIVE: "ILLEGAL_TRANSITION", Status.CANCELLED: "ALREADY_ENDED"}[stored.status]
    assert outcome.codes == {code: 1}


def test_an_exit_and_a_termination_at_once_end_the_stay_once(world: World, clock: Clock) -> None:
    stay = world.enter(world.book())
    clock.move(minutes=30)

    outcome = rush([
        partial(world.leave, stay),
        partial(bookings.terminate, world.deps, world.admin, stay.booking_id, reason="fire"),
    ])  # fmt: skip

    assert len(outcome.answers) == 1
    assert set(outcome.codes) <= {"ALREADY_ENDED", "ILLEGAL_TRANSITION"}
    invariants.check(clock.now())


def test_two_who_find_their_spaces_occupied_are_not_led_to_the_same_one(
    world: World, clock: Clock
) -> None:
    world.enter(world.book(number="A-001"))
    world.enter(world.book(number="A-002"))
    late = [
        world.book(world.other, number=number, start=NOON.replace(hour=7, minute=30))
        for number in ("A-001", "A-002")
    ]
    clock.move(minutes=61)

    outcome = rush(partial(world.enter, booking) for booking in late)

    assert [entered.number for entered in outcome.answers] == ["A-003"]
    assert outcome.codes == {"ZONE_FULL": 1}
    invariants.check(clock.now())


def test_sweeps_at_once_end_each_stay_once(world: World, clock: Clock) -> None:
    world.add_zone("timed", builders.TIMED, spaces=8)
    for _ in range(8):
        world.enter(world.book(zone="timed"))
    clock.move(hours=2)

    outcome = rush([partial(sweeps.run, world.deps, "auto-checkout")] * 4)

    assert outcome.refusals == ()
    assert sum(summary.done for summary in outcome.answers) == 8
    assert sum(summary.failed for summary in outcome.answers) == 0
    stored = invariants.check(clock.now())
    assert len(stored.entries) == 8


def test_sweeps_readers_and_the_next_customer_settle_a_no_show_once(
    world: World, clock: Clock
) -> None:
    world.add_zone("lot", builders.METERED, spaces=1)
    lapsed = world.book(zone="lot")
    clock.move(minutes=60)

    outcome = rush([
        partial(sweeps.run, world.deps, "expire-bookings"),
        partial(bookings.get, world.deps, world.user, lapsed.booking_id),
        *[partial(world.book, world.other, "lot")] * 4,
    ])  # fmt: skip

    assert outcome.codes == {"ZONE_FULL": 3}
    stored = invariants.check(clock.now())
    statuses = Counter(booking.status for booking in stored.bookings.values())
    assert statuses == {Status.EXPIRED: 1, Status.BOOKED: 1}


def test_a_sweep_and_a_gate_at_the_very_end_of_a_stay_end_it_once(
    world: World, clock: Clock
) -> None:
    world.add_zone("timed", builders.TIMED)
    stay = world.enter(world.book(zone="timed"))
    clock.move(minutes=60)

    outcome = rush([
        partial(sweeps.run, world.deps, "auto-checkout"),
        partial(check_out.check_out, world.deps, world.staff, stay.booking_id, tender=None),
        partial(world.leave, stay),
    ])  # fmt: skip

    assert outcome.refusals == ()
    stored = invariants.check(clock.now())
    assert sorted(entry.kind for entry in stored.entries) == ["billed", "cash"]
