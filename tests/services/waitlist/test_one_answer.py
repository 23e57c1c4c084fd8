"""Booking and the waitlist give one answer to "is it free?" (docs/rules/occupancy.md)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import NO_DETAILS
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.localtime import DateOnly
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.bookings import availability, bookings, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import spaces
from chalicelib.services.stays import check_in
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests import builders
from tests.batches import sweep
from tests.clock import NOON, Clock
from tests.hall import HOUR, START, Hall
from tests.hotel import Hotel, day
from tests.model import invariants
from tests.world import World

pytestmark = pytest.mark.engine2

OUT = Condition.OUT_OF_SERVICE
CLUB = Policy(check_in="staff", auto_checkout_after=None)
TONIGHT = {"start": day("2026-11-21"), "end": day("2026-11-22")}


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock, rooms=2, waitlist=True, free_cancel_window=0)


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock, spaces=2)


def wait(hotel: Hotel, number: str | None = None, **dates: DateOnly) -> Entry:
    when = dates or TONIGHT
    wanted = WaitlistRequest("rooms", number, when["start"], when["end"])
    return entries.join(hotel.deps, hotel.world.other, wanted)


def by_lot(hall: Hall, number: str, first: float, last: float) -> Booking:
    start, end = START + first * HOUR, START + last * HOUR
    return hall.world.book_by_lot(number, hall.zone_id, start=start, end=end)


# -- the condition of rooms ------------------------------------------------------------------------


def test_where_the_only_free_room_is_out_of_service_both_say_full(hotel: Hotel) -> None:
    hotel.book_nights("2026-11-21", "2026-11-22", number="101")
    hotel.turn(OUT, number="102")
    with pytest.raises(errors.ZoneFull):
        hotel.book_nights("2026-11-21", "2026-11-22")
    assert wait(hotel).status is EntryStatus.WAITING
    assert wait(hotel, "102").status is EntryStatus.WAITING


def test_where_a_booking_would_succeed_joining_says_so(hotel: Hotel) -> None:
    hotel.book_nights("2026-11-21", "2026-11-22", number="101")
    with pytest.raises(errors.StillFree):
        wait(hotel)
    hotel.turn(OUT, number="102")
    with pytest.raises(errors.StillFree):
        wait(hotel, number="102", start=day("2026-11-22"), end=day("2026-11-23"))


def test_a_room_out_of_service_is_not_offered(hotel: Hotel) -> None:
    taken = hotel.book_nights("2026-11-21", "2026-11-22", number="101")
    other = hotel.book_nights("2026-11-21", "2026-11-22", number="102")
    entry = wait(hotel)
    hotel.turn(OUT, number="101")
    bookings.cancel(hotel.deps, hotel.world.user, taken.booking_id)
    assert hotel.deps.waitlist.get(entry.entry_id).status is EntryStatus.WAITING
    bookings.cancel(hotel.deps, hotel.world.user, other.booking_id)
    assert hotel.deps.waitlist.get(entry.entry_id).held == "102"


def test_a_room_put_back_is_offered_in_the_same_step(hotel: Hotel) -> None:
    hotel.book_nights("2026-11-21", "2026-11-22", number="101")
    hotel.turn(OUT, number="102")
    entry = wait(hotel)
    hotel.turn(Condition.CHECKOUT_DIRTY, number="102")
    offered = hotel.deps.waitlist.get(entry.entry_id)
    assert (offered.status, offered.held) == (EntryStatus.OFFERED, "102")
    with pytest.raises(errors.ZoneFull):
        hotel.book_nights("2026-11-21", "2026-11-22")


def test_an_offer_of_a_room_that_went_out_of_service_is_claimed_in_another(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=3, waitlist=True)
    made = [hotel.book_nights("2026-11-21", "2026-11-22", number=n) for n in ("101", "102", "103")]
    entry = wait(hotel)
    bookings.cancel(hotel.deps, world.user, made[0].booking_id)
    hotel.turn(OUT, number="101")
    with pytest.raises(errors.RoomNotReady):
        _claim(hotel, entry)
    bookings.cancel(hotel.deps, world.user, made[1].booking_id)
    assert _claim(hotel, entry).number == "102"
    invariants.check(hotel.deps.now())


def _claim(hotel: Hotel, entry: Entry) -> Booking:
    return entries.claim(hotel.deps, hotel.world.other, entry.entry_id, NO_DETAILS)


# -- rearranging -----------------------------------------------------------------------------------


def test_joining_is_refused_where_others_can_make_way(hall: Hall) -> None:
    by_lot(hall, "A-001", 0, 1), by_lot(hall, "A-002", 1, 2)
    with pytest.raises(errors.StillFree):
        hall.join(hall.world.other, 0, 2)
    with pytest.raises(errors.StillFree):
        hall.join(hall.world.other, 0, 1, number="A-001")


def test_freed_time_is_offered_where_others_make_way_for_it(hall: Hall) -> None:
    short = by_lot(hall, "A-001", 0, 1)
    late = by_lot(hall, "A-002", 1, 2)
    gone = by_lot(hall, "A-002", 0, 1)
    entry = hall.join(hall.world.other, 0, 2)
    hall.cancel(gone)
    offered = hall.deps.waitlist.get(entry.entry_id)
    assert offered.status is EntryStatus.OFFERED
    spaces = {hall.world.read(each).number for each in (short, late)}
    assert spaces == {"A-001", "A-002"} - {offered.held}
    claimed = hall.claim(entry, hall.world.other)
    assert claimed.is_space_provisional
    invariants.check(hall.deps.now())


def test_a_booking_moved_into_the_way_of_an_entry_moves_once_more_for_it(
    hall: Hall, office: Deps
) -> None:
    """The move itself cannot give the booking two spaces at once, so the offer follows from the
    outbox."""
    moves = by_lot(hall, "A-001", 1, 2)
    hall.book(1, 2, number="A-002")
    entry = hall.join(hall.world.other, 0.5, 1.5, number="A-001")
    reschedule.modify(
        hall.deps, hall.world.user, moves.booking_id, BookingEdit(start=START, end=START + HOUR)
    )
    assert hall.deps.waitlist.get(entry.entry_id).status is EntryStatus.WAITING
    hall.clock.move(minutes=3)
    sweep(office)
    assert hall.deps.waitlist.get(entry.entry_id).held == "A-001"
    assert hall.world.read(moves).number == "A-002"


def test_an_entry_that_a_later_step_can_serve_is_not_passed_over_by_the_next(
    hall: Hall, office: Deps
) -> None:
    """After the move the first entry needs another move of that booking, the second does not."""
    moves = by_lot(hall, "A-001", 1, 2)
    hall.book(1.5, 2.5, number="A-002")
    first = hall.join(hall.world.other, 0.5, 1.5, number="A-001")
    second = hall.join(hall.third, 1, 2, number="A-001")
    edit = BookingEdit(start=START, end=START + HOUR)
    reschedule.modify(hall.deps, hall.world.user, moves.booking_id, edit)
    assert hall.status(first, second) == [EntryStatus.WAITING, EntryStatus.WAITING]
    hall.clock.move(minutes=3)
    sweep(office)
    assert hall.status(first, second) == [EntryStatus.OFFERED, EntryStatus.WAITING]


def test_an_offer_that_named_no_space_makes_way_for_a_booking(hall: Hall) -> None:
    late = hall.book(1, 2, number="A-002")
    first = hall.book(0, 1, number="A-001")
    second = hall.book(0, 1, number="A-002")
    entry = hall.join(hall.world.other, 0, 1)
    hall.cancel(first)
    assert hall.deps.waitlist.get(entry.entry_id).held == "A-001"
    hall.cancel(second)
    new = hall.book(0, 2, number="A-001", actor=hall.third)
    assert new.number == "A-001"
    moved = hall.deps.waitlist.get(entry.entry_id)
    assert (moved.status, moved.held) == (EntryStatus.OFFERED, "A-002")
    assert hall.claim(entry, hall.world.other).number == "A-002"
    assert hall.world.read(late).number == "A-002"
    invariants.check(hall.deps.now())


def test_an_offer_of_a_named_space_stays_there(hall: Hall) -> None:
    first = hall.book(0, 1, number="A-001")
    entry = hall.join(hall.world.other, 0, 1, number="A-001")
    hall.cancel(first)
    with pytest.raises(errors.SpaceTaken):
        hall.book(0, 2, number="A-001", actor=hall.third)
    assert not hall.claim(entry, hall.world.other).is_space_provisional


def test_no_booking_passes_an_entry_by_rearranging(hall: Hall) -> None:
    """The time of a booking that was moved away is offered to who waits for that space."""
    hall.book(0, 1, number="A-002")
    mine = by_lot(hall, "A-001", 0, 1)
    entry = hall.join(hall.world.other, 0, 1, number="A-001")
    hall.cancel(mine)
    assert hall.deps.waitlist.get(entry.entry_id).held == "A-001"


# -- a hall whose guests have not left -------------------------------------------------------------


def test_the_calendar_shows_a_hall_with_an_overstay_as_booking_has_it(
    world: World, clock: Clock
) -> None:
    """The meeting of 10 to 11 is still in at 12:00:30: nothing begins now, later hours are free."""
    world.add_zone("club", CLUB, kind="venue", tariff=builders.FREE, spaces=1)
    clock.set(NOON - 2 * HOUR)
    stay = world.book(zone="club", start=clock.now(), minutes=60)
    check_in.check_in(world.deps, world.staff, stay.booking_id)
    clock.set(NOON + timedelta(seconds=30))
    calendar = availability.of_day(world.deps, "club", NOON.date()).free["A-001"]
    assert calendar[0].start == NOON + timedelta(minutes=1)
    assert availability.of_interval(world.deps, "club", start=None, end=None).free == ()
    with pytest.raises(errors.ZoneFull):
        world.book(zone="club", minutes=60)
    booked = world.book(zone="club", start=calendar[0].start, minutes=60)
    assert booked.number == "A-001"


def test_the_calendar_shows_a_hall_as_free_from_now_on_once_it_is_left(
    world: World, clock: Clock
) -> None:
    world.add_zone("club", CLUB, kind="venue", tariff=builders.FREE, spaces=1)
    calendar = availability.of_day(world.deps, "club", NOON.date()).free["A-001"]
    assert calendar[0].start == clock.now()


def test_who_is_first_in_line_has_a_new_space_by_a_move_that_reaches_into_the_next_day(
    hall: Hall,
) -> None:
    """Not the next one, who takes any space, while the task of the new space is still to come."""
    by_lot(hall, "A-001", 0, 25)
    by_lot(hall, "A-002", 0, 25)
    first = hall.join(hall.third, 0, 0.5, number="A-001")
    second = hall.join(hall.fourth, 0, 0.5)
    boss = hall.world.add_account("boss", Role.OWNER, "central")
    spaces.create_spaces(hall.deps, boss, "halls", ["A-003"], active=True, note=None, source_ip="-")
    hall.join(hall.world.other, 0, 0.5, number="A-001")

    assert hall.status(first, second) == [EntryStatus.OFFERED, EntryStatus.WAITING]
