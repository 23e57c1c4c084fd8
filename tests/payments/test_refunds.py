"""Refunds by managers: partial, over several payments, by hand, and again after a failure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.services.bookings import bookings
from chalicelib.services.operations import shifts
from chalicelib.services.payments import orders, refunds
from tests import builders
from tests.clock import NOON, Clock
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway


def refund(paying: PayingCarPark, booking: Booking, amount: str | None = None) -> Booking:
    return refunds.refund(paying.deps, paying.owner, booking.booking_id, amount, reason="goodwill")


def a_stay_paid_half_online(paying: PayingCarPark, clock: Clock) -> Booking:
    """A stay of 150.00, of which the fee of 50.00 was paid online and 100.00 in cash."""
    booking = paying.book_and_pay()
    paying.enter(booking)
    clock.move(minutes=150)
    return paying.leave(booking).booking


def test_a_part_goes_back_through_the_gateway(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    booking = paying.book_and_pay()
    back = refund(paying, booking, "20.00")

    assert (back.kept, back.payment_status) == (3000, "partially_refunded")
    agreement.assert_agree(paying, booking)
    assert gateway.balance == 3000


def test_what_is_refunded_before_the_stay_is_paid_at_the_exit(
    paying: PayingCarPark, clock: Clock
) -> None:
    booking = paying.book_and_pay()
    refund(paying, booking, "20.00")
    paying.enter(booking)
    clock.move(minutes=150)
    left = paying.leave(booking)

    assert left.bill.amount_due.text() == "120.00"
    assert left.booking.kept == 15000
    agreement.assert_agree(paying, booking)


def test_what_came_by_card_and_in_cash_goes_back_the_same_ways(
    paying: PayingCarPark, gateway: MemoryGateway, clock: Clock
) -> None:
    stay = a_stay_paid_half_online(paying, clock)
    back = refund(paying, stay)

    assert (back.kept, back.by_hand, back.payment_status) == (0, 10000, "refunded")
    agreement.assert_agree(paying, stay)
    assert gateway.balance == 0
    held = books.sums(paying.ledger())
    assert (held["cash"], held["refunded"]) == (0, 15000)


def test_the_cash_of_a_refund_leaves_the_drawer_of_the_manager(
    paying: PayingCarPark, clock: Clock
) -> None:
    stay = a_stay_paid_half_online(paying, clock)
    refund(paying, stay)
    (entry,) = [entry for entry in paying.ledger() if entry.kind == "refunded"]

    assert entry.actor == paying.owner.account_id


def test_no_more_goes_back_than_came_in(paying: PayingCarPark) -> None:
    booking = paying.book_and_pay()
    refund(paying, booking, "30.00")

    for amount in ("20.01", "0.00", "1000.00"):
        with pytest.raises(errors.RefundTooHigh):
            refund(paying, booking, amount)
    with pytest.raises(errors.Invalid):
        refund(paying, booking, "20.00 USD")


def test_a_refund_that_fails_may_be_made_again(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    gateway.refunds_are = "pending"
    booking = paying.book_and_pay()
    refund(paying, booking)
    paying.hear(booking)
    gateway.decide_refunds("failed")
    failed = paying.hear(booking)
    assert (failed.kept, failed.timeline[-1].what) == (5000, "refund_failed")
    paying.hear(booking)
    (case,) = paying.deps.reviews.of_site("central", limit=10, after=None).records
    assert (case.booking_id, case.reason) == (
        booking.booking_id,
        f"refund {failed.payments[0].refunds[0].reference} has failed",
    )
    gateway.refunds_are = "processed"
    refund(paying, booking)
    agreement.assert_agree(paying, booking)

    assert paying.read(booking).kept == 0
    assert gateway.balance == 0


def test_a_booking_whose_refund_has_failed_is_not_called_refunded(
    paying: PayingCarPark, gateway: MemoryGateway
) -> None:
    gateway.refunds_are = "pending"
    booking = paying.book_and_pay()
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    assert paying.hear(booking).payment_status == "refunded"
    gateway.decide_refunds("failed")
    failed = paying.hear(booking)
    assert (failed.kept, failed.payment_status) == (5000, "partial")
    gateway.refunds_are = "processed"
    refund(paying, booking)
    paying.hear(booking)
    assert paying.read(booking).payment_status == "refunded"


def test_a_refund_in_the_panel_is_recorded(paying: PayingCarPark, gateway: MemoryGateway) -> None:
    booking = paying.book_and_pay()
    attempt_id = gateway.orders["order_1"].attempts[0].attempt_id
    gateway.refund_in_panel("order_1", attempt_id, 1500)
    paying.hear(booking)
    agreement.assert_agree(paying, booking)

    assert paying.read(booking).kept == 3500
    with pytest.raises(errors.RefundTooHigh):
        refund(paying, booking, "40.00")


def test_only_owners_of_the_site_pay_back(paying: PayingCarPark) -> None:
    booking = paying.book_and_pay()

    with pytest.raises(errors.Forbidden):
        refunds.refund(paying.deps, paying.staff, booking.booking_id, None, reason="goodwill")


# -- what is due after a stay -----------------------------------------------------------------------


def a_stay_left_due(paying: PayingCarPark, clock: Clock) -> Booking:
    paying.add_zone("timed", builders.TIMED)
    booking = paying.book(zone="timed", minutes=60)
    paying.enter(booking)
    clock.move(minutes=61)
    return bookings.get(paying.deps, paying.user, booking.booking_id)


def test_what_is_due_is_paid_online(paying: PayingCarPark, clock: Clock) -> None:
    stay = a_stay_left_due(paying, clock)
    opened = orders.open_order(paying.deps, paying.user, stay.booking_id)
    assert opened.payment.amount.text() == "50.00"
    paid = paying.pay(stay)

    assert paid.payment_status == "paid"
    agreement.assert_agree(paying, stay)
    assert paying.book().status == "booked"


def test_what_is_paid_in_cash_meanwhile_goes_back(paying: PayingCarPark, clock: Clock) -> None:
    stay = a_stay_left_due(paying, clock)
    orders.open_order(paying.deps, paying.user, stay.booking_id)
    paying.leave(stay)
    paid = paying.pay(stay)

    assert (paid.payment_status, paid.kept) == ("paid", 5000)
    agreement.assert_agree(paying, stay)
    assert paying.gateway.balance == 0


def test_an_order_that_is_over_is_replaced(paying: PayingCarPark, clock: Clock) -> None:
    stay = a_stay_left_due(paying, clock)
    first = orders.open_order(paying.deps, paying.user, stay.booking_id)
    again = orders.open_order(paying.deps, paying.user, stay.booking_id)
    clock.move(minutes=15)
    later = orders.open_order(paying.deps, paying.user, stay.booking_id)

    assert first.payment.order_id == again.payment.order_id == "order_1"
    assert later.payment.order_id == "order_2"
    for order_id in ("order_1", "order_2"):
        paying.gateway.attempt(order_id)
    agreement.assert_agree(paying, stay)
    assert paying.read(stay).kept == 5000


def test_nothing_is_paid_where_nothing_is_due(paying: PayingCarPark) -> None:
    booking = paying.book_and_pay()
    with pytest.raises(errors.NothingDue):
        orders.open_order(paying.deps, paying.user, booking.booking_id)
    cancelled = paying.book_online(start=NOON + timedelta(hours=3))
    bookings.cancel(paying.deps, paying.user, cancelled.booking_id)
    with pytest.raises(errors.AlreadyEnded):
        orders.open_order(paying.deps, paying.user, cancelled.booking_id)


# -- the drawer -------------------------------------------------------------------------------------


def test_cash_that_is_paid_back_leaves_the_open_shift_of_the_one_who_pays_it(
    paying: PayingCarPark, clock: Clock
) -> None:
    of_staff, of_owner = (
        shifts.open_shift(paying.deps, each, "central", "500", source_ip="-")
        for each in (paying.staff, paying.owner)
    )
    refund(paying, a_stay_paid_half_online(paying, clock))
    taken = [
        shifts.report(paying.deps, paying.owner, each.shift_id).cash_taken.text()
        for each in (of_staff, of_owner)
    ]

    assert taken == ["100.00", "-100.00"]


def test_cash_that_is_paid_back_outside_a_shift_is_in_no_drawer(
    paying: PayingCarPark, clock: Clock
) -> None:
    shift = shifts.open_shift(paying.deps, paying.staff, "central", "500", source_ip="-")
    refund(paying, a_stay_paid_half_online(paying, clock))
    report = shifts.report(paying.deps, paying.owner, shift.shift_id)

    assert report.cash_taken.text() == "100.00"
    assert books.sums(paying.ledger())["cash"] == 0
