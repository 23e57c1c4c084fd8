"""What the desk and the next guest see of a guest who has not left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from chalicelib import sweeps
from chalicelib.api.bookings import present
from chalicelib.domain.bookings import cancel_refund
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, DetailsEdit
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.front_desk.day_lists import DayList
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.stays import overstay
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.bookings import (
    availability,
    book_group,
    bookings,
    cancel_group,
    settle,
)
from chalicelib.services.bookings import reschedule as edits
from chalicelib.services.front_desk import assign_room, day_lists
from chalicelib.services.mail import compose
from chalicelib.services.realtime import publish
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests import batches, late_guests
from tests.clock import Clock
from tests.faults.wire import tapped
from tests.hotel import GUEST, Hotel, day
from tests.late_guests import effects
from tests.wording import refuses
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


# -- what people see -------------------------------------------------------------------------------


@pytest.mark.engine2
def test_the_next_guest_can_be_corrected_with_the_dates_as_they_are(hotel: Hotel) -> None:
    expected = hotel.book_for("Lynch", "2026-12-27", "2026-12-28", number="101")
    late_guests.a_late_guest(hotel)
    hotel.at("2026-12-27", "15:30")
    corrected = edits.BookingEdit(
        DetailsEdit(purpose="Anniversary"), start=day("2026-12-27"), end=day("2026-12-28")
    )
    booking = edits.modify(hotel.deps, hotel.staff, expected.booking_id, corrected)
    assert (booking.booked, booking.number) == (expected.booked, "101")
    assert booking.details.purpose == "Anniversary"


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
    rows = {each.number: found.late_guest_of(each) for each in found.bookings}
    assert rows["102"] is None
    in_101 = rows["101"]
    assert in_101 is not None
    assert (in_101.booking_id, in_101.booked.end) == (late.booking_id, late.booked.end)
    hotel.check_out(late)
    found = list_of(hotel, "arrivals")
    assert [found.late_guest_of(each) for each in found.bookings] == [None, None]


def test_an_overstay_is_told_to_the_desk_once_and_published_once(
    hotel: Hotel, late: Booking
) -> None:
    for _ in range(3):
        sweeps.run(hotel.deps, "auto-checkout")
        settle.read(hotel.deps, late.booking_id)
        hotel.clock.move(days=33)
    assert effects("overstay") == [overstay.mail_subject(late)]
    assert effects("booking-overstayed") == [late.booking_id]


def test_the_mail_says_which_room_and_until_when_and_names_no_guest(
    hotel: Hotel, late: Booking
) -> None:
    sweeps.run(hotel.deps, "auto-checkout")
    mail = effect.mail("overstay", overstay.mail_subject(late))
    message = compose.message(hotel.deps, mail)
    assert message is not None
    assert (message.to, message.subject) == ("desk@hotel.ie", "Overstay: room 101 at Central")
    assert "The booking of room 101 ended on Sun, 27 Dec 2026, 11:00" in " ".join(
        message.text.split()
    )
    assert "Byrne" not in message.text
    hotel.check_out(late)
    assert compose.message(hotel.deps, mail) is None


def test_a_mail_about_an_earlier_end_is_not_sent(hotel: Hotel, late: Booking) -> None:
    """It was held up; meanwhile the guest has been given two more nights, and overstays again."""
    sweeps.run(hotel.deps, "auto-checkout")
    longer = edits.BookingEdit(end=day("2026-12-29"))
    stay = edits.modify(hotel.deps, hotel.staff, late.booking_id, longer)
    hotel.at("2026-12-29", "11:00")
    sweeps.run(hotel.deps, "auto-checkout")
    held_up, present = (effect.mail("overstay", each) for each in effects("overstay"))
    assert held_up.subject_id == overstay.mail_subject(late)
    assert present.subject_id == overstay.mail_subject(stay)
    sent = [compose.message(hotel.deps, mail) is not None for mail in (held_up, present)]
    assert sent == [False, True]


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
    with refuses(errors.SpaceTaken, "still in this room"):
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
    with refuses(errors.SpaceTaken, "still in this room"):
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
    with refuses(errors.ZoneFull, "everything paid goes back"):
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
    hotel.at("2026-12-27", "14:00")
    shown = present.booking(hotel.deps, hotel.world.read(coming)).cancellation
    assert shown is not None
    assert (shown.eligible, shown.amount.amount) == (True, "50.00")
    assert not bookings.cancel(hotel.deps, hotel.staff, free_again.booking_id).refund.eligible
    hotel.check_out(late)
    zone = hotel.deps.catalogue.zone("rooms")
    tz = hotel.deps.catalogue.site("hotel").tz
    for booking, amount in ((done.booking, "50.00"), (free_again, "0.00")):
        over = hotel.world.read(booking)
        refunded = cancel_refund.current(over, zone.policy, tz, now=hotel.deps.now())
        assert refunded is not None
        assert refunded.amount.text() == amount


def test_the_refunds_of_a_group_are_decided_before_it_is_cancelled(
    hotel: Hotel, late: Booking
) -> None:
    hotel.at("2026-12-24", "16:00")
    order = Order(
        "rooms",
        quantity=2,
        start=day("2026-12-27"),
        end=day("2026-12-28"),
        details=BookingDetails(guests=(GUEST,)),
    )
    made = book_group.book(hotel.deps, hotel.staff, order).bookings
    hotel.at("2026-12-27", "12:00")
    with tapped(hotel.deps) as wire:
        cancel_group.cancel(hotel.deps, hotel.staff, made[0].booking_id, "all", reason="late")
    assert wire.calls[-1] == "TransactWriteItems"
    assert "BatchGetItem" in wire.calls


def test_an_entry_for_tonight_is_offered_the_room_once_the_late_guest_leaves(
    hotel: Hotel, late: Booking
) -> None:
    for number in ("102", "103"):
        hotel.turn(C.OUT_OF_SERVICE, number=number)
    tonight = WaitlistRequest("rooms", None, day("2026-12-27"), day("2026-12-28"))
    entry = entries.join(hotel.deps, hotel.world.other, tonight)
    hotel.check_out(late)
    hotel.clock.move(minutes=5)
    batches.sweep(hotel.deps)
    offered = hotel.deps.waitlist.get(entry.entry_id)
    assert (offered.status, offered.held) == (EntryStatus.OFFERED, "101")
