from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.money import Money
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.stays import check_in, check_out
from tests import builders
from tests.builders import cash
from tests.clock import NOON, Clock
from tests.hotel import Hotel
from tests.model import invariants
from tests.wording import refuses
from tests.world import World

HOUR = timedelta(hours=1)


def test_a_car_comes_in_and_goes_out_once_each_and_in_that_order(
    world: World, clock: Clock
) -> None:
    booking = world.book()
    with pytest.raises(errors.NotCheckedIn):
        world.leave(booking)
    assert world.enter(booking).actual_start == NOON
    with pytest.raises(errors.AlreadyEntered):
        world.enter(booking)
    clock.move(minutes=66)
    outcome = world.leave(booking, received="150")
    assert (outcome.bill.total.text(), outcome.change.text()) == ("100.00", "50.00")
    with pytest.raises(errors.AlreadyEnded):
        world.leave(booking)
    with pytest.raises(errors.AlreadyEnded):
        world.enter(booking)


def test_the_ledger_knows_what_the_drawer_took(world: World, clock: Clock) -> None:
    world.enter(booking := world.book())
    clock.move(minutes=10)
    world.leave(booking, received="50")
    entries = world.deps.ledger.of_day("central", NOON.date())
    assert ledger.balance(entries, ledger.CASH) == {"INR": Money(5000, "INR")}
    assert [entry.booking_id for entry in entries] == [booking.booking_id]


def test_a_space_left_early_is_free_at_once(world: World, clock: Clock) -> None:
    world.enter(booking := world.book(number="A-001"))
    clock.move(minutes=10)
    world.leave(booking)
    assert world.book(number="A-001").status is Status.BOOKED


def test_the_plate_is_checked_without_blanks_and_case(world: World) -> None:
    code = world.deps.tokens.qr(world.book(vehicle_number="KA01AB1234"))
    with pytest.raises(errors.PlateMismatch):
        check_in.scan_entry(world.deps, world.staff, code, plate="KA01AB9999")
    entered = check_in.scan_entry(world.deps, world.staff, code, plate="ka 01-ab 1234")
    assert entered.status is Status.ACTIVE


@pytest.mark.parametrize("code", ["", "BERTH", "BK123", "BERTH" + "A" * 70, "x" * 400])
def test_a_code_that_is_not_ours_is_unknown(world: World, code: str) -> None:
    with pytest.raises(errors.UnknownCode):
        check_in.scan_entry(world.deps, world.staff, code, plate=None)


def test_staff_of_another_site_let_nobody_in_or_out(world: World) -> None:
    world.add_site("hall")
    stranger = world.add_account("staff9", Role.STAFF, "hall")
    booking = world.book()
    with pytest.raises(errors.Forbidden):
        world.enter(booking, stranger)
    world.enter(booking)
    code = world.deps.tokens.qr(booking)
    with pytest.raises(errors.Forbidden):
        check_out.scan_exit(world.deps, stranger, code, tender=cash())


def test_less_cash_than_due_opens_no_gate(world: World, clock: Clock) -> None:
    world.enter(booking := world.book())
    clock.move(minutes=10)
    with pytest.raises(errors.NotEnoughCash):
        world.leave(booking, received="49.99")
    assert world.read(booking).status is Status.ACTIVE


def test_online_payment_at_the_gate_is_refused_by_name(world: World) -> None:
    world.enter(booking := world.book())
    code = world.deps.tokens.qr(booking)
    with pytest.raises(errors.PaymentMethodUnavailable):
        check_out.scan_exit(
            world.deps, world.staff, code, tender=TenderRequest(PaymentMethod.ONLINE)
        )


def test_a_stay_that_time_ended_is_paid_at_the_gate_afterwards(world: World, clock: Clock) -> None:
    world.add_zone("zone-b", builders.TIMED)
    world.enter(booking := world.book(zone="zone-b"))
    clock.move(hours=3)
    settle.read(world.deps, booking.booking_id)
    with pytest.raises(errors.PaymentDue):
        world.book()
    outcome = world.leave(booking, received="60")
    assert outcome.booking.actual_end == NOON + HOUR
    assert (outcome.bill.amount_due.text(), outcome.change.text()) == ("50.00", "10.00")
    assert outcome.booking.payment_status == "paid"
    assert world.book().status is Status.BOOKED


def test_what_is_due_can_be_waived_by_an_owner(world: World, clock: Clock) -> None:
    world.add_zone("zone-b", builders.TIMED)
    world.enter(booking := world.book(zone="zone-b"))
    clock.move(hours=3)
    with pytest.raises(errors.Forbidden):
        bookings.waive(world.deps, world.staff, booking.booking_id, reason="x")
    bookings.waive(world.deps, world.owner, booking.booking_id, reason="broken barrier")
    assert world.book().status is Status.BOOKED


def test_an_early_arrival_keeps_the_wait_from_others(world: World, clock: Clock) -> None:
    booking = world.book(number="A-001", start=NOON + timedelta(minutes=10))
    world.enter(booking)
    with pytest.raises(errors.SpaceTaken):
        world.book(number="A-001", minutes=5)
    clock.move(minutes=2)
    world.leave(booking)
    assert world.book(number="A-001", minutes=5).status is Status.BOOKED


TEN_MINUTES_BEFORE = NOON + timedelta(minutes=50)


def park(world: World, number: str | None, start: int, minutes: int = 60) -> Booking:
    """A bay from `start` minutes after noon on, named or by lot."""
    at = NOON + timedelta(minutes=start)
    return world.book(number=number, start=at, minutes=minutes)


def lot(world: World, number: str, start: int, minutes: int = 60) -> Booking:
    """One that has named no bay, and has this one."""
    at = NOON + timedelta(minutes=start)
    return world.book_by_lot(number, "zone-a", start=at, end=at + timedelta(minutes=minutes))


def test_an_early_arrival_gets_another_space_while_a_car_is_still_in_its_own(
    world: World, clock: Clock
) -> None:
    world.enter(park(world, "A-001", 0))
    booked = lot(world, "A-001", 60)
    clock.set(TEN_MINUTES_BEFORE)
    entered = world.enter(booked)
    assert entered.number in ("A-002", "A-003")
    assert [e.what for e in entered.timeline][-2:] == ["relocated", "checked_in"]
    assert entered.actual_start == TEN_MINUTES_BEFORE
    invariants.check(clock.now())


def test_an_early_arrival_to_a_named_space_moves_the_one_before_it_away(
    world: World, clock: Clock
) -> None:
    """The bay is free now, but another car is to come for its last five minutes."""
    short, booked = lot(world, "A-001", 55, 5), park(world, "A-001", 60)
    clock.set(TEN_MINUTES_BEFORE)
    entered = world.enter(booked)
    assert (entered.number, entered.status) == ("A-001", Status.ACTIVE)
    assert "relocated" not in [e.what for e in entered.timeline]
    assert world.read(short).number != "A-001"
    invariants.check(clock.now())


def test_an_early_arrival_moves_others_where_no_space_is_free_as_things_stand(
    world: World, clock: Clock
) -> None:
    """A-001 has a car in it until the start; in each of the others one is still to come."""
    world.enter(park(world, "A-001", 0))
    booked = lot(world, "A-001", 60)
    early, late = lot(world, "A-002", 52, 8), lot(world, "A-003", 70)
    clock.set(TEN_MINUTES_BEFORE)
    entered = world.enter(booked)
    numbers = {entered.number, world.read(early).number, world.read(late).number}
    assert entered.number != "A-001"
    assert numbers <= {"A-001", "A-002", "A-003"}
    invariants.check(clock.now())


def test_an_early_arrival_waits_where_its_named_space_is_in_use_or_all_are(
    world: World, clock: Clock
) -> None:
    for number in ("A-001", "A-002", "A-003"):
        world.enter(park(world, number, 0))
    named, loose = park(world, "A-001", 60), lot(world, "A-002", 60)
    clock.set(TEN_MINUTES_BEFORE)
    for booked in (named, loose):
        with refuses(errors.TooEarly, "still in use"):
            world.enter(booked)
        assert world.read(booked) == booked


def test_a_guest_who_comes_early_enters_no_room_that_is_not_ready(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=2, early_check_in=300)
    hotel.at("2026-12-24", "15:00")
    hotel.check_in(hotel.book_for("Byrne", "2026-12-24", "2026-12-25", number="101"))
    arrival = NOON.replace(month=12, day=25, hour=15, minute=0)
    booked = world.book_by_lot("101", "rooms", start=arrival, end=arrival + 20 * HOUR)
    hotel.turn(Condition.OUT_OF_SERVICE, number="102")
    hotel.at("2026-12-25", "10:30")
    with pytest.raises(errors.TooEarly):
        hotel.check_in(booked)
    hotel.turn(Condition.CHECKOUT_DIRTY, number="102")
    with pytest.raises(errors.TooEarly):
        hotel.check_in(booked)
    insisted = hotel.check_in(booked, override="they insist")
    assert insisted.number == "102"


def test_whoever_finds_an_overstayer_gets_another_space(world: World, clock: Clock) -> None:
    world.enter(world.book(number="A-001"))
    booked = world.book(world.other, number="A-001", start=NOON + HOUR)
    clock.move(minutes=62)
    entered = world.enter(booked)
    assert entered.number != "A-001"
    assert [e.what for e in entered.timeline][-2:] == ["relocated", "checked_in"]


def test_an_overstayer_from_yesterday_is_noticed_too(world: World, clock: Clock) -> None:
    clock.set(NOON.replace(hour=22, minute=0))
    world.enter(world.book(number="A-001"))
    booked = world.book(world.other, number="A-001", start=clock.now() + 4 * HOUR)
    clock.move(hours=4)
    assert world.enter(booked).number != "A-001"


def test_whoever_finds_an_overstayer_and_no_other_space_is_told_and_owes_nothing(
    world: World, clock: Clock
) -> None:
    for _ in range(3):
        world.enter(world.book())
    booked = world.book(world.other, number="A-001", start=NOON + HOUR)
    clock.move(minutes=61)
    with refuses(errors.ZoneFull, "cancelled"):
        world.enter(booked)
    assert world.read(booked).status is Status.CANCELLED


def test_a_no_show_before_is_no_overstayer(world: World, clock: Clock) -> None:
    world.book(number="A-001")
    booked = world.book(world.other, number="A-001", start=NOON + HOUR)
    clock.move(minutes=61)
    assert world.enter(booked).number == "A-001"


def test_staff_check_in_and_out_without_a_scan(world: World, clock: Clock) -> None:
    booking = world.book()
    with pytest.raises(errors.Forbidden):
        check_in.check_in(world.deps, world.user, booking.booking_id)
    check_in.check_in(world.deps, world.staff, booking.booking_id)
    clock.move(minutes=20)
    with pytest.raises(errors.Forbidden):
        check_out.check_out(world.deps, world.user, booking.booking_id, tender=None)
    done = check_out.check_out(world.deps, world.staff, booking.booking_id, tender=cash("70"))
    assert (done.booking.status, done.booking.payment_status) == (Status.COMPLETED, "paid")
    assert done.change == Money(2000, "INR")
    again = check_out.check_out(world.deps, world.staff, booking.booking_id, tender=cash("70"))
    assert (again.booking, again.bill) == (done.booking, done.bill)
    assert (again.tender, again.change) == (None, None)  # nobody gives change twice


def test_the_guest_ends_a_timer_early_by_themselves(world: World, clock: Clock) -> None:
    world.add_zone("zone-t", builders.TIMER, tariff=builders.FREE)
    booking = world.book(zone="zone-t", number="A-001")
    clock.move(minutes=20)
    done = check_out.check_out(world.deps, world.user, booking.booking_id, tender=None).booking
    assert done.actual_end == NOON + timedelta(minutes=20)
    assert not done.auto_checkout
    assert world.book(world.other, zone="zone-t", number="A-001").status is Status.ACTIVE


def test_a_termination_ends_a_stay_without_a_bill(world: World) -> None:
    world.enter(booking := world.book(number="A-001"))
    done = bookings.terminate(world.deps, world.admin, booking.booking_id, reason="fire")
    assert (done.status, done.bill, done.timeline[-1].note) == (Status.CANCELLED, None, "fire")
    assert world.book(number="A-001").status is Status.BOOKED


def test_what_is_due_can_be_paid_at_the_desk_by_the_booking_number(
    world: World, clock: Clock
) -> None:
    world.add_zone("zone-b", builders.TIMED)
    world.enter(booking := world.book(zone="zone-b"))
    clock.move(hours=2)
    due = check_out.check_out(world.deps, world.staff, booking.booking_id, tender=None)
    assert due.booking.payment_status == "due"
    paid = check_out.check_out(world.deps, world.staff, booking.booking_id, tender=cash("60"))
    assert (paid.booking.payment_status, paid.booking.paid) == ("paid", 5000)
    assert paid.change == Money(1000, "INR")
    again = check_out.check_out(world.deps, world.staff, booking.booking_id, tender=cash("60"))
    assert (again.booking, again.tender) == (paid.booking, None)


def test_whoever_comes_far_too_early_is_not_led_elsewhere(world: World, clock: Clock) -> None:
    world.enter(world.book(number="A-001"))
    booked = world.book(world.other, number="A-001", start=NOON + 5 * HOUR)
    clock.move(minutes=70)
    with pytest.raises(errors.TooEarly):
        world.enter(booked)
    assert world.read(booked).status is Status.BOOKED


def test_whoever_comes_early_and_finds_an_overstayer_may_wait_for_the_start(
    world: World, clock: Clock
) -> None:
    for _ in range(3):
        world.enter(world.book(minutes=55))
    booked = world.book(world.other, number="A-001", start=NOON + HOUR)
    clock.move(minutes=57)
    with pytest.raises(errors.TooEarly):
        world.enter(booked)
    assert world.read(booked).status is Status.BOOKED


def test_a_no_show_elsewhere_makes_room_for_whoever_finds_an_overstayer(
    world: World, clock: Clock
) -> None:
    world.enter(world.book(number="A-001"))
    for number in ("A-002", "A-003"):
        world.book(number=number)
    booked = world.book(world.other, number="A-001", start=NOON + HOUR)
    clock.move(minutes=61)
    assert world.enter(booked).number != "A-001"


# -- rooms -------------------------------------------------------------------------------------


def test_a_guest_whose_room_is_not_left_in_time_gets_another(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=2, overstay_grace=120)
    stay = hotel.stay("101", minutes=60)
    booking = hotel.book_room("101", start=NOON + timedelta(minutes=60))
    clock.move(minutes=61)
    assert hotel.check_in(booking).number == "102"
    assert (hotel.room("101").booking_id, hotel.room("102").booking_id) == (
        stay.booking_id, booking.booking_id,
    )  # fmt: skip


def test_a_guest_whose_room_was_left_in_time_waits_until_it_is_clean(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=2, auto_checkout_after=1)
    stay = hotel.stay("101", minutes=60)
    booking = hotel.book_room("101", start=NOON + timedelta(minutes=60))
    clock.move(minutes=61)
    with refuses(errors.RoomNotReady, "is dirty"):
        hotel.check_in(booking)
    assert hotel.world.read(stay).auto_checkout
    assert hotel.world.read(booking).number == "101"
