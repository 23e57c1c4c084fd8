"""Messages, people and sweeps at one payment at the same moment: money counts once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, orders, refunds, webhooks
from tests import builders
from tests.clock import Clock
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark
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


def test_refunds_at_once_never_pay_back_more_than_came_in(paying: PayingCarPark) -> None:
    booking = paying.book_and_pay()
    pay_back = partial(refunds.refund, paying.deps, paying.owner, booking.booking_id)
    outcome = rush([partial(pay_back, "30.00", reason="goodwill")] * 3)

    assert (len(outcome.answers), outcome.codes) == (1, {"REFUND_TOO_HIGH": 2})
    agreement.assert_agree(paying, booking)
    assert paying.gateway.balance == 2000
