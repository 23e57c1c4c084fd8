"""Many who want the same rooms at the same moment."""

from __future__ import annotations

from functools import partial
from itertools import chain, pairwise

import pytest

from chalicelib.domain.occupancy import occupancy
from chalicelib.services.front_desk import assign_room, swap_rooms
from tests.clock import Clock
from tests.hotel import Hotel
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2


def _taken(hotel: Hotel) -> dict[str, list[str]]:
    """Who holds each room, in either month; nobody's time overlaps another's."""
    held = occupancy.held(hotel.deps.sheets.of_zone("rooms", "2026-12", "2027-01"))
    for taken in held.values():
        spans = sorted(taken.values())
        assert all(a.end <= b.start for a, b in pairwise(spans))
    return {number: sorted(taken) for number, taken in held.items() if taken}


def test_of_ten_who_want_the_last_room_for_overlapping_weeks_one_has_it(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=1)
    weeks = [(f"2026-12-{20 + n}", f"2027-01-{1 + n:02}") for n in range(10)]
    guests = [partial(hotel.book_for, f"Guest {n}", *week) for n, week in enumerate(weeks)]
    outcome = rush(guests)
    assert outcome.codes == {"ZONE_FULL": 9}
    (booking,) = outcome.answers
    assert _taken(hotel) == {"101": [booking.booking_id]}


def test_neighbours_in_one_month_do_not_lose_each_other(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=1)
    nights = [(f"2026-12-{day:02}", f"2026-12-{day + 1:02}") for day in range(10, 16)]
    guests = [partial(hotel.book_for, f"Guest {n}", *night) for n, night in enumerate(nights)]
    outcome = rush(guests)
    assert outcome.refusals == ()
    assert _taken(hotel) == {"101": sorted(booking.booking_id for booking in outcome.answers)}


def test_two_guests_who_are_given_one_free_room_do_not_share_it(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=3)
    dates = "2026-12-28", "2027-01-03"
    made = [hotel.book_for(f"Guest {n}", *dates, number=f"10{n}") for n in (1, 2)]
    ids = [booking.booking_id for booking in made]
    outcome = rush(
        [partial(assign_room.assign, hotel.deps, hotel.staff, each, "103") for each in ids]
    )
    assert outcome.codes == {"SPACE_TAKEN": 1}
    assert sorted(chain.from_iterable(_taken(hotel).values())) == sorted(ids)
    assert len(_taken(hotel)["103"]) == 1


def test_swaps_in_a_ring_lose_no_booking_and_share_no_room(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=3)
    dates = "2026-12-28", "2027-01-03"
    made = [hotel.book_for(f"Guest {n}", *dates, number=f"10{n}") for n in (1, 2, 3)]
    swaps = [
        partial(
            swap_rooms.swap, hotel.deps, hotel.staff, one.booking_id, other.booking_id,
            number=other.number, slug="hotel",
        )
        for one, other in zip(made, made[1:] + made[:1], strict=True)
    ]  # fmt: skip
    outcome = rush(swaps)
    assert outcome.answers
    # the room that was named may have gone to the third meanwhile
    assert set(outcome.codes) <= {"VALIDATION_FAILED", "CHANGED_MEANWHILE"}
    taken = _taken(hotel)
    assert sorted(chain.from_iterable(taken.values())) == sorted(b.booking_id for b in made)
    assert {number: [b.booking_id] for b in map(world.read, made) for number in [b.number]} == taken


def test_a_room_is_assigned_or_booked_but_not_both(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=2)
    dates = "2026-12-28", "2027-01-03"
    mine = hotel.book_for("Guest", *dates, number="101")
    outcome = rush(
        [
            partial(assign_room.assign, hotel.deps, hotel.staff, mine.booking_id, "102"),
            partial(hotel.book_for, "Rival", *dates, number="102"),
        ]
    )
    assert outcome.codes == {"SPACE_TAKEN": 1}
    assert len(_taken(hotel)["102"]) == 1
