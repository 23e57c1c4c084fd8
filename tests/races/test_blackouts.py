"""A place is closed, and its bookings are called off, while guests go on as if nothing were."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.services.bookings import bookings, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.sites import blackout_bookings, blackouts
from chalicelib.services.sites.blackout_bookings import BulkCancellation
from chalicelib.services.sites.blackouts import Closure, ClosureRequest
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

HOUR = timedelta(hours=1)


def _close(world: World, hours: int = 4) -> Closure:
    wish = ClosureRequest("zone-a", None, NOON, NOON + hours * HOUR, "The floor is polished")
    return blackouts.create(world.deps, world.owner, wish, source_ip="-")


def _call_off(world: World, closure: Closure) -> Any:
    return partial(
        blackout_bookings.cancel, world.deps, world.owner, closure.blackout_id, after=None
    )


def _called_off(outcomes: tuple[Any, ...]) -> list[str]:
    return [
        done.booking.booking_id
        for outcome in outcomes
        if isinstance(outcome, BulkCancellation)
        for done in outcome.done
    ]


def _stored(clock: Clock, booking: Booking) -> Booking:
    return invariants.check(clock.now()).bookings[booking.booking_id]


@pytest.mark.parametrize("round", range(4))
def test_of_an_entry_and_the_calling_off_one_wins(world: World, clock: Clock, round: int) -> None:
    booking = world.book()
    closure = _close(world)

    outcome = rush([_call_off(world, closure), partial(world.enter, booking)])

    if _stored(clock, booking).status is Status.ACTIVE:
        refused = [
            each for o in outcome.answers if isinstance(o, BulkCancellation) for each in o.refused
        ]
        assert [each.refusal.code for each in refused] == ["ILLEGAL_TRANSITION"]
        assert _called_off(outcome.answers) == []
    else:
        assert outcome.codes == {"ALREADY_ENDED": 1}
        assert _called_off(outcome.answers) == [booking.booking_id]


@pytest.mark.parametrize("round", range(4))
def test_of_the_guests_cancellation_and_the_calling_off_one_counts(
    world: World, clock: Clock, round: int
) -> None:
    booking = world.book()
    closure = _close(world)

    outcome = rush([
        _call_off(world, closure),
        partial(bookings.cancel, world.deps, world.user, booking.booking_id),
    ])  # fmt: skip

    ends = [e.source for e in _stored(clock, booking).timeline if e.what == "cancelled"]
    assert ends in (["api"], ["blackout"])
    assert (ends == ["blackout"]) is (_called_off(outcome.answers) == [booking.booking_id])
    assert outcome.codes == ({} if ends == ["api"] else {"ALREADY_ENDED": 1})


def test_called_off_ten_times_at_once_each_booking_is_cancelled_once(
    world: World, clock: Clock
) -> None:
    made = [world.book(start=NOON + hours * HOUR) for hours in (0, 1, 2)]
    closure = _close(world)

    outcome = rush([_call_off(world, closure)] * 10)

    assert outcome.refusals == ()
    assert sorted(_called_off(outcome.answers)) == sorted(each.booking_id for each in made)
    stored = invariants.check(clock.now())
    assert all(len(each.timeline) == 2 for each in stored.bookings.values())
    mails = [effect for effect in stored.effects if effect[0] == "booking_cancelled"]
    assert len(mails) == 3


@pytest.mark.parametrize("round", range(4))
def test_whoever_moves_out_of_the_way_in_time_keeps_the_booking(
    world: World, clock: Clock, round: int
) -> None:
    booking = world.book(start=NOON + 3 * HOUR)
    closure = _close(world)

    outcome = rush([
        _call_off(world, closure),
        partial(
            reschedule.modify, world.deps, world.user, booking.booking_id,
            BookingEdit(start=NOON + 5 * HOUR),
        ),
    ])  # fmt: skip

    stored = _stored(clock, booking)
    if stored.status is Status.BOOKED:
        assert stored.booked.start == NOON + 5 * HOUR
        assert _called_off(outcome.answers) == []
    else:
        assert outcome.codes == {"ALREADY_ENDED": 1}


def test_whatever_is_booked_while_the_place_is_closed_is_refused_or_listed(
    world: World, clock: Clock
) -> None:
    world.add_zone("lot", world.zone_a.policy, spaces=30)
    wish = ClosureRequest("lot", None, NOON, NOON + 4 * HOUR)
    create = partial(blackouts.create, world.deps, world.owner, wish, source_ip="-")

    outcome = rush([create, *[partial(world.book, zone="lot")] * 12])

    closures = [each for each in outcome.answers if isinstance(each, Closure)]
    made = {each.booking_id for each in outcome.answers if isinstance(each, Booking)}
    listed = blackout_bookings.list_affected(
        world.deps, world.owner, closures[0].blackout_id, limit=100, after=None
    )
    assert {each.booking_id for each in listed.records} == made
    assert len(made) + outcome.codes.get("BLACKED_OUT", 0) == 12


def test_places_closed_by_many_at_once_lose_no_blackout(world: World) -> None:
    wishes = [ClosureRequest("zone-a", None, NOON, NOON + hours * HOUR) for hours in range(1, 9)]

    outcome = rush(
        partial(blackouts.create, world.deps, world.owner, wish, source_ip="-") for wish in wishes
    )

    assert outcome.refusals == ()
    assert len(world.deps.catalogue.fresh_zone("zone-a").blackouts) == 8


def test_a_blackout_is_lifted_once(world: World) -> None:
    closure = _close(world)

    outcome = rush(
        [partial(blackouts.lift, world.deps, world.owner, closure.blackout_id, source_ip="-")] * 5
    )

    assert (len(outcome.answers), outcome.codes) == (1, {"BLACKOUT_NOT_FOUND": 4})
