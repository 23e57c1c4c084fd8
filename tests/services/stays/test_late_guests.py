"""Guests who have not left at their booked end: time ends no stay that staff have begun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.localtime import iso
from chalicelib.domain.front_desk.day_lists import DayList
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.bookings import reschedule as edits
from chalicelib.services.bookings import settle
from chalicelib.services.front_desk import assign_room, bulk, day_lists
from chalicelib.services.housekeeping import housekeeping
from chalicelib.services.stays import check_out
from tests import builders, late_guests
from tests.clock import NOON, Clock
from tests.hotel import Hotel, day
from tests.late_guests import effects, walk_in
from tests.world import World

C = Condition


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return late_guests.a_hotel(world, clock)


@pytest.fixture
def late(hotel: Hotel) -> Booking:
    return late_guests.a_late_guest(hotel)


def list_of(hotel: Hotel, name: DayList, on: str | None = None) -> day_lists.DayBookings:
    local = None if on is None else date.fromisoformat(on)
    return day_lists.of_day(hotel.deps, hotel.staff, "hotel", name, local)


def ids(found: day_lists.DayBookings) -> list[str]:
    return [each.booking_id for each in found.bookings]


# -- time ----------------------------------------------------------------------------------------


@pytest.mark.engine2
@pytest.mark.parametrize("swept", [True, False])
def test_a_guest_who_has_not_left_is_still_a_guest(
    hotel: Hotel, late: Booking, swept: bool
) -> None:
    if swept:
        sweeps.run(hotel.deps, "auto-checkout")
    stay = settle.read(hotel.deps, late.booking_id)
    assert (stay.status, stay.overstays(hotel.clock.now())) == (Status.ACTIVE, True)
    assert hotel.room("101").condition is C.OCCUPIED
    with pytest.raises(errors.IllegalTransition):
        hotel.turn(C.CLEANING_IN_PROGRESS, number="101")


def test_a_second_before_the_booked_end_nobody_overstays(hotel: Hotel, late: Booking) -> None:
    hotel.clock.set(late.booked.end - timedelta(seconds=1))
    stay = settle.read(hotel.deps, late.booking_id)
    assert (stay, stay.overstays(hotel.clock.now())) == (late, False)


@pytest.mark.parametrize(
    ("on", "hour", "total"),
    [
        ("2026-12-27", "11:05", "300.00"),  # three nights, within the grace
        ("2026-12-27", "11:06", "325.00"),  # and the late fee
        ("2026-12-27", "23:59", "325.00"),
        ("2026-12-28", "00:00", "400.00"),  # another night instead
        ("2026-12-30", "10:00", "600.00"),
    ],
)
@pytest.mark.parametrize("swept", [True, False])
def test_a_late_guest_pays_the_fee_and_then_the_nights(
    hotel: Hotel, late: Booking, on: str, hour: str, total: str, swept: bool
) -> None:
    if swept:
        sweeps.run(hotel.deps, "auto-checkout")
    hotel.at(on, hour)
    over = hotel.check_out(late)
    assert over.bill is not None
    assert (over.bill.total.text(), over.actual_end) == (total, hotel.clock.now())
    assert over.auto_checkout is False


def doors(hotel: Hotel, stay: Booking) -> Iterator[tuple[str, Any]]:
    deps, staff = hotel.deps, hotel.staff
    yield "staff_api", partial(hotel.check_out, stay)
    yield "legacy_api", partial(hotel.check_out, stay, source="legacy_api")
    code = deps.tokens.qr(stay)
    yield "gate_exit", partial(check_out.scan_exit, deps, staff, code, tender=builders.cash())
    rooms = ["rooms.101"]
    yield "bulk", partial(bulk.check_out, deps, staff, "hotel", rooms, out_of_time=lambda: False)


@pytest.mark.parametrize("days", [0, 3, 40])
@pytest.mark.parametrize("door", range(4))
def test_every_door_lets_a_late_guest_out_and_frees_everything(
    hotel: Hotel, late: Booking, door: int, days: int
) -> None:
    """Also one who is kept on the sheets of later months."""
    sweeps.run(hotel.deps, "auto-checkout")
    hotel.clock.move(days=days, hours=2)
    sweeps.run(hotel.deps, "auto-checkout")
    source, leave = list(doors(hotel, late))[door]
    leave()
    over = hotel.world.read(late)
    assert over.bill is not None
    assert (over.status, over.timeline[-1].source, over.bill.total.text()) == (
        Status.COMPLETED, source, "325.00" if not days else f"{3 + days}00.00",
    )  # fmt: skip
    sheets = hotel.deps.sheets.of_zone("rooms", "2026-01", "2030-12")
    assert [holder for sheet in sheets for holder in sheet.taken] == []
    assert effects("offer_time") == ["rooms"]  # whoever waits for tonight
    room = hotel.room("101")
    assert (room.condition, room.overstay_since(hotel.clock.now())) == (C.CHECKOUT_DIRTY, None)


def test_one_transaction_a_month_keeps_an_overstay_on_the_present_sheets(
    hotel: Hotel, late: Booking
) -> None:
    for on in ("2026-12-27", "2027-01-02", "2027-02-03", "2027-02-04"):
        hotel.at(on, "12:00")
        before = sweeps.run(hotel.deps, "auto-checkout")
        assert before.done == (on != "2027-02-04"), on
        month = hotel.deps.sheets.of_zone("rooms", on[:7], on[:7])
        assert [late.booking_id in sheet.taken for sheet in month] == [True]
        with pytest.raises(errors.SpaceTaken):
            walk_in(hotel, "101")
    stay = hotel.world.read(late)
    assert [entry.what for entry in stay.timeline] == ["created", "checked_in", "overstayed"]


def test_after_months_without_a_sweep_the_room_is_still_theirs(hotel: Hotel, late: Booking) -> None:
    hotel.at("2027-03-05", "16:00")
    with pytest.raises(errors.SpaceTaken):
        walk_in(hotel, "101", override="the guest insists")
    with pytest.raises(errors.SpaceTaken):
        hotel.book_nights("2027-03-05", "2027-03-06", number="101")
    assert hotel.room("101").booking_id == late.booking_id


def test_whoever_stays_longer_with_leave_of_the_desk_overstays_no_more(
    hotel: Hotel, late: Booking
) -> None:
    sweeps.run(hotel.deps, "auto-checkout")
    edit = edits.BookingEdit(end=day("2026-12-29"))
    stay = edits.modify(hotel.deps, hotel.staff, late.booking_id, edit)
    assert (stay.overstays(hotel.clock.now()), stay.listed_through) == (False, None)
    assert ids(list_of(hotel, "overstays")) == []
    assert hotel.room("101").overstay_since(hotel.clock.now()) is None
    assert len(hotel.deps.rooms.history("rooms", "101", limit=9).records) == 1
    hotel.at("2026-12-29", "11:00")
    sweeps.run(hotel.deps, "auto-checkout")
    assert hotel.room("101").overstay_since(hotel.clock.now()) == stay.booked.end
    assert len(effects("overstay")) == 2
    assert hotel.check_out(stay).bill is not None


def test_a_late_guest_may_move_to_another_room(hotel: Hotel, late: Booking) -> None:
    sweeps.run(hotel.deps, "auto-checkout")
    hotel.at("2027-01-05", "11:00")
    moved = assign_room.assign(hotel.deps, hotel.staff, late.booking_id, "103", slug="hotel")
    assert (moved.number, hotel.room("101").condition) == ("103", C.CHECKOUT_DIRTY)
    assert hotel.room("103").overstay_since(hotel.clock.now()) == late.booked.end
    with pytest.raises(errors.SpaceTaken):
        walk_in(hotel, "103")
    hotel.check_out(moved)
    sheets = hotel.deps.sheets.of_zone("rooms", "2026-01", "2030-12")
    assert [holder for sheet in sheets for holder in sheet.taken] == []


def test_a_stay_that_is_over_is_not_checked_in_again_to_a_room_with_a_late_guest(
    hotel: Hotel,
) -> None:
    gone = hotel.stay("101", nights=1)
    hotel.check_out(gone)
    hotel.turn(C.CLEANING_IN_PROGRESS, C.CLEANED_UNINSPECTED, C.READY_FOR_GUEST)
    hotel.stay("101", nights=1)
    hotel.at("2026-12-25", "12:00")
    with pytest.raises(errors.AlreadyEnded):
        hotel.check_in(gone, override="the guest insists")


# -- venues and zones that choose otherwise ---------------------------------------------------------


@pytest.mark.engine2
@pytest.mark.parametrize("gate", ["staff", "gate"])
def test_in_a_hall_further_units_are_billed_until_the_check_out(
    world: World, clock: Clock, gate: Any
) -> None:
    policy = replace(builders.VENUE, check_in=gate, confirmation=False)
    world.add_zone("halls", policy, kind="venue", tariff=builders.HOURLY, spaces=2)
    booking = world.book(zone="halls", number="A-001", minutes=60, vehicle_number=None)
    stay = world.enter(booking)
    for hours in (1, 26):  # into another day's sheet
        clock.set(NOON + timedelta(hours=hours))
        sweeps.run(world.deps, "auto-checkout")
        with pytest.raises(errors.SpaceTaken):
            world.book(world.other, "halls", number="A-001", minutes=60, vehicle_number=None)
        listed = day_lists.of_day(world.deps, world.staff, "central", "overstays")
        assert [each.booking_id for each in listed.bookings] == [stay.booking_id]
        assert housekeeping.board(world.deps, world.staff, "central") == ()
    bill = world.leave(stay).bill
    assert (bill.units, bill.total.text()) == (26, "1300.00")
    world.book(world.other, "halls", number="A-001", minutes=60, vehicle_number=None)


@pytest.mark.parametrize("swept", [True, False])
def test_a_zone_may_choose_that_overstays_end_by_themselves(
    world: World, clock: Clock, swept: bool
) -> None:
    hotel = Hotel(world, clock, auto_checkout_after=1, overstay_grace=120)
    hotel.at("2026-12-24", "15:00")
    stay = hotel.check_in(hotel.book_for("Byrne", "2026-12-24", "2026-12-25", number="101"))
    hotel.at("2026-12-25", "11:30")
    if swept:
        sweeps.run(hotel.deps, "auto-checkout")
    assert settle.read(hotel.deps, stay.booking_id).overstays(clock.now())
    hotel.at("2026-12-25", "18:00")
    over = settle.read(hotel.deps, stay.booking_id)
    assert over.actual_end is not None
    assert (over.status, iso(over.actual_end)) == (Status.COMPLETED, "2026-12-25T13:00:00Z")
