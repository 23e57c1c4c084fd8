from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.localtime import iso, parse_instant
from chalicelib.domain.housekeeping.turnover import Condition, Room
from chalicelib.services.bookings import availability, bookings
from chalicelib.services.core.deps import Replay
from chalicelib.services.front_desk import assign_room, walk_ins
from chalicelib.services.housekeeping import housekeeping
from chalicelib.store.booking_item import BookingItem
from local.metering import Meter
from tests.clock import Clock
from tests.hotel import TURNOVER, Hotel, day
from tests.wording import refuses
from tests.world import World

C = Condition


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock)


def test_a_room_nobody_has_touched_is_ready(hotel: Hotel) -> None:
    board = housekeeping.board(hotel.deps, hotel.staff, "hotel")
    assert board == tuple(Room("rooms", number) for number in ("101", "102", "103"))
    assert {room.condition for room in board} == {C.READY_FOR_GUEST}


@pytest.mark.engine2
def test_a_room_goes_round_from_guest_to_guest(hotel: Hotel) -> None:
    first = hotel.stay()
    assert (hotel.room().condition, hotel.room().booking_id) == (C.OCCUPIED, first.booking_id)
    hotel.check_out(first)
    assert (hotel.room().condition, hotel.room().booking_id) == (C.CHECKOUT_DIRTY, None)
    assert hotel.room().note == f"{first.booking_id} checked out"
    hotel.turn(*TURNOVER)
    assert hotel.room().note == ""
    second = hotel.stay()
    assert hotel.room().booking_id == second.booking_id


@pytest.mark.engine2
@pytest.mark.parametrize(
    ("steps", "condition"),
    [
        ((), "is dirty"),
        (TURNOVER[:1], "is being cleaned"),
        (TURNOVER[:2], "is cleaned but not inspected"),
        ((C.OUT_OF_SERVICE,), "is out of service"),
    ],
)
def test_nobody_is_checked_in_to_a_room_that_is_not_ready(
    hotel: Hotel, steps: tuple[Condition, ...], condition: str
) -> None:
    hotel.check_out(hotel.stay())
    booking = hotel.book_room()
    room = hotel.turn(*steps) if steps else hotel.room()
    with refuses(errors.RoomNotReady, condition):
        hotel.check_in(booking)
    assert hotel.world.read(booking).status is Status.BOOKED
    assert hotel.room().condition is room.condition


@pytest.mark.engine2
def test_staff_may_let_somebody_into_a_room_that_is_not_ready_and_it_is_audited(
    hotel: Hotel,
) -> None:
    hotel.check_out(hotel.stay())
    booking = hotel.check_in(hotel.book_room(), override="they are tired")
    assert hotel.room().booking_id == booking.booking_id
    assert hotel.audited() == [
        ("check_in_unready", booking.booking_id, "CHECKOUT_DIRTY: they are tired")
    ]


def test_an_override_that_was_not_needed_leaves_no_audit_event(hotel: Hotel) -> None:
    hotel.check_in(hotel.book_room(), override="just in case")
    assert hotel.audited() == []


def test_a_step_that_was_taken_already_changes_nothing(hotel: Hotel, meter: Meter) -> None:
    hotel.check_out(hotel.stay())
    once = hotel.turn(C.CLEANING_IN_PROGRESS, note="the lamp is broken")
    assert hotel.turn(C.CLEANING_IN_PROGRESS, note="again") == once
    assert hotel.room() == once


def test_a_refused_step_changes_nothing(hotel: Hotel) -> None:
    hotel.stay()
    before = hotel.room()
    with refuses(errors.IllegalTransition, "is occupied and cannot be marked as out of service"):
        hotel.turn(C.OUT_OF_SERVICE)
    assert hotel.room() == before


def test_the_history_of_a_room_has_who_when_and_why_newest_first(
    hotel: Hotel, clock: Clock
) -> None:
    stay = hotel.stay()
    clock.move(minutes=1)
    hotel.check_out(stay)
    clock.move(minutes=1)
    hotel.turn(C.CLEANING_IN_PROGRESS, note="the lamp is broken")
    rows = housekeeping.history(hotel.deps, hotel.staff, "hotel", "rooms.101", limit=2, after=None)
    steps = [step for _, step in rows.records]
    assert [(s.was, s.to) for s in steps] == [
        (C.CHECKOUT_DIRTY, C.CLEANING_IN_PROGRESS),
        (C.OCCUPIED, C.CHECKOUT_DIRTY),
    ]
    assert (steps[0].note, steps[0].by) == ("the lamp is broken", hotel.staff.account_id)
    assert (steps[0].at, steps[1].booking_id) == (clock.now(), stay.booking_id)
    rest = housekeeping.history(
        hotel.deps, hotel.staff, "hotel", "rooms.101", limit=2, after=rows.after
    )
    assert [step.to for _, step in rest.records] == [C.OCCUPIED]


@pytest.mark.parametrize("space_id", ["rooms.999", "nowhere.101", "zone-a.A-001", "rooms", ""])
def test_a_room_that_is_none_of_the_hotels_is_not_found(hotel: Hotel, space_id: str) -> None:
    with pytest.raises(errors.SpaceNotFound):
        housekeeping.step(hotel.deps, hotel.staff, "hotel", space_id, C.OUT_OF_SERVICE)


@pytest.mark.parametrize("days", [0, 12])
def test_a_room_whose_guest_should_have_left_is_cleaned_before_any_sweep(
    days: int, world: World, clock: Clock
) -> None:
    """Where time ends stays, even where the sheet of that month is no longer looked at."""
    hotel = Hotel(world, clock, auto_checkout_after=1)
    stay = hotel.stay("101")
    clock.set(stay.booked.end + timedelta(days=days))
    [chore] = housekeeping.list_chores(hotel.deps, hotel.staff, "hotel")
    assert (chore.room.number, chore.room.condition) == ("101", C.CHECKOUT_DIRTY)
    late = hotel.stay("102")
    clock.set(late.booked.end)
    assert hotel.turn(C.CLEANING_IN_PROGRESS, number="102").condition is C.CLEANING_IN_PROGRESS
    assert hotel.world.read(late).actual_end == late.booked.end


def test_a_room_that_names_a_booking_there_is_not_is_not_cleaned_under_anybody(
    hotel: Hotel,
) -> None:
    stay = hotel.stay("101")
    BookingItem.get(stay.locator, stay.booking_id[10:]).delete()
    with pytest.raises(errors.IllegalTransition):
        hotel.turn(C.CLEANING_IN_PROGRESS)


def test_where_no_turnover_is_kept_there_is_no_board_no_step_and_no_history(world: World) -> None:
    assert housekeeping.board(world.deps, world.staff, "central") == ()
    with pytest.raises(errors.IllegalTransition):
        housekeeping.step(world.deps, world.staff, "central", "zone-a.A-001", C.OUT_OF_SERVICE)
    history = partial(housekeeping.history, world.deps, world.staff, "central", "zone-a.A-001")
    assert history(limit=5, after=None).records == ()


def test_a_stay_that_began_before_turnover_was_kept_can_be_checked_out(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, turnover=False)
    stay = hotel.stay()
    policy = hotel.deps.catalogue.fresh_zone("rooms").policy
    world.change_zone(hotel.deps.catalogue.zone("rooms"), policy=replace(policy, turnover=True))
    assert hotel.check_out(stay).status is Status.COMPLETED
    assert hotel.room().condition is C.CHECKOUT_DIRTY


def test_an_emergency_end_leaves_the_room_to_be_cleaned_too(hotel: Hotel) -> None:
    stay = hotel.stay()
    bookings.terminate(hotel.deps, hotel.world.admin, stay.booking_id, reason="fire")
    assert (hotel.room().condition, hotel.room().booking_id) == (C.CHECKOUT_DIRTY, None)


# -- housekeeping ------------------------------------------------------------------------------


def test_what_somebody_arrives_for_first_is_cleaned_first(hotel: Hotel, clock: Clock) -> None:
    for number in ("103", "102", "101"):
        hotel.check_out(hotel.stay(number))
        clock.move(minutes=5)
    hotel.book_room("101", start=clock.now() + timedelta(hours=8))
    hotel.book_room("102", start=clock.now() + timedelta(hours=3))
    chores = housekeeping.list_chores(hotel.deps, hotel.staff, "hotel")
    assert [chore.room.number for chore in chores] == ["102", "101", "103"]
    assert chores[0].arrival == clock.now() + timedelta(hours=3)
    assert chores[2].arrival is None


def test_where_nobody_arrives_what_has_waited_longest_is_cleaned_first(
    hotel: Hotel, clock: Clock
) -> None:
    for number in ("102", "101", "103"):
        hotel.check_out(hotel.stay(number))
        clock.move(minutes=5)
    chores = housekeeping.list_chores(hotel.deps, hotel.staff, "hotel")
    assert [chore.room.number for chore in chores] == ["102", "101", "103"]


def _arrivals(hotel: Hotel) -> list[tuple[str, str | None]]:
    """The rooms to clean, each with the hour of its next arrival."""
    chores = housekeeping.list_chores(hotel.deps, hotel.staff, "hotel")
    return [(c.room.number, iso(c.arrival)[5:16] if c.arrival else None) for c in chores]


def test_of_two_who_come_to_a_room_the_first_counts_and_of_tomorrow_evening_nobody(
    hotel: Hotel,
) -> None:
    for number in ("101", "102", "103"):
        hotel.check_out(hotel.stay(number))
    start = hotel.clock.now()
    hotel.book_room("103", start=start + timedelta(hours=20))
    hotel.book_room("103", start=start + timedelta(hours=3), end=start + timedelta(hours=6))
    hotel.book_room("102", start=start + timedelta(hours=35))
    hotel.book_room("101", start=start + timedelta(hours=36))  # late enough to wait
    assert _arrivals(hotel) == [("103", "11-21T09:30"), ("102", "11-22T17:30"), ("101", None)]


def test_a_guest_who_is_given_another_room_later_makes_that_one_urgent(hotel: Hotel) -> None:
    for number in ("101", "102"):
        hotel.check_out(hotel.stay(number))
    booking = hotel.book_room("103", start=hotel.clock.now() + timedelta(hours=3))
    assert _arrivals(hotel) == [("101", None), ("102", None)]
    assign_room.assign(hotel.deps, hotel.staff, booking.booking_id, "102")
    assert _arrivals(hotel) == [("102", "11-21T09:30"), ("101", None)]


def test_a_guest_who_is_late_is_waited_for_and_one_who_cancels_is_not(hotel: Hotel) -> None:
    for number in ("101", "102"):
        hotel.check_out(hotel.stay(number))
    late = hotel.book_room("102", start=hotel.clock.now() + timedelta(hours=1))
    hotel.clock.move(hours=4)
    assert _arrivals(hotel) == [("102", "11-21T07:30"), ("101", None)]
    bookings.cancel(hotel.deps, hotel.staff, late.booking_id)
    assert _arrivals(hotel) == [("101", None), ("102", None)]


def test_ready_and_occupied_rooms_are_nobodys_chore(hotel: Hotel) -> None:
    hotel.stay("101")
    hotel.check_out(hotel.stay("102"))
    hotel.turn(*TURNOVER, number="102")
    assert housekeeping.list_chores(hotel.deps, hotel.staff, "hotel") == ()


def test_a_room_out_of_service_is_a_chore_once_somebody_is_about_to_come(
    hotel: Hotel, clock: Clock
) -> None:
    hotel.turn(C.OUT_OF_SERVICE, note="no water")
    assert housekeeping.list_chores(hotel.deps, hotel.staff, "hotel") == ()
    hotel.book_room("101", start=clock.now() + timedelta(hours=26))
    [chore] = housekeeping.list_chores(hotel.deps, hotel.staff, "hotel")
    assert (chore.room.number, chore.room.note) == ("101", "no water")


def test_whoever_comes_today_is_given_a_room_that_is_ready_and_none_out_of_service(
    hotel: Hotel,
) -> None:
    hotel.check_out(hotel.stay("102"))
    hotel.turn(C.OUT_OF_SERVICE, number="103")
    order = Order("rooms", details=BookingDetails(guests=(Guest("Asha"),)))
    given = [bookings.book(hotel.deps, hotel.staff, order).number for _ in range(2)]
    assert given == ["101", "102"]
    with pytest.raises(errors.ZoneFull):
        bookings.book(hotel.deps, hotel.staff, order)
    with refuses(errors.RoomNotReady, "is out of service"):
        bookings.book(hotel.deps, hotel.staff, replace(order, number="103"))


def test_whoever_comes_tomorrow_may_have_a_room_that_is_out_of_service_today(hotel: Hotel) -> None:
    for number in ("101", "102", "103"):
        hotel.turn(C.OUT_OF_SERVICE, number=number)
    assert availability.now_in(hotel.deps, hotel.deps.catalogue.zone("rooms")).free == ()
    tomorrow = hotel.clock.now() + timedelta(days=1)
    assert hotel.book_room(start=tomorrow).number == "101"


def test_nobody_who_comes_today_is_given_a_room_out_of_service_by_hand(hotel: Hotel) -> None:
    hotel.turn(C.OUT_OF_SERVICE, number="103")
    with refuses(errors.RoomNotReady, "is out of service"):
        assign_room.assign(hotel.deps, hotel.staff, hotel.book_room().booking_id, "103")
    later = hotel.book_room("102", start=hotel.clock.now() + timedelta(days=1))
    assert assign_room.assign(hotel.deps, hotel.staff, later.booking_id, "103").number == "103"


def test_a_room_taken_out_of_the_zone_stands_on_the_board_until_nobody_has_to_see_to_it(
    hotel: Hotel,
) -> None:
    stay = hotel.stay("101")
    space = next(s for s in hotel.deps.catalogue.spaces("rooms") if s.number == "101")
    hotel.deps.commit(saving(space.evolve(active=False)))
    board = partial(housekeeping.board, hotel.deps, hotel.staff, "hotel")
    assert [room.number for room in board()] == ["101", "102", "103"]
    hotel.check_out(stay)
    [chore] = housekeeping.list_chores(hotel.deps, hotel.staff, "hotel")
    assert chore.room.number == "101"
    hotel.turn(*TURNOVER)
    assert [room.number for room in board()] == ["102", "103"]


# -- walk-ins ----------------------------------------------------------------------------------


def _walk_in(
    hotel: Hotel, number: str | None = None, *, override: str | None = None, **wishes: Any
) -> Booking:
    details = BookingDetails(guests=(Guest("Asha", phone="+353 1 555 0100"),))
    order = Order("rooms", number, details=details, **wishes)
    return walk_ins.walk_in(hotel.deps, hotel.staff, "hotel", order, override=override)


@pytest.mark.engine2
def test_a_walk_in_is_booked_and_checked_in_to_a_ready_room(hotel: Hotel) -> None:
    hotel.check_out(hotel.stay("101"))
    hotel.turn(C.OUT_OF_SERVICE, number="102")
    stay = _walk_in(hotel, nights=2)
    assert (stay.status, stay.number) == (Status.ACTIVE, "103")
    assert [e.what for e in stay.timeline] == ["created", "checked_in"]
    assert hotel.room("103").booking_id == stay.booking_id
    assert hotel.world.read(stay) == stay
    assert stay.booked.end.isoformat() == "2026-11-23T11:00:00+00:00"


def test_a_walk_in_without_a_ready_room_leaves_nothing_behind(hotel: Hotel) -> None:
    for number in ("101", "102", "103"):
        hotel.turn(C.OUT_OF_SERVICE, number=number)
    with pytest.raises(errors.ZoneFull):
        _walk_in(hotel)
    hotel.turn(C.CHECKOUT_DIRTY, number="102")
    with refuses(errors.RoomNotReady, "No free room is ready"):
        _walk_in(hotel)
    with refuses(errors.RoomNotReady, "is out of service"):
        _walk_in(hotel, "101")
    assert hotel.room("101").booking_id is None


def test_a_walk_in_may_have_a_named_room_that_is_not_ready_for_a_reason(hotel: Hotel) -> None:
    hotel.check_out(hotel.stay("101"))
    stay = _walk_in(hotel, "101", override="late at night")
    assert hotel.room("101").booking_id == stay.booking_id
    assert [action for action, _, _ in hotel.audited()] == ["check_in_unready"]


def test_a_walk_in_who_took_the_last_room_has_it_when_the_request_is_repeated(hotel: Hotel) -> None:
    for number in ("102", "103"):
        hotel.turn(C.OUT_OF_SERVICE, number=number)
    deps = hotel.deps
    hotel.deps = replace(deps, replay=Replay(deps.now(), b"the same key"))
    stay = _walk_in(hotel)
    assert _walk_in(hotel) == stay
    hotel.deps = replace(deps, replay=Replay(deps.now(), b"another key"))
    with pytest.raises(errors.ZoneFull):
        _walk_in(hotel)


def test_a_walk_in_who_finds_the_hotel_full_is_told_so(hotel: Hotel) -> None:
    for number in ("101", "102", "103"):
        hotel.stay(number)
    with pytest.raises(errors.ZoneFull):
        walk_ins.walk_in(hotel.deps, hotel.staff, "hotel", Order("rooms"))


def test_a_walk_in_is_given_a_room_that_is_free_until_the_check_out_hour(hotel: Hotel) -> None:
    hotel.clock.set(parse_instant("2026-11-21T18:00:00Z"))
    for number in ("101", "102"):
        hotel.stay(number, nights=2)
    hotel.book_room("103", start=day("2026-11-22"))  # from 15:00 on, less than a day from now
    stay = _walk_in(hotel)
    assert (stay.number, stay.booked.end.isoformat()) == ("103", "2026-11-22T11:00:00+00:00")


@pytest.mark.parametrize("length", [{"minutes": 60}, {"end": day("2026-11-23")}])
def test_a_walk_in_stays_for_nights_or_until_an_end_but_not_both(
    hotel: Hotel, length: dict[str, Any]
) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        _walk_in(hotel, nights=2, **length)
    assert set(refusal.value.fields) == {"nights"}


@pytest.mark.parametrize(
    ("length", "until"),
    [
        ({"nights": 1}, "2026-12-26T11:00:00+00:00"),
        ({"end": day("2026-12-25")}, "2026-12-25T11:00:00+00:00"),  # only to sleep
    ],
)
def test_a_walk_in_after_midnight_has_come_on_the_new_date(
    hotel: Hotel, length: dict[str, Any], until: str
) -> None:
    hotel.clock.set(parse_instant("2026-12-25T02:00:00Z"))
    stay = _walk_in(hotel, **length)
    assert stay.booked.end.isoformat() == until


def test_a_walk_in_whose_room_is_taken_out_of_service_meanwhile_gets_another(hotel: Hotel) -> None:
    """The tap breaks while the lot is drawn."""
    turn = partial(hotel.turn, C.OUT_OF_SERVICE)

    def lot(bits: int) -> int:
        turn(number="101")
        return 0

    hotel.deps = replace(hotel.deps, random_bits=lot)
    assert _walk_in(hotel).number == "102"


@pytest.mark.parametrize("walks_in", [True, False])
def test_an_override_ends_an_overdue_stay_in_the_room_first(
    world: World, clock: Clock, walks_in: bool
) -> None:
    """Where time ends stays. Its sheet is of a month that nobody reads any more."""
    hotel = Hotel(world, clock, auto_checkout_after=1)
    hotel.clock.set(parse_instant("2026-11-29T18:00:00Z"))
    overdue = hotel.stay("101")
    hotel.clock.set(parse_instant("2026-12-03T16:00:00Z"))
    if walks_in:
        stay = _walk_in(hotel, "101", override="late at night")
    else:
        stay = hotel.check_in(hotel.book_room("101"), override="late at night")
    assert hotel.world.read(overdue).status is Status.COMPLETED
    assert hotel.room("101").booking_id == stay.booking_id
    assert hotel.check_out(stay).status is Status.COMPLETED


def test_an_overdue_stay_ends_before_a_zone_is_refused_for_rooms_out_of_service(
    world: World, clock: Clock
) -> None:
    """One life of the model: the only other free room was closed, and tonight was refused."""
    hotel = Hotel(world, clock, 2, auto_checkout_after=1)
    hotel.stay("102")
    hotel.turn(C.OUT_OF_SERVICE, number="101")
    clock.move(hours=48)
    booking = world.book(zone="rooms")
    assert booking.number == "102"


def test_a_booking_for_today_gets_the_ready_room_of_a_guest_who_did_not_come(
    hotel: Hotel, clock: Clock
) -> None:
    """No sweep has run, and the other free rooms are dirty."""
    hotel.book_room("103")
    for number in ("101", "102"):
        hotel.check_out(hotel.stay(number))
    clock.move(hours=48)
    assert hotel.world.book(zone="rooms").number == "103"


def test_a_walk_in_gets_the_ready_room_of_a_guest_who_did_not_come(
    hotel: Hotel, clock: Clock
) -> None:
    """No sweep has run, and the other free rooms are dirty."""
    hotel.book_room("103")
    for number in ("101", "102"):
        hotel.check_out(hotel.stay(number))
    clock.move(hours=48)
    assert _walk_in(hotel).number == "103"
