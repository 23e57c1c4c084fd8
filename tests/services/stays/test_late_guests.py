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
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.localtime import iso
from chalicelib.domain.front_desk.day_lists import DayList
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.services.bookings import availability, bookings, settle
from chalicelib.services.bookings import reschedule as edits
from chalicelib.services.front_desk import assign_room, bulk, day_lists, walk_ins
from chalicelib.services.housekeeping import housekeeping
from chalicelib.services.mail import compose
from chalicelib.services.realtime import publish
from chalicelib.services.stays import check_out
from chalicelib.store.outbox import OutboxItem
from tests import batches, builders
from tests.clock import NOON, Clock
from tests.hotel import GUEST, Hotel, day
from tests.world import World

RATE = Tariff("nightly", "EUR", 10000, late_fee=2500)
C = Condition


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    """Christmas, three nights in room 101 from the 24th on, and 101 to 103."""
    made = Hotel(world, clock, rooms=3, tariff=RATE)
    hotel_site = made.deps.catalogue.site("hotel")
    made.deps.commit(saving(hotel_site.evolve(contact="01 555 0100, desk@hotel.ie", realtime=True)))
    made.at("2026-12-24", "15:00")
    return made


@pytest.fixture
def late(hotel: Hotel) -> Booking:
    """The guest of 101, whose booking is over on the 27th at 11:00."""
    stay = hotel.check_in(hotel.book_for("Byrne", "2026-12-24", "2026-12-27", number="101"))
    hotel.at("2026-12-27", "11:00")
    return stay


def walk_in(hotel: Hotel, number: str | None = None, **how: Any) -> Booking:
    order = Order("rooms", number, nights=1, details=BookingDetails(guests=(GUEST,)))
    return walk_ins.walk_in(hotel.deps, hotel.staff, "hotel", order, **how)


def list_of(hotel: Hotel, name: DayList, on: str | None = None) -> day_lists.DayBookings:
    local = None if on is None else date.fromisoformat(on)
    return day_lists.of_day(hotel.deps, hotel.staff, "hotel", name, local)


def ids(found: day_lists.DayBookings) -> list[str]:
    return [each.booking_id for each in found.bookings]


def effects(name: str) -> list[str]:
    """The subjects of the effects of that name in the outbox."""
    batches = OutboxItem.scan(OutboxItem.pk.startswith("waiting."))
    rows = (row for batch in batches for row in batch.effects)
    return [row["subject_id"] for row in rows if row["name"] == name]


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


# -- what people see -------------------------------------------------------------------------------


@pytest.mark.engine2
@pytest.mark.parametrize("swept", [True, False])
def test_the_desk_sees_an_overstay_at_once(hotel: Hotel, late: Booking, swept: bool) -> None:
    if swept:
        sweeps.run(hotel.deps, "auto-checkout")
    for name in ("overstays", "in-house", "departures"):
        assert ids(list_of(hotel, name)) == [late.booking_id], name
    [room] = [room for room in hotel.board() if room.is_occupied]
    assert room.overstay_since(hotel.clock.now()) == late.booked.end
    hotel.at("2027-01-02", "09:00")
    assert ids(list_of(hotel, "overstays")) == [late.booking_id]
    assert ids(list_of(hotel, "in-house")) == [late.booking_id]


def test_the_row_of_the_next_arrival_says_who_is_still_in_the_room(
    hotel: Hotel, late: Booking
) -> None:
    hotel.at("2026-12-24", "16:00")
    coming = hotel.book_for("Egan", "2026-12-27", "2026-12-28", number="101")
    other = hotel.book_for("Foley", "2026-12-27", "2026-12-28", number="102")
    hotel.at("2026-12-27", "11:00")
    found = list_of(hotel, "arrivals")
    assert ids(found) == [coming.booking_id, other.booking_id]
    rows = {each.number: found.in_the_way(each) for each in found.bookings}
    assert rows["102"] is None
    in_101 = rows["101"]
    assert in_101 is not None
    assert (in_101.booking_id, in_101.booked.end) == (late.booking_id, late.booked.end)
    hotel.check_out(late)
    found = list_of(hotel, "arrivals")
    assert [found.in_the_way(each) for each in found.bookings] == [None, None]


def test_an_overstay_is_told_to_the_desk_once_and_published_once(
    hotel: Hotel, late: Booking
) -> None:
    for _ in range(3):
        sweeps.run(hotel.deps, "auto-checkout")
        settle.read(hotel.deps, late.booking_id)
        hotel.clock.move(days=33)
    assert effects("overstay") == [late.booking_id]
    assert effects("booking-overstayed") == [late.booking_id]


def test_the_mail_says_which_room_and_until_when_and_names_no_guest(
    hotel: Hotel, late: Booking
) -> None:
    sweeps.run(hotel.deps, "auto-checkout")
    mail = effect.mail("overstay", late.booking_id)
    message = compose.message(hotel.deps, mail)
    assert message is not None
    assert (message.to, message.subject) == ("desk@hotel.ie", "Overstay in 101 at Central")
    assert "101 was booked until Sun 27 Dec 2026, 11:00" in " ".join(message.text.split())
    assert "Byrne" not in message.text
    hotel.check_out(late)
    assert compose.message(hotel.deps, mail) is None


def test_listeners_hear_of_an_overstay_with_its_booked_end(hotel: Hotel, late: Booking) -> None:
    sweeps.run(hotel.deps, "auto-checkout")
    hotel.clock.move(minutes=5)
    batches.sweep(hotel.deps)
    log = hotel.deps.events.after("hotel", publish.START, limit=100)
    [event] = [each for each in log if each.name == "booking-overstayed"]
    assert (event.subject_id, event.data["overstay_since"], event.data["status"]) == (
        late.booking_id, "2026-12-27T11:00:00Z", "active",
    )  # fmt: skip


def test_a_site_without_a_mail_address_gets_no_mail(hotel: Hotel, late: Booking) -> None:
    site = hotel.deps.catalogue.site("hotel")
    hotel.deps.commit(saving(site.evolve(contact="01 555 0100")))
    sweeps.run(hotel.deps, "auto-checkout")
    assert effects("overstay") == []
    assert effects("booking-overstayed") == [late.booking_id]


# -- the next guest --------------------------------------------------------------------------------


def test_a_room_with_an_overstay_is_not_given_for_tonight(hotel: Hotel, late: Booking) -> None:
    """Before the check-in hour; tomorrow it may be booked."""
    for number in ("102", "103"):
        hotel.turn(C.OUT_OF_SERVICE, number=number)
    with pytest.raises(errors.ZoneFull):
        hotel.book_nights("2026-12-27", "2026-12-28")
    with pytest.raises(errors.SpaceTaken, match="still in this room"):
        hotel.book_nights("2026-12-27", "2026-12-28", number="101")
    start, end = day("2026-12-27"), day("2026-12-28")
    assert availability.of_interval(hotel.deps, "rooms", start=start, end=end).free == ()
    today = availability.of_day(hotel.deps, "rooms", start.date()).free
    assert today == {"101": (), "102": (), "103": ()}
    assert availability.of_day(hotel.deps, "rooms", end.date()).free["101"]
    assert hotel.book_nights("2026-12-28", "2026-12-29", number="101").number == "101"
    hotel.check_out(late)
    assert hotel.book_nights("2026-12-27", "2026-12-28").number == "101"


def test_staff_assign_nobody_to_a_room_with_an_overstay(hotel: Hotel, late: Booking) -> None:
    coming = hotel.book_for("Egan", "2026-12-27", "2026-12-28", number="102")
    with pytest.raises(errors.SpaceTaken, match="still in this room"):
        assign_room.assign(hotel.deps, hotel.staff, coming.booking_id, "101", slug="hotel")


def test_the_next_guest_gets_another_room_or_a_full_refund(hotel: Hotel, late: Booking) -> None:
    """Three late guests and a full house."""
    hotel.at("2026-12-26", "15:00")
    others = [hotel.stay(number, nights=1) for number in ("102", "103")]
    coming = [hotel.book_for("Egan", "2026-12-27", "2026-12-28", number=n) for n in ("101", "102")]
    hotel.at("2026-12-27", "15:00")
    hotel.check_out(others[1])
    hotel.turn(C.CLEANING_IN_PROGRESS, C.CLEANED_UNINSPECTED, C.READY_FOR_GUEST, number="103")
    came = hotel.check_in(coming[0])
    assert (came.number, came.status) == ("103", Status.ACTIVE)
    with pytest.raises(errors.ZoneFull, match="everything paid goes back"):
        hotel.check_in(coming[1])
    over = hotel.world.read(coming[1])
    assert (over.status, over.timeline[-1].note) == (
        Status.CANCELLED,
        "no space left at arrival; to be refunded: EUR 0.00",
    )


def test_staff_who_cancel_because_the_room_is_occupied_refund_everything(
    hotel: Hotel, late: Booking
) -> None:
    hotel.at("2026-12-24", "16:00")
    coming = hotel.book_for("Egan", "2026-12-27", "2026-12-28", number="101")
    hotel.deps.commit(saving(replace(coming, paid=5000, version=coming.version + 1)))
    free_again = hotel.book_for("Foley", "2026-12-27", "2026-12-28", number="102")
    hotel.at("2026-12-27", "12:00")
    done = bookings.cancel(hotel.deps, hotel.staff, coming.booking_id)
    assert (done.refund.eligible, done.refund.amount.text()) == (True, "50.00")
    assert not bookings.cancel(hotel.deps, hotel.staff, free_again.booking_id).refund.eligible


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
