"""A fee that is kept of a booking without a stay is earned in the step that makes it kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.pricing.tariff import Tax
from chalicelib.services.bookings import bookings
from chalicelib.services.payments import refunds
from chalicelib.services.stays import check_out
from tests import builders
from tests.clock import NOON, Clock
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway

GST = Tax(1800)
TAXED = replace(builders.HOURLY, tax=GST)


@pytest.fixture(autouse=True)
def taxed(paying: PayingCarPark) -> None:
    paying.change_zone(paying.zone_a, tariff=TAXED)


def ahead(paying: PayingCarPark) -> Booking:
    """A booking for later, whose fee of 50.00 was paid online."""
    return paying.book_and_pay(start=NOON + timedelta(hours=2))


def is_cancelled_late(paying: PayingCarPark, clock: Clock) -> Booking:
    booking = ahead(paying)
    clock.move(minutes=6)
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    return booking


def is_cancelled_late_by_staff(paying: PayingCarPark, clock: Clock) -> Booking:
    booking = ahead(paying)
    clock.move(minutes=6)
    bookings.cancel(paying.deps, paying.staff, booking.booking_id, reason="asked by phone")
    return booking


def is_not_used(paying: PayingCarPark, clock: Clock) -> Booking:
    booking = ahead(paying)
    clock.move(hours=5)
    sweeps.run(paying.deps, "expire-bookings")
    return booking


def is_terminated(paying: PayingCarPark, clock: Clock) -> Booking:
    booking = paying.book_and_pay()
    paying.enter(booking)
    bookings.terminate(paying.deps, paying.admin, booking.booking_id, reason="fire")
    return booking


ENDS = [is_cancelled_late, is_cancelled_late_by_staff, is_not_used, is_terminated]


def held(paying: PayingCarPark, *accounts: str) -> dict[str, int]:
    sums = books.sums(paying.ledger())
    return {account: sums[account] for account in accounts}


@pytest.mark.parametrize("ends", ENDS)
def test_a_kept_fee_is_revenue_and_tax(
    paying: PayingCarPark, clock: Clock, ends: Callable[[PayingCarPark, Clock], Booking]
) -> None:
    booking = ends(paying, clock)
    agreement.assert_agree(paying, booking)

    assert paying.read(booking).prepaid == 0
    assert held(paying, "prepaid", "revenue", "tax") == {
        "prepaid": 0, "revenue": -4237, "tax": -763,
    }  # fmt: skip


def test_an_advance_that_was_to_pay_back_earns_nothing(paying: PayingCarPark) -> None:
    booking = ahead(paying)
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    agreement.assert_agree(paying, booking)

    assert paying.read(booking).bill is None
    assert held(paying, "prepaid", "revenue", "tax", "refunded") == {
        "prepaid": 0, "revenue": 0, "tax": 0, "refunded": 0,
    }  # fmt: skip


def test_a_refund_that_fails_leaves_the_money_of_the_guest(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    gateway.refunds_are = "pending"
    booking = ahead(paying)
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    paying.hear(booking)
    gateway.decide_refunds("failed")
    agreement.assert_agree(paying, booking)

    assert paying.read(booking).prepaid == 5000
    assert held(paying, "revenue") == {"revenue": 0}


def test_what_goes_back_later_is_taken_off_revenue_and_tax(
    paying: PayingCarPark, clock: Clock
) -> None:
    booking = is_cancelled_late(paying, clock)
    for amount in ("0.01", "16.66", "33.33"):
        refunds.refund(paying.deps, paying.owner, booking.booking_id, amount, reason="goodwill")
        agreement.assert_agree(paying, booking)

    assert held(paying, "razorpay", "prepaid", "revenue", "tax", "refunded") == {
        "razorpay": 0, "prepaid": 0, "revenue": -4237, "tax": 0, "refunded": 4237,
    }  # fmt: skip


@pytest.mark.parametrize(("fee", "charged"), [(3000, 5000), (8000, 8000)])
def test_a_no_show_keeps_what_was_paid_beyond_its_fee(
    paying: PayingCarPark, clock: Clock, fee: int, charged: int
) -> None:
    paying.change_zone(paying.deps.catalogue.zone("zone-a"), tariff=replace(TAXED, no_show_fee=fee))
    booking = is_not_used(paying, clock)
    agreement.assert_agree(paying, booking)
    bill = paying.read(booking).bill

    assert bill is not None
    assert (bill.charged.minor, sum(line.amount.minor for line in bill.lines)) == (charged, charged)
    assert held(paying, "prepaid", "receivable") == {"prepaid": 0, "receivable": charged - 5000}


@pytest.mark.parametrize("ends", [is_cancelled_late, is_not_used])
def test_a_kept_fee_is_no_stay_to_check_out(
    paying: PayingCarPark, clock: Clock, ends: Callable[[PayingCarPark, Clock], Booking]
) -> None:
    booking = ends(paying, clock)

    for tender in (None, builders.cash()):
        with pytest.raises(errors.AlreadyEnded):
            check_out.check_out(paying.deps, paying.staff, booking.booking_id, tender=tender)


def test_dues_paid_after_a_failed_refund_leave_the_surplus_with_the_guest(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    paying.add_zone("timed", builders.TIMED)
    booking = paying.book_and_pay(zone="timed", minutes=60)
    gateway.refunds_are = "pending"
    refunds.refund(paying.deps, paying.owner, booking.booking_id, "20.00", reason="goodwill")
    paying.hear(booking)
    paying.enter(booking)
    clock.move(hours=2)
    sweeps.run(paying.deps, "auto-checkout")
    gateway.decide_refunds("failed")
    paying.hear(booking)
    paying.leave(booking)
    agreement.assert_agree(paying, booking)

    assert paying.read(booking).prepaid == 2000
