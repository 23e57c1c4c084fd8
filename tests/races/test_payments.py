"""Messages, people and sweeps at one payment at the same moment: money counts once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.payments.tender import TenderRequest
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, orders, refunds, webhooks
from chalicelib.services.stays import exit_quotes, online_exits
from tests import builders
from tests.clock import Clock
from tests.payments import agreement
from tests.payments.car_park import ONLINE, PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.races.crowd import rush

pytestmark = pytest.mark.engine2


@pytest.fixture
def paying(deps: Deps, clock: Clock) -> PayingCarPark:
    gateway = MemoryGateway(clock.now)
    return PayingCarPark(replace(deps, gateways=Gateways(razorpay=lambda: gateway)), gateway)


def ask(paying: PayingCarPark, booking: Booking) -> object:
    return asking.ask(paying.deps, paying.payment(booking).reference)


def test_a_payment_that_many_messages_tell_of_at_once_books_once(paying: PayingCarPark) -> None:
    booking = paying.book_online()
    paying.gateway.attempt("order_1")
    rush([partial(ask, paying, booking)] * 5)

    stored = paying.read(booking)
    assert (stored.status, stored.paid) == (Status.BOOKED, 5000)
    assert len(paying.ledger()) == 1
    agreement.assert_agree(paying, booking)


def test_a_message_that_comes_many_times_at_once_is_stored_once(paying: PayingCarPark) -> None:
    paying.book_online()
    message = paying.gateway.message("order.paid", "order_1")
    outcome = rush(
        [partial(webhooks.receive, paying.deps, "razorpay", message.headers, message.body)] * 4
    )

    assert (len(outcome.answers), outcome.codes) == (4, {})


def test_cash_and_a_capture_at_once_pay_a_debt_once(paying: PayingCarPark, clock: Clock) -> None:
    paying.add_zone("timed", builders.TIMED)
    stay = paying.book(zone="timed", minutes=60)
    paying.enter(stay)
    clock.move(minutes=61)
    bookings.get(paying.deps, paying.user, stay.booking_id)
    orders.open_order(paying.deps, paying.user, stay.booking_id)
    paying.gateway.attempt("order_1")
    rush([partial(ask, paying, stay), partial(paying.leave, stay)])

    agreement.assert_agree(paying, stay)
    assert (paying.read(stay).payment_status, paying.read(stay).kept) == ("paid", 5000)


def test_a_cancellation_and_a_capture_at_once_keep_no_money_of_a_hold(
    paying: PayingCarPark,
) -> None:
    booking = paying.book_online()
    paying.gateway.attempt("order_1")
    rush(
        [
            partial(ask, paying, booking),
            partial(bookings.cancel, paying.deps, paying.user, booking.booking_id),
        ]
    )

    agreement.assert_agree(paying, booking)
    assert paying.read(booking).status is Status.CANCELLED
    assert paying.gateway.balance == 0


@pytest.fixture
def stay(paying: PayingCarPark, clock: Clock) -> Booking:
    """A stay of 66 minutes, which costs 100.00."""
    booking = paying.enter(paying.book())
    clock.move(minutes=66)
    return booking


def scan(paying: PayingCarPark, stay: Booking) -> object:
    code = paying.deps.tokens.qr(stay)
    return online_exits.scan_exit(paying.deps, paying.staff, code, tender=TenderRequest(ONLINE))


def let_out(paying: PayingCarPark, stay: Booking) -> object:
    code = paying.deps.tokens.qr(stay)
    return online_exits.let_out(paying.deps, paying.staff, code, reason="no network")


def test_two_gates_that_scan_one_pass_await_one_payment(
    paying: PayingCarPark, stay: Booking
) -> None:
    outcome = rush([partial(scan, paying, stay)] * 4)

    assert (len(outcome.answers), outcome.codes) == (4, {})
    assert len(paying.gateway.orders) == len(paying.read(stay).payments) == 1


def test_two_gates_that_scan_a_paid_pass_let_one_car_out(
    paying: PayingCarPark, stay: Booking
) -> None:
    scan(paying, stay)
    paying.pay(stay)
    outcome = rush([partial(scan, paying, stay)] * 3)

    assert (len(outcome.answers), outcome.codes) == (1, {"ALREADY_ENDED": 2})


def test_cash_and_a_capture_at_once_pay_an_exit_once(paying: PayingCarPark, stay: Booking) -> None:
    scan(paying, stay)
    paying.gateway.attempt("order_1")
    rush([partial(ask, paying, stay), partial(paying.leave, stay), partial(scan, paying, stay)])

    agreement.assert_agree(paying, stay)
    over = paying.read(stay)
    assert (over.status, over.payment_status, over.kept) == (Status.COMPLETED, "paid", 10000)


def test_letting_out_and_a_capture_at_once_leave_nothing_due(
    paying: PayingCarPark, stay: Booking
) -> None:
    scan(paying, stay)
    paying.gateway.attempt("order_1")
    rush([partial(ask, paying, stay), partial(let_out, paying, stay)])

    agreement.assert_agree(paying, stay)
    over = paying.read(stay)
    assert (over.status, over.payment_status, over.kept) == (Status.COMPLETED, "paid", 10000)


def test_an_order_of_the_app_and_a_scan_at_once_await_one_payment(
    paying: PayingCarPark, stay: Booking
) -> None:
    code = paying.deps.tokens.qr(stay)
    exit_quotes.quote_exit(paying.deps, paying.staff, code, plate=None)
    rush(
        [
            partial(orders.open_order, paying.deps, paying.user, stay.booking_id),
            partial(scan, paying, stay),
        ]
    )

    stored = paying.read(stay)
    assert sum(payment.is_awaited for payment in stored.payments) == 1
    paying.pay(stay)
    agreement.assert_agree(paying, stay)


def test_refunds_at_once_never_pay_back_more_than_came_in(paying: PayingCarPark) -> None:
    booking = paying.book_and_pay()
    pay_back = partial(refunds.refund, paying.deps, paying.owner, booking.booking_id)
    outcome = rush([partial(pay_back, "30.00", reason="goodwill")] * 3)

    assert (len(outcome.answers), outcome.codes) == (1, {"REFUND_TOO_HIGH": 2})
    agreement.assert_agree(paying, booking)
    assert paying.gateway.balance == 2000
