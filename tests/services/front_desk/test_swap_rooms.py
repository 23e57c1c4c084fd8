"""Two bookings exchange their rooms (docs/rules/rooms.md, Which room)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import Role
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.bookings import bookings
from chalicelib.services.front_desk import swap_rooms
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from local.metering import Meter
from tests.clock import NOON, Clock
from tests.hotel import TURNOVER, Hotel, day
from tests.wording import faults_of, refuses
from tests.world import World

CHRISTMAS = ("2026-12-24", "2026-12-27")


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock, rooms=3)


def swap(hotel: Hotel, first: Booking, second: Booking, number: str | None = None) -> list[str]:
    """The rooms of both afterwards."""
    pair = swap_rooms.swap(
        hotel.deps,
        hotel.staff,
        first.booking_id,
        second.booking_id,
        number=number or second.number,
        slug="hotel",
    )
    stored = [hotel.world.read(each) for each in (first, second)]
    assert list(pair) == stored
    return [each.number for each in stored]


def held(hotel: Hotel) -> dict[str, list[str]]:
    """The bookings on the sheets of each room."""
    sheets = hotel.deps.sheets.of_zone("rooms", "2026-11", "2027-01")
    return {number: sorted(taken) for number, taken in occupancy.held(sheets).items() if taken}


def test_two_bookings_exchange_their_rooms(hotel: Hotel) -> None:
    first = hotel.book_for("Ann", *CHRISTMAS, number="101")
    second = hotel.book_for("Ben", *CHRISTMAS, number="102")
    assert swap(hotel, first, second) == ["102", "101"]
    assert held(hotel) == {"101": [second.booking_id], "102": [first.booking_id]}
    with pytest.raises(errors.SpaceTaken):
        hotel.book_for("Cat", *CHRISTMAS, number="101")


def test_bookings_of_other_nights_exchange_them_where_nobody_else_is_in_the_way(
    hotel: Hotel,
) -> None:
    first = hotel.book_for("Ann", "2026-12-20", "2026-12-24", number="101")
    second = hotel.book_for("Ben", "2026-12-23", "2026-12-28", number="102")
    assert swap(hotel, first, second) == ["102", "101"]
    # nights that are free now can be had
    hotel.book_for("Cat", "2026-12-20", "2026-12-23", number="101")
    hotel.book_for("Dan", "2026-12-24", "2026-12-28", number="102")


def test_a_third_booking_in_the_way_refuses_it_and_nothing_changes(hotel: Hotel) -> None:
    first = hotel.book_for("Ann", "2026-12-20", "2026-12-22", number="101")
    second = hotel.book_for("Ben", "2026-12-20", "2026-12-24", number="102")
    third = hotel.book_for("Cat", "2026-12-23", "2026-12-24", number="101")
    before = held(hotel)
    with refuses(errors.SpaceTaken, "Room 101 is taken"):
        swap(hotel, first, second)
    assert held(hotel) == before
    assert hotel.world.read(third).version == 1


def test_a_refused_swap_says_who_is_in_the_way_and_which_room_the_booking_could_have(
    hotel: Hotel,
) -> None:
    first = hotel.book_for("Ann", "2026-12-20", "2026-12-22", number="101")
    second = hotel.book_for("Ben", "2026-12-20", "2026-12-24", number="102")
    third = hotel.book_for("Cat", "2026-12-23", "2026-12-24", number="101")
    for pair in ((first, second), (second, first)):
        with refuses(errors.SpaceTaken, r"Free for this booking: 103\.$") as refused:
            swap(hotel, *pair)
        facts = refused.value.facts
        assert facts["open"]["bookings"]["ids"] == [third.booking_id]
        assert facts["taken"]["start"] == localtime.iso(third.booked.start)
        assert facts["next_free"]["start"] == "2026-12-24T15:00:00Z"
        assert facts["free_spaces"] == ["103"]


def test_a_guest_inside_is_offered_no_room_that_is_not_ready(hotel: Hotel) -> None:
    hotel.turn(Condition.OUT_OF_SERVICE, number="103")
    tonight = hotel.clock.now().date()
    dates = [(tonight + timedelta(days=n)).isoformat() for n in range(4)]
    hotel.at(dates[0], "15:30")
    first = hotel.check_in(hotel.book_for("Ann", dates[0], dates[1], number="101"))
    second = hotel.check_in(hotel.book_for("Ben", dates[0], dates[3], number="102"))
    hotel.book_for("Cat", dates[2], dates[3], number="101")
    with pytest.raises(errors.SpaceTaken) as refused:
        swap(hotel, first, second)
    assert "free_spaces" not in refused.value.facts


def test_a_swap_with_a_late_guest_in_the_same_room_is_refused_by_name(hotel: Hotel) -> None:
    late = hotel.book_for("Ann", "2026-12-24", "2026-12-25", number="101")
    later = hotel.book_for("Ben", "2026-12-25", "2026-12-26", number="101")
    hotel.at("2026-12-24", "15:30")
    hotel.check_in(late)
    hotel.at("2026-12-25", "15:05")
    for pair in ((later, late), (late, later)):
        with pytest.raises(errors.Invalid) as refused:
            swap(hotel, *pair, "101")
        assert faults_of(refused.value) == {
            "with_booking_id": "has the same room; assign this booking another one"
        }


def test_a_repeated_request_changes_nothing(hotel: Hotel) -> None:
    first = hotel.book_for("Ann", *CHRISTMAS, number="101")
    second = hotel.book_for("Ben", *CHRISTMAS, number="102")
    assert swap(hotel, first, second, "102") == ["102", "101"]
    assert swap(hotel, first, second, "102") == ["102", "101"]
    assert hotel.world.read(first).version == 2


def test_both_timelines_and_the_audit_trail_say_it(hotel: Hotel) -> None:
    first = hotel.book_for("Ann", *CHRISTMAS, number="101")
    second = hotel.book_for("Ben", *CHRISTMAS, number="102")
    swap(hotel, first, second)
    entries_of = [hotel.world.read(each).timeline[-1] for each in (first, second)]
    assert [(e.what, e.note, e.actor) for e in entries_of] == [
        ("room_swapped", "101 to 102", hotel.staff.account_id),
        ("room_swapped", "102 to 101", hotel.staff.account_id),
    ]
    assert set(hotel.audited()) == {
        ("swap_room", first.booking_id, f"101 to 102, with {second.booking_id}"),
        ("swap_room", second.booking_id, f"102 to 101, with {first.booking_id}"),
    }


def test_guests_who_are_inside_change_rooms_that_stay_occupied(hotel: Hotel) -> None:
    first, second = hotel.stay("101", nights=2), hotel.stay("102", nights=1)
    assert swap(hotel, first, second) == ["102", "101"]
    rooms = [hotel.room("101"), hotel.room("102")]
    assert [room.condition for room in rooms] == [Condition.OCCUPIED] * 2
    assert [room.booking_id for room in rooms] == [second.booking_id, first.booking_id]
    assert [room.until for room in rooms] == [second.booked.end, first.booked.end]
    history = hotel.deps.rooms.history("rooms", "101", limit=1).records
    assert history[0][1].note == f"swapped: {second.booking_id} for {first.booking_id}"
    hotel.check_out(first)
    assert hotel.room("102").condition is Condition.CHECKOUT_DIRTY
    assert hotel.room("101").condition is Condition.OCCUPIED


def test_a_guest_who_is_inside_moves_into_the_ready_room_of_one_who_is_expected(
    hotel: Hotel,
) -> None:
    inside = hotel.stay("101", nights=2)
    expected = hotel.book_room("102", nights=1)
    assert swap(hotel, expected, inside) == ["101", "102"]
    assert hotel.room("101").condition is Condition.CHECKOUT_DIRTY
    assert hotel.room("102").booking_id == inside.booking_id
    hotel.turn(*TURNOVER, number="101")
    assert hotel.check_in(hotel.world.read(expected)).number == "101"


@pytest.mark.parametrize("inside_first", [True, False])
def test_a_room_that_is_not_ready_is_not_moved_into(hotel: Hotel, *, inside_first: bool) -> None:
    inside, expected = hotel.stay("101", nights=2), hotel.book_room("102", nights=1)
    hotel.turn(Condition.OUT_OF_SERVICE, Condition.CHECKOUT_DIRTY, number="102")
    pair = (inside, expected) if inside_first else (expected, inside)
    with refuses(errors.RoomNotReady, "is dirty"):
        swap(hotel, *pair)
    assert hotel.room("101").booking_id == inside.booking_id


def test_a_room_out_of_service_is_not_given_to_an_arrival_of_today(hotel: Hotel) -> None:
    first, second = (hotel.book_room(number, nights=1) for number in ("101", "102"))
    hotel.turn(Condition.OUT_OF_SERVICE, number="102")
    with pytest.raises(errors.RoomNotReady):
        swap(hotel, first, second)


def test_the_time_that_a_swap_frees_is_offered_to_the_waitlist(hotel: Hotel) -> None:
    first = hotel.book_for("Ann", "2026-12-20", "2026-12-24", number="101")
    second = hotel.book_for("Ben", "2026-12-23", "2026-12-28", number="102")
    hotel.book_for("Cat", "2026-12-20", "2026-12-28", number="103")
    hotel.book_for("Dan", "2026-12-20", "2026-12-23", number="102")
    hotel.book_for("Eve", "2026-12-24", "2026-12-28", number="101")
    wanted = WaitlistRequest("rooms", "101", start=day("2026-12-20"), end=day("2026-12-23"))
    entry = entries.join(hotel.deps, hotel.world.other, wanted)
    # for the swap, the nights that the others have must be free
    for name in ("Dan", "Eve"):
        found = next(b for b in _all(hotel) if b.details.guests[0].name == name)
        bookings.cancel(hotel.deps, hotel.staff, found.booking_id)
    swap(hotel, first, second)
    assert hotel.deps.waitlist.get(entry.entry_id).status is EntryStatus.OFFERED


def _all(hotel: Hotel) -> tuple[Booking, ...]:
    holders = {holder for taken in held(hotel).values() for holder in taken}
    return hotel.deps.bookings.many(each for each in holders if each.startswith("BK"))


@pytest.mark.parametrize(
    ("end", "refusal"),
    [
        (lambda h, b: bookings.cancel(h.deps, h.staff, b.booking_id), errors.AlreadyEnded),
        (lambda h, b: h.clock.set(b.booked.end), errors.AlreadyEnded),  # a no-show
    ],
)
def test_a_booking_that_has_ended_has_no_room_to_swap(
    hotel: Hotel, end: Callable[[Hotel, Booking], object], refusal: type[errors.Refusal]
) -> None:
    first = hotel.book_for("Ann", *CHRISTMAS, number="101")
    second = hotel.book_for("Ben", *CHRISTMAS, number="102")
    end(hotel, second)
    with pytest.raises(refusal):
        swap(hotel, first, second)


def test_what_cannot_be_swapped_is_named(hotel: Hotel) -> None:
    first = hotel.book_for("Ann", *CHRISTMAS, number="101")
    second = hotel.book_for("Ben", *CHRISTMAS, number="102")
    hotel.world.add_zone("suites", hotel.zone.policy, kind="room", site="hotel")
    suite = hotel.world.book(
        hotel.staff, "suites", start=day("2026-12-24"), guests=(Guest("Eve"),), vehicle_number=None
    )
    for other, number, field in (
        (first, "103", "with_booking_id"),
        (suite, suite.number, "with_booking_id"),
        (second, "103", "room_number"),
    ):
        with pytest.raises(errors.Invalid) as refused:
            swap(hotel, first, other, number)
        assert set(refused.value.fields) == {field}


def test_staff_of_another_site_find_no_such_booking(hotel: Hotel) -> None:
    first = hotel.book_for("Ann", *CHRISTMAS, number="101")
    second = hotel.book_for("Ben", *CHRISTMAS, number="102")
    stranger = hotel.world.add_account("stranger", Role.STAFF, "central")
    for slug in ("hotel", "central"):
        with pytest.raises(errors.BookingNotFound):
            swap_rooms.swap(
                hotel.deps, stranger, first.booking_id, second.booking_id, number="102", slug=slug
            )


def test_a_swap_is_two_reads_a_query_and_a_transaction(hotel: Hotel, meter: Meter) -> None:
    first = hotel.book_for("Ann", *CHRISTMAS, number="101")
    second = hotel.book_for("Ben", *CHRISTMAS, number="102")
    meter.reset()
    swap_rooms.swap(
        hotel.deps, hotel.staff, first.booking_id, second.booking_id, number="102", slug="hotel"
    )
    assert meter.snapshot().requests == {"GetItem": 2, "Query": 1, "TransactWriteItems": 1}


def test_cars_swap_bays_too(world: World) -> None:
    first, second = world.book(number="A-001"), world.book(world.other, number="A-002")
    pair = swap_rooms.swap(
        world.deps, world.staff, first.booking_id, second.booking_id, number="A-002", slug="central"
    )
    assert [each.number for each in pair] == ["A-002", "A-001"]
    assert [each.status for each in pair] == [Status.BOOKED] * 2
    assert pair[0].updated_at == NOON
