from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.payments.tender import PaymentMethod, Tender
from chalicelib.domain.stays import check_out
from tests.builders import ATTENDANT, CUSTOMER, FREE, METERED, a_booking, a_zone, an_active_booking
from tests.clock import NOON
from tests.wording import refuses

IST = localtime.zone("Asia/Kolkata")
RUPEES_100 = Tender(PaymentMethod.CASH, Money(10000, "INR"))


def leave(
    booking: Booking,
    *,
    after: int = 45,
    tender: Tender | None = None,
    by: Actor = ATTENDANT,
    source: Source = "gate_exit",
) -> BookingChange:
    return check_out.check_out(
        booking,
        by=by,
        source=source,
        at=NOON + timedelta(minutes=after),
        tz=IST,
        policy=METERED,
        entry_id="LE1",
        tender=tender,
    )


def test_cash_at_the_exit_settles_the_bill() -> None:
    change = leave(an_active_booking(), tender=RUPEES_100)
    booking = change.booking
    assert (booking.status, booking.payment_status, booking.paid) == (
        Status.COMPLETED,
        "paid",
        5000,
    )
    assert booking.actual_end == NOON + timedelta(minutes=45)
    assert booking.deadline is None
    assert ledger.balance(change.ledger, ledger.CASH) == {"INR": Money(5000, "INR")}
    assert [[*edit.puts] for edit in change.sheets] == [[]]


def test_too_little_cash_is_refused_and_says_what_is_missing() -> None:
    with refuses(errors.NotEnoughCash, r"50\.00 INR is due; 10\.00 is missing"):
        leave(an_active_booking(), tender=Tender(PaymentMethod.CASH, Money(4000, "INR")))


def test_what_time_ends_is_left_due_and_stops_further_bookings() -> None:
    change = leave(an_active_booking(), after=60, by=SYSTEM, source="auto_checkout")
    booking = change.booking
    assert (booking.payment_status, booking.auto_checkout, booking.paid) == ("due", True, 0)
    assert booking.timeline[-1].note == "AUTO"
    assert check_out.amount_due(booking) == Money(5000, "INR")
    assert change.tallies == (
        Debt(change.booking.booking_id, change.booking.site).arises(CUSTOMER.locator),
    )
    assert ledger.balance(change.ledger, ledger.RECEIVABLE) == {"INR": Money(5000, "INR")}


def test_a_guest_without_an_account_owes_nothing_to_an_account() -> None:
    change = leave(an_active_booking(user_id=None), by=SYSTEM, source="auto_checkout")
    assert change.tallies == ()


def test_a_free_stay_moves_no_money() -> None:
    change = leave(an_active_booking(a_zone(tariff=FREE)), by=SYSTEM, source="auto_checkout")
    assert (change.booking.payment_status, change.ledger, change.tallies) == ("paid", (), ())


def test_nobody_checks_out_who_has_not_checked_in() -> None:
    with pytest.raises(errors.NotCheckedIn):
        leave(a_booking())


def test_nobody_checks_out_twice() -> None:
    done = leave(an_active_booking(), tender=RUPEES_100).booking
    with pytest.raises(errors.AlreadyEnded, match="over_completed"):
        leave(done)


def test_nobody_checks_out_of_no_space() -> None:
    with pytest.raises(errors.CheckoutFailed):
        leave(an_active_booking(number=""))


def left_due() -> Booking:
    return leave(an_active_booking(), by=SYSTEM, source="auto_checkout").booking


def test_what_was_left_due_can_be_paid_later() -> None:
    change = check_out.pay_due(
        left_due(), RUPEES_100, by=ATTENDANT, source="gate_exit", at=NOON, entry_id="LE2"
    )
    assert (change.booking.payment_status, change.booking.paid) == ("paid", 5000)
    assert change.tallies == (
        Debt(change.booking.booking_id, change.booking.site).ends(CUSTOMER.locator),
    )
    assert ledger.balance(change.ledger, ledger.RECEIVABLE) == {"INR": Money(-5000, "INR")}


def test_what_was_left_due_can_be_waived_once() -> None:
    change = check_out.waive(
        left_due(), by=ATTENDANT, reason="broken gate", at=NOON, entry_id="LE2"
    )
    assert change.booking.timeline[-1].note == "broken gate"
    assert change.tallies == (
        Debt(change.booking.booking_id, change.booking.site).ends(CUSTOMER.locator),
    )
    with pytest.raises(errors.NothingDue):
        check_out.waive(change.booking, by=ATTENDANT, reason="again", at=NOON, entry_id="LE3")
