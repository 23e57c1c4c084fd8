from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.front_desk import bulk
from chalicelib.services.front_desk.bulk_result import BulkResult
from local.metering import Meter
from tests.clock import NOON, Clock
from tests.hotel import Hotel
from tests.services.front_desk.force_audits import USE, audited, uses
from tests.wording import english
from tests.world import World

C = Condition
ROOMS = ("rooms.101", "rooms.102", "rooms.103")


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock)


def never() -> bool:
    return False


def after(rooms: int) -> Callable[[], bool]:
    """The time is up when so many rooms are done."""
    left = iter([False] * rooms)
    return lambda: next(left, True)


def out(hotel: Hotel, *rooms: str, by: Any = None, **how: Any) -> BulkResult:
    how = {"out_of_time": never} | how
    return bulk.check_out(hotel.deps, by or hotel.staff, "hotel", rooms or ROOMS, **how)


def in_(hotel: Hotel, *rooms: str, **how: Any) -> BulkResult:
    how = {"out_of_time": never} | how
    return bulk.check_in(hotel.deps, hotel.staff, "hotel", rooms or ROOMS, **how)


def failures(done: BulkResult) -> dict[str, str]:
    return {failed.room_id: failed.refusal.code for failed in done.failed}


def hundred(world: World, clock: Clock) -> tuple[Hotel, list[str]]:
    """A hotel of a hundred rooms, and what they are called."""
    return Hotel(world, clock, rooms=100), [f"rooms.{101 + n}" for n in range(100)]


@pytest.mark.engine2
def test_everybody_is_checked_out_and_empty_rooms_need_nothing(hotel: Hotel) -> None:
    stays = [hotel.stay("101"), hotel.stay("103")]
    done = out(hotel)
    assert done.bookings == [stay.booking_id for stay in stays]
    assert (done.cleared, done.failed, done.remaining) == ([], [], [])
    for stay in stays:
        after = hotel.world.read(stay)
        assert (after.status, after.timeline[-1].source) == (Status.COMPLETED, "bulk")
    assert [hotel.room(n).condition for n in ("101", "102", "103")] == [
        C.CHECKOUT_DIRTY, C.READY_FOR_GUEST, C.CHECKOUT_DIRTY,
    ]  # fmt: skip


def test_repeated_it_finds_nothing_left_to_do(hotel: Hotel) -> None:
    hotel.stay("101")
    out(hotel)
    before = hotel.room()
    again = out(hotel)
    assert (again.bookings, again.cleared, again.failed) == ([], [], [])
    assert hotel.room() == before


def test_a_guest_who_has_not_come_yet_keeps_the_booking(hotel: Hotel) -> None:
    booking = hotel.book_room("101")
    assert out(hotel).bookings == []
    assert hotel.world.read(booking).status is Status.BOOKED


def test_a_room_that_is_asked_for_twice_is_done_once(hotel: Hotel) -> None:
    stay = hotel.stay("101")
    done = out(hotel, "rooms.101", "rooms.999", "rooms.101", "rooms.999")
    assert (done.bookings, failures(done)) == ([stay.booking_id], {"rooms.999": "SPACE_NOT_FOUND"})
    assert len(done.failed) == 1


def test_a_room_whose_record_names_a_guest_of_another_room_ends_nobodys_stay(hotel: Hotel) -> None:
    stay = hotel.stay("102")
    hotel.record_wrong_guest("101", stay.booking_id)
    done = out(hotel, "rooms.101")
    assert (done.bookings, done.cleared) == ([], ["rooms.101"])
    assert hotel.world.read(stay).status is Status.ACTIVE
    assert hotel.room("102").booking_id == stay.booking_id


@pytest.mark.engine2
def test_a_room_that_is_occupied_by_nobody_is_cleared(hotel: Hotel) -> None:
    stay = hotel.stay("101")
    hotel.check_out(stay)
    hotel.record_wrong_guest("102", stay.booking_id)
    hotel.record_wrong_guest("103")
    done = out(hotel)
    assert (done.bookings, done.cleared) == ([], ["rooms.102", "rooms.103"])
    assert (hotel.room("102").condition, hotel.room("102").booking_id) == (C.CHECKOUT_DIRTY, None)


def test_rooms_of_nobody_or_of_another_site_fail_and_stop_nothing(hotel: Hotel) -> None:
    stay = hotel.stay("103")
    done = out(hotel, "rooms.999", "zone-a.A-001", "rubbish", "rooms.103")
    assert done.bookings == [stay.booking_id]
    assert failures(done) == dict.fromkeys(
        ("rooms.999", "zone-a.A-001", "rubbish"), "SPACE_NOT_FOUND"
    )


@pytest.mark.engine2
def test_a_booking_that_cannot_be_checked_out_fails_with_its_reason(hotel: Hotel) -> None:
    stay, other = hotel.stay("101"), hotel.stay("102")
    hotel.record_wrong_guest("101")
    done = out(hotel)
    assert (done.bookings, failures(done)) == ([other.booking_id], {"rooms.101": "CHECKOUT_FAILED"})
    assert hotel.world.read(stay).status is Status.ACTIVE


@pytest.mark.engine2
def test_an_admin_clears_by_force_what_cannot_be_checked_out_and_it_is_audited(
    hotel: Hotel,
) -> None:
    stay = hotel.stay("101")
    hotel.record_wrong_guest("101")
    done = out(hotel, by=hotel.world.admin, destructive=True, reason="the record is wrong")
    assert (done.bookings, done.cleared) == ([stay.booking_id], ["rooms.101"])
    assert done.failed == []
    assert hotel.room().booking_id is None
    why = "the record is wrong"
    inside = f"{stay.booking_id}, BKNEVERMADE"
    assert audited(hotel) == {
        (USE, "hotel", f"{why}; rooms: {', '.join(ROOMS)}; bookings: {inside}"),
        ("clear_room", "rooms.101", f"BKNEVERMADE: {why}"),
        ("destructive_check_out", stay.booking_id, f"rooms.101: {why}"),
    }
    note = f"destructive check-out: {why}"
    assert hotel.world.read(stay).timeline[-1].note == note
    history = hotel.deps.rooms.history("rooms", "101", limit=5).records
    assert note in {step.note for _, step in history}


@pytest.mark.engine2
def test_force_leaves_its_reason_also_where_none_was_needed(hotel: Hotel) -> None:
    stay = hotel.stay("101")
    hotel.record_wrong_guest("102")
    done = out(hotel, by=hotel.world.admin, destructive=True, reason="flood")
    assert (done.bookings, done.cleared) == ([stay.booking_id], ["rooms.102"])
    inside = f"{stay.booking_id}, BKNEVERMADE"
    assert audited(hotel) == {
        (USE, "hotel", f"flood; rooms: {', '.join(ROOMS)}; bookings: {inside}"),
        ("destructive_check_out", stay.booking_id, "rooms.101: flood"),
        ("clear_room", "rooms.102", "BKNEVERMADE: flood"),
    }
    assert hotel.world.read(stay).timeline[-1].note == "destructive check-out: flood"
    assert hotel.room("101").note == f"{stay.booking_id} checked out: destructive check-out: flood"
    assert hotel.room("102").note == "destructive check-out: flood"


def test_the_use_of_force_is_audited_once_also_where_nothing_was_to_clear(hotel: Hotel) -> None:
    done = out(hotel, by=hotel.world.admin, destructive=True, reason="drill")
    assert (done.bookings, done.cleared) == ([], [])
    assert audited(hotel) == {(USE, "hotel", f"drill; rooms: {', '.join(ROOMS)}; bookings: none")}
    out(hotel, by=hotel.world.admin, destructive=True, reason="drill")
    assert len(uses(hotel)) == 2


def test_an_ordinary_check_out_has_no_reason_and_no_audit(hotel: Hotel) -> None:
    stay = hotel.stay("101")
    out(hotel)
    assert hotel.world.read(stay).timeline[-1].note == ""
    assert hotel.audited() == []


def test_force_is_for_admins_with_a_reason(hotel: Hotel) -> None:
    with pytest.raises(errors.Forbidden):
        out(hotel, destructive=True, reason="because")
    with pytest.raises(errors.Invalid):
        out(hotel, by=hotel.world.admin, destructive=True)


def test_whoever_does_not_work_there_checks_nobody_in_or_out(hotel: Hotel) -> None:
    for act in (bulk.check_out, bulk.check_in):
        with pytest.raises(errors.Forbidden):
            act(hotel.deps, hotel.world.staff, "hotel", ROOMS, out_of_time=never)


@pytest.mark.engine2
def test_what_is_not_reached_in_time_is_left_for_the_next_call(hotel: Hotel) -> None:
    stays = [hotel.stay(number) for number in ("101", "102", "103")]
    first = out(hotel, out_of_time=after(2))
    assert first.bookings == [stay.booking_id for stay in stays[:2]]
    assert first.remaining == ["rooms.103"]
    assert out(hotel, *first.remaining).bookings == [stays[2].booking_id]


def test_a_room_for_which_the_database_gives_no_answer_remains(hotel: Hotel) -> None:
    first, second = hotel.stay("101"), hotel.stay("102")

    def commit(change: Change) -> None:
        assert isinstance(change, BookingChange)
        if change.booking.number == "101":
            raise errors.Unavailable()
        hotel.deps.commit(change)

    shaky = replace(hotel.deps, commit=commit)
    done = bulk.check_out(shaky, hotel.staff, "hotel", ROOMS, out_of_time=never)
    assert (done.bookings, done.failed) == ([second.booking_id], [])
    assert done.remaining == ["rooms.101"]
    assert out(hotel, *done.remaining).bookings == [first.booking_id]


def test_a_stay_that_time_has_ended_is_settled_as_it_would_have_been(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, auto_checkout_after=1)
    stay = hotel.stay("101")
    clock.move(days=2)
    out(hotel)
    after = hotel.world.read(stay)
    assert (after.auto_checkout, after.actual_end) == (True, stay.booked.end)
    assert hotel.room().condition is C.CHECKOUT_DIRTY


def test_a_hundred_rooms_take_a_transaction_each_and_a_few_reads(
    world: World, clock: Clock, meter: Meter
) -> None:
    hotel, rooms = hundred(world, clock)
    for room in rooms:
        hotel.stay(room.partition(".")[2])
    meter.reset()
    done = out(hotel, *rooms)
    assert len(done.bookings) == 100
    assert meter.snapshot().requests == {"TransactWriteItems": 100, "Query": 3, "BatchGetItem": 1}


# -- check-in ----------------------------------------------------------------------------------


@pytest.mark.engine2
def test_whoever_arrives_today_is_checked_in(hotel: Hotel, clock: Clock) -> None:
    today = [hotel.book_room("101"), hotel.book_room("102")]
    tomorrow = hotel.book_room("103", start=NOON.replace(day=22))
    done = in_(hotel)
    assert done.bookings == [booking.booking_id for booking in today]
    assert failures(done) == {"rooms.103": "BOOKING_NOT_FOUND"}
    assert {hotel.room(n).booking_id for n in ("101", "102")} == set(done.bookings)
    assert hotel.world.read(tomorrow).status is Status.BOOKED


def test_a_room_that_is_not_ready_fails_and_stops_nothing(hotel: Hotel, meter: Meter) -> None:
    hotel.check_out(hotel.stay("101"))
    hotel.book_room("101")
    ready = hotel.book_room("102")
    meter.reset()
    done = in_(hotel, "rooms.101", "rooms.102")
    assert (done.bookings, failures(done)) == ([ready.booking_id], {"rooms.101": "ROOM_NOT_READY"})
    assert "is dirty" in english(done.failed[0].refusal)
    assert meter.snapshot().requests["TransactWriteItems"] == 1


@pytest.mark.engine2
def test_whoever_comes_early_has_the_wait_taken_too(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, early_check_in=15)
    booking = hotel.book_room("101", start=NOON + timedelta(minutes=10))
    hotel.book_room("102", start=NOON + timedelta(minutes=90))
    assert failures(in_(hotel, "rooms.101", "rooms.102")) == {"rooms.102": "TOO_EARLY"}
    sheets = hotel.deps.sheets.of_zone("rooms", "2026-11", "2026-11")
    [taken] = [sheet.taken for sheet in sheets if sheet.number == "101"]
    assert taken[booking.booking_id].start == NOON


def test_where_the_last_guest_outstays_nobody_is_moved_or_cancelled(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, turnover=False, overstay_grace=120)
    stay = hotel.stay("101", minutes=60)
    booking = hotel.book_room("101", start=NOON + timedelta(minutes=60))
    clock.move(minutes=61)
    assert failures(in_(hotel, "rooms.101")) == {"rooms.101": "SPACE_TAKEN"}
    assert hotel.world.read(booking) == booking
    hotel.check_out(stay)
    assert in_(hotel).bookings == [booking.booking_id]


def test_a_stay_that_time_has_ended_is_in_nobodys_way(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, turnover=False, auto_checkout_after=1)
    stay = hotel.stay("101", minutes=60)
    booking = hotel.book_room("101", start=NOON + timedelta(minutes=60))
    clock.move(minutes=61)
    assert in_(hotel).bookings == [booking.booking_id]
    assert hotel.world.read(stay).auto_checkout


def test_a_booking_nobody_came_for_is_over_and_says_so(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, no_show_after=30)
    hotel.book_room("101")
    clock.move(minutes=31)
    assert failures(in_(hotel, "rooms.101")) == {"rooms.101": "ALREADY_ENDED"}


def test_the_next_guest_is_checked_in_where_the_last_never_came(hotel: Hotel, clock: Clock) -> None:
    hotel.book_room("101", minutes=60)
    booking = hotel.book_room("101", start=NOON + timedelta(minutes=60))
    clock.move(minutes=61)
    done = in_(hotel, "rooms.101")
    assert (done.bookings, done.failed) == ([booking.booking_id], [])


def test_a_stay_that_has_begun_by_itself_needs_no_check_in(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, check_in="none")
    hotel.book_room("101", start=NOON + timedelta(minutes=10))
    clock.move(minutes=11)
    assert failures(in_(hotel, "rooms.101")) == {"rooms.101": "ALREADY_CHECKED_IN"}


def test_a_hundred_arrivals_take_a_transaction_each_and_a_few_reads(
    world: World, clock: Clock, meter: Meter
) -> None:
    hotel, rooms = hundred(world, clock)
    for room in rooms:
        hotel.book_room(room.partition(".")[2])
    meter.reset()
    done = in_(hotel, *rooms)
    assert len(done.bookings) == 100
    assert meter.snapshot().requests == {"TransactWriteItems": 100, "Query": 3, "BatchGetItem": 1}


def test_repeated_nobody_is_checked_in_twice(hotel: Hotel) -> None:
    hotel.book_room("101")
    in_(hotel, "rooms.101")
    again = in_(hotel, "rooms.101")
    assert (again.bookings, failures(again)) == ([], {"rooms.101": "ALREADY_CHECKED_IN"})


def test_arrivals_not_reached_in_time_are_left_for_the_next_call(hotel: Hotel) -> None:
    hotel.book_room("101")
    second = hotel.book_room("102")
    first = in_(hotel, out_of_time=after(1))
    assert first.remaining == ["rooms.102", "rooms.103"]
    assert in_(hotel, *first.remaining).bookings == [second.booking_id]
