"""Rooms by the night, and which of them a guest gets."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import NO_DETAILS
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.localtime import iso
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.services.bookings import availability, book_group, bookings, reschedule, settle
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.front_desk import assign_room
from chalicelib.services.sites import blackout_bookings, blackouts
from chalicelib.services.sites.blackouts import ClosureRequest
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from chalicelib.store.sheets import SheetItem
from tests.clock import Clock
from tests.hotel import Hotel, day
from tests.wording import faults_of, refuses
from tests.world import World


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock, rooms=2)


def ends(booking: Booking) -> tuple[str, str]:
    return iso(booking.booked.start), iso(booking.booked.end)


def sheets() -> list[str]:
    found = SheetItem.scan(SheetItem.pk == "sheets#rooms", consistent_read=True)
    return sorted(item.sk for item in found if item.taken)


# -- by the night ----------------------------------------------------------------------------------


def test_a_room_is_booked_by_its_dates(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-26")
    assert ends(booking) == ("2026-12-24T15:00:00Z", "2026-12-26T11:00:00Z")


def test_so_many_nights_are_booked_from_a_date_or_from_now(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", None, nights=2)
    assert ends(booking) == ("2026-12-24T15:00:00Z", "2026-12-26T11:00:00Z")
    tonight = hotel.world.book(zone="rooms", nights=1)
    assert ends(tonight) == (iso(hotel.clock.now()), "2026-11-22T11:00:00Z")


def test_a_booking_that_does_not_say_is_for_one_night(hotel: Hotel) -> None:
    assert ends(hotel.book_nights("2026-12-24", None))[1] == "2026-12-25T11:00:00Z"


def test_a_departure_and_an_arrival_on_one_day_share_the_room(hotel: Hotel) -> None:
    hotel.book_nights("2026-12-24", "2026-12-26", number="101")
    hotel.book_nights("2026-12-26", "2026-12-27", number="101")
    with pytest.raises(errors.SpaceTaken):
        hotel.book_nights("2026-12-25", "2026-12-26", number="101")


def test_thirty_nights_stand_on_one_sheet_a_month(hotel: Hotel) -> None:
    hotel.book_nights("2026-12-10", "2027-01-09", number="101")
    assert sheets() == ["2026-12#101", "2027-01#101"]


@pytest.mark.engine2
@pytest.mark.parametrize("nights", [60, 90, 366])
def test_somebody_may_live_in_a_room_for_months(hotel: Hotel, nights: int) -> None:
    hotel.at("2026-12-24", "15:00")
    booking = hotel.check_in(hotel.book_nights("2026-12-24", None, nights=nights, number="101"))
    with pytest.raises(errors.SpaceTaken):
        hotel.book_nights("2027-02-01", "2027-02-02", hotel.world.other, number="101")
    assign_room.assign(hotel.deps, hotel.staff, booking.booking_id, "102")
    hotel.book_nights("2027-02-01", "2027-02-02", hotel.world.other, number="101")
    hotel.clock.move(days=nights - 1)
    bill = hotel.check_out(booking).bill
    assert bill is not None
    assert bill.units == nights - 1


def test_more_than_a_year_is_refused_by_name(hotel: Hotel) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        hotel.book_nights("2026-12-24", "2027-12-27")
    assert faults_of(refusal.value) == {"nights": "must be at most 366 in this zone"}


def test_a_cancelled_month_is_free_again(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-10", "2027-01-09", number="101")
    bookings.cancel(hotel.deps, hotel.world.user, booking.booking_id)
    assert sheets() == []
    hotel.book_nights("2026-12-31", "2027-01-01", number="101")


def test_stays_of_other_weeks_do_not_stand_in_each_others_way(hotel: Hotel) -> None:
    hotel.book_nights("2026-12-01", "2026-12-08", number="101")
    free = availability.of_interval(
        hotel.deps, "rooms", start=day("2026-12-08"), end=day("2026-12-15")
    )
    assert free.free == ("101", "102")
    taken = availability.of_interval(
        hotel.deps, "rooms", start=day("2026-12-07"), end=day("2026-12-08")
    )
    assert taken.free == ("102",)


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"start": day("2026-12-24")}, "start"),
        ({"end": day("2026-12-24")}, "end"),
        ({"nights": 2}, "nights"),
    ],
)
def test_only_rooms_are_booked_by_dates(hotel: Hotel, wishes: dict[str, Any], field: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        hotel.world.book(**wishes)
    assert set(refusal.value.fields) == {field}


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        (("2026-12-24", "2026-12-24"), "end"),  # no night
        (("2026-12-24", "2026-12-23"), "end"),  # backwards
        (("2026-11-20", "2026-11-22"), "start"),  # yesterday
        (("2026-12-24", "2026-12-25"), "nights"),  # fewer than two nights
        (("2026-12-24", "2026-12-29"), "nights"),  # more than four
    ],
)
def test_dates_that_cannot_be_had_are_refused_by_name(
    world: World, clock: Clock, dates: tuple[str, str], field: str
) -> None:
    hotel = Hotel(world, clock, rooms=2, min_duration=2 * 1440, max_duration=4 * 1440)
    with pytest.raises(errors.Invalid) as refusal:
        hotel.book_nights(*dates)
    assert set(refusal.value.fields) == {field}
    hotel.book_nights("2026-12-24", "2026-12-26")
    hotel.book_nights("2026-12-24", "2026-12-28")


def test_nights_and_an_end_are_one_too_many(hotel: Hotel) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        hotel.book_nights("2026-12-24", "2026-12-26", nights=2)
    assert set(refusal.value.fields) == {"nights"}


@pytest.mark.parametrize(
    ("details", "start", "end"),
    [
        (BookingEdit(start=day("2026-12-25")), "2026-12-25T15:00:00Z", "2026-12-27T11:00:00Z"),
        (BookingEdit(end=day("2026-12-29")), "2026-12-24T15:00:00Z", "2026-12-29T11:00:00Z"),
        (BookingEdit(nights=1), "2026-12-24T15:00:00Z", "2026-12-25T11:00:00Z"),
        (
            BookingEdit(start=localtime.parse_instant("2026-12-24T12:00:00Z")),
            "2026-12-24T12:00:00Z",
            "2026-12-26T11:00:00Z",
        ),
    ],
)
def test_a_booking_is_moved_by_dates_and_keeps_its_nights(
    hotel: Hotel, details: BookingEdit, start: str, end: str
) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-26")
    moved = reschedule.modify(hotel.deps, hotel.world.user, booking.booking_id, details)
    assert ends(moved) == (start, end)


def test_people_wait_for_dates_and_are_offered_what_comes_free(hotel: Hotel) -> None:
    mine = hotel.book_nights("2026-12-28", "2027-01-03", number="101")
    hotel.book_nights("2026-12-28", "2027-01-03", number="102")
    wanted = WaitlistRequest("rooms", start=day("2026-12-31"), end=day("2027-01-02"))
    entry = entries.join(hotel.deps, hotel.world.other, wanted)
    bookings.cancel(hotel.deps, hotel.world.user, mine.booking_id)
    claimed = entries.claim(hotel.deps, hotel.world.other, entry.entry_id, NO_DETAILS)
    assert (claimed.number, ends(claimed)) == (
        "101",
        ("2026-12-31T15:00:00Z", "2027-01-02T11:00:00Z"),
    )


def test_two_rooms_are_booked_together_by_their_dates(hotel: Hotel) -> None:
    order = Order("rooms", start=day("2026-12-24"), nights=2, quantity=2)
    made = book_group.book(hotel.deps, hotel.world.user, order)
    assert {ends(each) for each in made.bookings} == {
        ("2026-12-24T15:00:00Z", "2026-12-26T11:00:00Z")
    }


def test_a_weekly_night_keeps_its_hours_when_clocks_change(hotel: Hotel) -> None:
    order = Order("rooms", start=day("2027-03-25"), nights=1, repeat=Repeat("week", times=2))
    made = book_group.book(hotel.deps, hotel.world.user, order)
    assert [ends(each) for each in made.bookings] == [
        ("2027-03-25T15:00:00Z", "2027-03-26T11:00:00Z"),
        ("2027-04-01T14:00:00Z", "2027-04-02T10:00:00Z"),
    ]


def test_a_blackout_finds_a_stay_over_the_end_of_a_month_once(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-28", "2027-01-03", number="101")
    start, end = (localtime.parse_instant(f"2026-12-{on}T00:00:00Z") for on in (20, 30))
    closure = blackouts.create(
        hotel.deps,
        hotel.world.admin,
        ClosureRequest("rooms", None, start=start, end=end),
        source_ip="",
    )
    hit, _ = blackout_bookings.on_creation(hotel.deps, hotel.world.admin, closure, bookings="keep")
    assert (hit.count, [b.booking_id for b in hit.first.records]) == (1, [booking.booking_id])


# -- what it costs ---------------------------------------------------------------------------------


def test_a_stay_costs_its_nights(hotel: Hotel) -> None:
    hotel.at("2026-12-24", "16:00")
    booking = hotel.check_in(hotel.book_nights("2026-12-24", "2026-12-26"))
    hotel.at("2026-12-26", "10:30")
    bill = hotel.check_out(booking).bill
    assert bill is not None
    assert (bill.units, bill.total.text(), bill.lines[0].text) == (2, "240.00", "2 nights")


def test_a_guest_who_leaves_on_the_day_of_arrival_pays_one_night(hotel: Hotel) -> None:
    booking = hotel.check_in(hotel.world.book(zone="rooms", nights=1))
    hotel.clock.move(hours=3)
    bill = hotel.check_out(booking).bill
    assert bill is not None
    assert bill.total.text() == "120.00"


def test_a_guest_who_comes_after_midnight_pays_the_night_the_room_was_kept(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-27")
    hotel.at("2026-12-25", "01:00")
    hotel.check_in(booking)
    hotel.at("2026-12-27", "10:30")
    bill = hotel.check_out(booking).bill
    assert bill is not None
    assert (bill.total.text(), bill.lines[0].text) == ("360.00", "3 nights")
    assert bill.duration_minutes == (2 * 24 + 9.5) * 60


def test_a_guest_who_leaves_early_pays_until_then_and_the_rest_can_be_had(hotel: Hotel) -> None:
    hotel.at("2026-12-24", "15:00")
    booking = hotel.check_in(hotel.book_nights("2026-12-24", "2026-12-27", number="101"))
    hotel.at("2026-12-25", "09:00")
    bill = hotel.check_out(booking).bill
    assert bill is not None
    assert bill.total.text() == "120.00"
    hotel.book_nights("2026-12-25", "2026-12-27", hotel.world.other, number="101")


@pytest.mark.parametrize(("hour", "total"), [("11:05", "120.00"), ("11:06", "150.00")])
def test_whoever_leaves_late_pays_for_it_after_a_grace(
    world: World, clock: Clock, hour: str, total: str
) -> None:
    tariff = Tariff("nightly", "EUR", 12000, late_fee=3000)
    hotel = Hotel(world, clock, rooms=2, tariff=tariff, overstay_grace=120)
    hotel.at("2026-12-24", "15:00")
    booking = hotel.check_in(hotel.book_nights("2026-12-24", "2026-12-25"))
    hotel.at("2026-12-25", hour)
    bill = hotel.check_out(booking).bill
    assert bill is not None
    assert bill.total.text() == total


def test_whoever_stays_over_midnight_pays_another_night_and_no_fee(
    world: World, clock: Clock
) -> None:
    tariff = Tariff("nightly", "EUR", 12000, late_fee=3000)
    hotel = Hotel(world, clock, rooms=2, tariff=tariff, overstay_grace=24 * 60)
    hotel.at("2026-12-24", "15:00")
    booking = hotel.check_in(hotel.book_nights("2026-12-24", "2026-12-25"))
    hotel.at("2026-12-26", "00:10")
    bill = hotel.check_out(booking).bill
    assert bill is not None
    assert [line.text for line in bill.lines] == ["2 nights"]


def test_a_stay_ends_by_itself_at_the_check_out_hour_or_after_its_grace(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=2, overstay_grace=60, auto_checkout_after=1)
    hotel.at("2026-12-24", "15:00")
    booking = hotel.check_in(hotel.book_nights("2026-12-24", "2026-12-25"))
    hotel.at("2026-12-25", "11:59")
    assert settle.read(hotel.deps, booking.booking_id).status is Status.ACTIVE
    hotel.at("2026-12-25", "12:00")
    over = settle.read(hotel.deps, booking.booking_id)
    assert (over.status, iso(over.actual_end or clock.now())) == (
        Status.COMPLETED,
        "2026-12-25T12:00:00Z",
    )


def test_an_overstay_at_the_turn_of_the_month_keeps_the_room(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=2, overstay_grace=24 * 60, check_out_hour="00:00")
    hotel.at("2026-12-30", "15:00")
    hotel.check_in(hotel.book_nights("2026-12-30", "2027-01-01", number="101"))
    hotel.at("2027-01-01", "00:30")  # its sheet is that of December
    with pytest.raises(errors.SpaceTaken):
        hotel.world.book(zone="rooms", number="101", nights=1)


@pytest.mark.parametrize(("early", "when"), [(0, "at 15:00"), (240, "at 11:00"), (90, "at 13:30")])
def test_whoever_comes_too_early_is_told_when_to_come_back(
    world: World, clock: Clock, early: int, when: str
) -> None:
    hotel = Hotel(world, clock, rooms=2, early_check_in=early)
    booking = hotel.book_nights("2026-12-24", None)
    hotel.at("2026-12-24", "09:00")
    with refuses(errors.TooEarly, when):
        hotel.check_in(booking)


def test_the_desk_lets_somebody_in_in_the_month_before_for_a_reason(hotel: Hotel) -> None:
    booking = hotel.book_nights("2027-01-01", "2027-01-03", number="101")
    hotel.at("2026-12-31", "15:00")
    gone = hotel.book_nights("2026-12-31", "2027-01-01", number="101")
    with pytest.raises(errors.TooEarly):
        hotel.check_in(booking, override="a long flight")
    bookings.cancel(hotel.deps, hotel.world.user, gone.booking_id)
    assert hotel.check_in(booking, override="a long flight").status is Status.ACTIVE


def test_the_desk_lets_somebody_in_before_the_hour_for_a_reason_that_is_audited(
    hotel: Hotel,
) -> None:
    booking = hotel.book_nights("2026-12-24", None)
    hotel.at("2026-12-24", "09:00")
    with pytest.raises(errors.TooEarly):
        hotel.check_in(booking)
    later = hotel.book_nights("2026-12-26", None)
    with refuses(errors.TooEarly, "Move the booking first"):
        hotel.check_in(later, override="a long flight")
    came = hotel.check_in(booking, override="a long flight")
    assert came.actual_start == hotel.clock.now()
    (event,) = hotel.deps.audit.list_day("hotel", hotel.clock.now().date(), limit=9).events
    assert (event.action, event.detail) == ("check_in_early", "a long flight")
    with pytest.raises(errors.SpaceTaken):
        hotel.world.book(zone="rooms", number=came.number, nights=1)


def test_from_the_check_out_hour_on_a_guest_may_have_a_room_that_is_ready(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=2, early_check_in=240, auto_checkout_after=1)
    hotel.at("2026-12-23", "15:00")
    before = hotel.check_in(hotel.book_for("Byrne", "2026-12-23", None, number="101"))
    ready, wanted = (hotel.book_for("Egan", "2026-12-24", None, number=n) for n in ("102", "101"))
    hotel.at("2026-12-24", "11:00")
    assert hotel.check_in(ready).status is Status.ACTIVE
    assert hotel.world.read(before).status is Status.ACTIVE  # nobody has looked yet
    with pytest.raises(errors.RoomNotReady):
        hotel.check_in(wanted)


# -- assignment ------------------------------------------------------------------------------------


def assign(hotel: Hotel, booking: Booking, number: str) -> Booking:
    return assign_room.assign(hotel.deps, hotel.staff, booking.booking_id, number)


def test_staff_give_a_guest_another_room_before_they_come(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-28", "2027-01-03", number="101")
    assigned = assign(hotel, booking, "102")
    assert (assigned.number, assigned.timeline[-1].what) == ("102", "room_assigned")
    assert sheets() == ["2026-12#102", "2027-01#102"]
    hotel.book_nights("2026-12-28", "2027-01-03", number="101")


def test_a_room_is_changed_during_the_stay(hotel: Hotel) -> None:
    hotel.at("2026-12-24", "15:00")
    booking = hotel.check_in(hotel.book_nights("2026-12-24", "2026-12-27", number="101"))
    hotel.at("2026-12-25", "09:00")
    assigned = assign(hotel, booking, "102")
    assert (assigned.status, assigned.guests_in) == (Status.ACTIVE, "102")
    hotel.at("2026-12-27", "10:00")
    over = hotel.check_out(assigned)
    assert (over.status, sheets()) == (Status.COMPLETED, [])


def test_a_room_somebody_had_last_month_is_given_to_a_guest_who_came_then(hotel: Hotel) -> None:
    """The sheets of both months are written, so both are read."""
    before = hotel.book_nights("2026-11-21", "2026-11-22", number="102")
    hotel.at("2026-11-30", "15:00")
    assert settle.read(hotel.deps, before.booking_id).status is Status.EXPIRED
    stay = hotel.check_in(hotel.book_nights("2026-11-30", "2026-12-02", number="101"))
    hotel.at("2026-12-01", "09:00")
    assigned = assign_room.assign(hotel.deps, hotel.staff, stay.booking_id, "102")
    assert (assigned.number, sheets()) == ("102", ["2026-11#102", "2026-12#102"])


def test_a_guest_keeps_the_room_of_a_no_show_whose_booking_no_sweep_has_ended(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=1)
    hotel.book_nights("2026-12-24", "2026-12-25")
    booking = hotel.book_nights("2026-12-25", "2026-12-26")
    assert booking.is_space_provisional
    hotel.at("2026-12-25", "15:00")
    assigned = assign(hotel, booking, "101")
    assert (assigned.number, assigned.is_space_provisional) == ("101", False)


def test_the_room_that_somebody_has_is_not_given_away(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-26", number="101")
    hotel.book_nights("2026-12-25", "2026-12-28", number="102")
    with pytest.raises(errors.SpaceTaken):
        assign(hotel, booking, "102")
    assert hotel.world.read(booking).number == "101"


def test_a_room_assigned_twice_is_assigned_once(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-26", number="101")
    assert assign(hotel, booking, "102") == assign(hotel, booking, "102")


def test_an_unknown_room_and_a_stay_that_is_over_are_refused(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-26", number="101")
    with pytest.raises(errors.SpaceNotFound):
        assign(hotel, booking, "Z-999")
    bookings.cancel(hotel.deps, hotel.world.user, booking.booking_id)
    with pytest.raises(errors.AlreadyEnded):
        assign(hotel, booking, "102")


def test_only_those_who_work_there_assign_rooms(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-26", number="101")
    for stranger in (hotel.world.staff, hotel.world.user):
        with pytest.raises(errors.BookingNotFound):
            assign_room.assign(hotel.deps, stranger, booking.booking_id, "102")


def test_assigning_a_room_is_audited(hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-26", number="101")
    assign(hotel, booking, "102")
    found = hotel.deps.audit.list_day("hotel", hotel.clock.now().date(), limit=10)
    assert [(e.action, e.subject, e.detail) for e in found.events] == [
        ("assign_room", booking.booking_id, "101 to 102")
    ]
