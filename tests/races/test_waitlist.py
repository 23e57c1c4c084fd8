"""Waitlist steps at the same moment: no entry is skipped, and none is served twice."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import NO_DETAILS
from chalicelib.domain.core.change import Change
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import entries as waitlist
from chalicelib.services.waitlist import offers
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests.clock import Clock
from tests.hall import HOUR, START, Hall
from tests.model import invariants, waitlist_invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

SECOND = timedelta(seconds=1)
WAITING, OFFERED = EntryStatus.WAITING, EntryStatus.OFFERED
CLAIMED, LEFT, EXPIRED = EntryStatus.CLAIMED, EntryStatus.LEFT, EntryStatus.EXPIRED


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock)


def _check(hall: Hall) -> None:
    stored = invariants.check(hall.clock.now())
    waitlist_invariants.check(hall.deps, stored.sheets)


def _offered(hall: Hall) -> tuple[Entry, Entry]:
    """Two in line; the first has just been offered the hall."""
    booking = hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    hall.cancel(booking)
    return first, second


def test_of_many_claims_of_one_offer_one_is_served_and_the_others_are_told(hall: Hall) -> None:
    first, _ = _offered(hall)

    outcome = rush([partial(hall.claim, first, hall.world.other)] * 12)

    assert len(outcome.answers) == 1
    assert outcome.codes == {"ALREADY_CLAIMED": 11}
    _check(hall)


@pytest.mark.parametrize("round", range(4))
def test_a_claim_in_the_last_second_and_the_lapse_have_one_winner(hall: Hall, round: int) -> None:
    first, second = _offered(hall)
    hall.clock.move(minutes=15)
    just_in_time = dataclasses.replace(hall.deps, now=lambda: hall.clock.now() - SECOND)

    outcome = rush([
        partial(_claim_with, just_in_time, hall, first),
        partial(sweeps.run, hall.deps, "waitlist-expiry"),
        partial(offers.read, hall.deps, first.entry_id),
    ])  # fmt: skip

    claimed = any(isinstance(answer, Booking) for answer in outcome.answers)
    assert hall.status(first, second) == ([CLAIMED, WAITING] if claimed else [EXPIRED, OFFERED])
    _check(hall)


def _claim_with(deps: Deps, hall: Hall, entry: Entry) -> Booking:
    return waitlist.claim(deps, hall.world.other, entry.entry_id, NO_DETAILS)


def test_a_claim_and_a_leave_have_one_winner(hall: Hall) -> None:
    first, second = _offered(hall)

    rush(
        [partial(hall.claim, first, hall.world.other), partial(hall.leave, first, hall.world.other)]
    )

    assert hall.status(first, second) in ([CLAIMED, WAITING], [LEFT, OFFERED])
    _check(hall)


@pytest.mark.parametrize("round", range(12))
def test_whoever_leaves_while_the_time_is_freed_does_not_take_it_along(
    hall: Hall, round: int
) -> None:
    booking = hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)

    rush([partial(hall.cancel, booking), partial(hall.leave, first, hall.world.other)])

    assert hall.status(first, second) == [LEFT, OFFERED]
    _check(hall)


@pytest.mark.parametrize("round", range(6))
def test_whoever_joins_while_the_time_is_freed_is_offered_it_or_told_that_it_is_free(
    hall: Hall, round: int
) -> None:
    booking = hall.book()

    outcome = rush([partial(hall.cancel, booking), partial(hall.join, hall.world.other)])

    if outcome.refusals:
        assert outcome.codes == {"STILL_FREE": 1}
    else:
        (entry,) = (answer for answer in outcome.answers if answer is not None)
        assert hall.status(entry) == [OFFERED]
    _check(hall)


def test_thirty_join_at_once_and_each_has_a_place_of_their_own(hall: Hall) -> None:
    hall.book()
    people = [hall.world.add_account(f"guest{n}") for n in range(30)]

    outcome = rush(partial(hall.join, someone) for someone in people)

    assert outcome.refusals == ()
    places = Counter(waitlist.position(hall.deps, entry) for entry in outcome.answers)
    assert places == dict.fromkeys(range(1, 26), 1) | {26: 5}
    _check(hall)


def test_one_person_joining_thrice_at_once_waits_once(hall: Hall) -> None:
    hall.book()

    outcome = rush([partial(hall.join, hall.world.other)] * 6)

    assert (len(outcome.answers), outcome.codes) == (1, {"ALREADY_WAITING": 5})
    _check(hall)


def test_nobody_gets_more_than_three_places_for_one_day_however_fast_they_are(hall: Hall) -> None:
    hall.book(0, 8)

    outcome = rush(partial(hall.join, hall.world.other, n, n + 1) for n in range(8))

    assert (len(outcome.answers), outcome.codes) == (3, {"TOO_MANY_ENTRIES": 5})
    _check(hall)


@pytest.mark.parametrize("round", range(4))
def test_two_halves_freed_at_once_serve_whoever_needs_both(hall: Hall, round: int) -> None:
    """Each of the two alone frees too little: neither may look at the other's old state."""
    halves = [hall.book(0, 1), hall.book(1, 2)]
    entry = hall.join(hall.world.other, 0, 2)

    rush(partial(hall.cancel, half) for half in halves)

    assert hall.status(entry) == [OFFERED]
    _check(hall)


def test_two_halves_on_two_days_freed_at_once_serve_whoever_needs_both(hall: Hall) -> None:
    halves = [hall.book(16.5, 17.5), hall.book(17.5, 18.5)]  # midnight UTC between them
    entry = hall.join(hall.world.other, 16.5, 18.5)

    rush(partial(hall.cancel, half) for half in halves)

    assert hall.status(entry) == [OFFERED]
    _check(hall)


def test_five_spaces_freed_at_once_serve_the_first_five_in_line(world: World, clock: Clock) -> None:
    hall = Hall(world, clock, spaces=5)
    people = [world.add_account(f"guest{n}") for n in range(8)]
    booked = [hall.book(number=f"A-00{n}") for n in range(1, 6)]
    entries = [hall.join(someone) for someone in people]

    rush(partial(hall.cancel, booking) for booking in booked)

    assert hall.status(*entries) == [OFFERED] * 5 + [WAITING] * 3
    _check(hall)


@pytest.mark.parametrize("round", range(4))
def test_a_passer_by_never_gets_what_somebody_waits_for(hall: Hall, round: int) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    passing = partial(hall.book, actor=hall.third)

    outcome = rush([partial(hall.cancel, booking), passing, passing])

    assert set(outcome.codes) == {"SPACE_TAKEN"}
    assert hall.status(entry) == [OFFERED]
    _check(hall)


def test_two_sweeps_pass_an_offer_on_once(hall: Hall) -> None:
    first, second = _offered(hall)
    third = hall.join(hall.fourth)
    hall.clock.move(minutes=15)

    rush([partial(sweeps.run, hall.deps, "waitlist-expiry")] * 3)

    assert hall.status(first, second, third) == [EXPIRED, OFFERED, WAITING]
    _check(hall)


def test_the_first_in_line_for_a_full_car_park_of_a_hundred_bays_marks_them_all(
    world: World,
) -> None:
    world.add_zone("lot", Policy(check_in="none", advance_window=90), spaces=100)
    for number in range(1, 101):
        world.book(world.user, "lot", number=f"A-{number:03}", start=START, end=START + HOUR)
    wanted = WaitlistRequest("lot", None, START, START + HOUR)

    outcome = rush([
        partial(waitlist.join, world.deps, world.other, wanted),
        partial(waitlist.join, world.deps, world.admin, wanted),
    ])  # fmt: skip
    assert outcome.refusals == ()

    stored = invariants.check(world.deps.now())
    waitlist_invariants.check(world.deps, stored.sheets)


def test_without_the_mark_on_the_sheet_the_freed_hour_is_lost(hall: Hall) -> None:
    """The control: if this test failed, the others would prove nothing."""
    booking = hall.book()
    hall.join(hall.world.other)
    unmarked = dataclasses.replace(hall.deps, commit=partial(_commit_unmarked, hall.deps))

    bookings.cancel(unmarked, hall.world.user, booking.booking_id)

    with pytest.raises(AssertionError):
        _check(hall)


def _commit_unmarked(deps: Deps, change: Change) -> None:
    edits = tuple(dataclasses.replace(edit, frees=False) for edit in change.sheets)
    deps.commit(dataclasses.replace(change, sheets=edits))
