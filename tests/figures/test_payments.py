"""What a payment costs in requests to DynamoDB: at most two reads and one transaction a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.bookings import bookings
from chalicelib.services.core import pay_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, history, verifying, webhooks
from chalicelib.services.payments import paying as paying_page
from chalicelib.services.stays import exit_quotes, online_exits
from local.metering import Meter
from tests.clock import Clock
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway

Step = Callable[[], object]


@pytest.fixture
def paying(deps: Deps, clock: Clock, meter: Meter) -> PayingCarPark:
    """The small world, warm, where a fee can be paid online."""
    gateway = MemoryGateway(clock.now)
    car_park = PayingCarPark(replace(deps, gateways=Gateways(razorpay=lambda: gateway)), gateway)
    car_park.make_known(car_park.user)
    return car_park


def counted(meter: Meter, step: Step) -> dict[str, int]:
    meter.reset()
    step()
    return dict(meter.snapshot().requests)


def verified(paying: PayingCarPark) -> Step:
    paying.book_online()
    attempt_id = paying.gateway.attempt("order_1")
    signed = paying.gateway.checkout("order_1", attempt_id)
    return lambda: verifying.verify_checkout(
        paying.deps, paying.user, order_id="order_1", payment_id=attempt_id, signature=signed
    )


def received(paying: PayingCarPark) -> Step:
    paying.book_online()
    message = paying.gateway.message("order.paid", "order_1")
    return lambda: webhooks.receive(paying.deps, "razorpay", message.headers, message.body)


def asked(paying: PayingCarPark) -> Step:
    paying.book_online()
    paying.gateway.attempt("order_1")
    return lambda: asking.ask(paying.deps, "razorpay/order_1")


def asked_again(paying: PayingCarPark) -> Step:
    """Nothing is new."""
    paying.book_and_pay()
    return lambda: asking.ask(paying.deps, "razorpay/order_1")


def code_of_stay(paying: PayingCarPark) -> str:
    """The pass of a car that comes to the exit."""
    return paying.deps.tokens.qr(paying.enter(paying.book()))


def scan(paying: PayingCarPark, code: str) -> Step:
    online = TenderRequest(PaymentMethod.ONLINE)
    return lambda: online_exits.scan_exit(paying.deps, paying.staff, code, tender=online)


def quoted(paying: PayingCarPark) -> Step:
    code = code_of_stay(paying)
    return lambda: exit_quotes.quote_exit(paying.deps, paying.staff, code, plate=None)


def quoted_again(paying: PayingCarPark) -> Step:
    step = quoted(paying)
    step()
    return step


def scanned(paying: PayingCarPark) -> Step:
    return scan(paying, code_of_stay(paying))


def scanned_again(paying: PayingCarPark) -> Step:
    step = scanned(paying)
    step()
    return step


def scanned_after_payment(paying: PayingCarPark) -> Step:
    step = scanned_again(paying)
    paying.gateway.attempt("order_1")
    return step


def asked_at_exit(paying: PayingCarPark) -> Step:
    scanned_after_payment(paying)
    return lambda: asking.ask(paying.deps, "razorpay/order_1")


def verified_at_exit(paying: PayingCarPark) -> Step:
    booking = paying.enter(paying.book())
    scan(paying, paying.deps.tokens.qr(booking))()
    attempt_id = paying.gateway.attempt("order_1")
    signed = paying.gateway.checkout("order_1", attempt_id)
    return lambda: verifying.verify_checkout(
        paying.deps, paying.user, order_id="order_1", payment_id=attempt_id, signature=signed
    )


def let_out(paying: PayingCarPark) -> Step:
    code = code_of_stay(paying)
    return lambda: online_exits.let_out(paying.deps, paying.staff, code, reason="no network")


def cancelled(paying: PayingCarPark) -> Step:
    booking = paying.book_and_pay()
    return lambda: bookings.cancel(paying.deps, paying.user, booking.booking_id)


def _token(paying: PayingCarPark, booking: Booking) -> str:
    return pay_links.shown(paying.deps, booking.booking_id).rpartition("/")[2]


def looked(paying: PayingCarPark) -> Step:
    token = _token(paying, paying.book_online())
    return lambda: paying_page.look(paying.deps, token)


def pressed(paying: PayingCarPark) -> Step:
    """Its order is open since it was booked."""
    token = _token(paying, paying.book_online())
    return lambda: paying_page.pay(paying.deps, token)


def came_back(paying: PayingCarPark) -> Step:
    token = _token(paying, paying.book_online())
    paying.gateway.attempt("order_1")
    return lambda: paying_page.ask(paying.deps, token)


def history_of_many(paying: PayingCarPark) -> Step:
    for _ in range(3):
        paying.book_and_pay()
    return lambda: history.own(paying.deps, paying.user, limit=2, after=None)


def owing_nothing(paying: PayingCarPark) -> Step:
    return lambda: history.dues(paying.deps, paying.user)


READS = {"GetItem": 2}
COSTS: dict[str, tuple[Callable[[PayingCarPark], Step], dict[str, int]]] = {
    "book, to be paid online": (
        lambda paying: paying.book_online,
        {"Query": 1, "TransactWriteItems": 2},
    ),
    "book, in cash": (lambda paying: paying.book, {"Query": 1, "TransactWriteItems": 1}),
    "take a webhook": (received, {"TransactWriteItems": 1}),
    "ask, and book": (asked, READS | {"TransactWriteItems": 1}),
    "ask, nothing new": (asked_again, READS),
    "verify, and book": (verified, READS | {"TransactWriteItems": 1}),
    "present the bill at the exit": (quoted, {"GetItem": 1, "TransactWriteItems": 1}),
    "present it again": (quoted_again, {"GetItem": 1}),
    "scan at the exit, to be paid online": (scanned, {"GetItem": 1, "TransactWriteItems": 2}),
    "scan again, nothing new": (scanned_again, {"GetItem": 1}),
    "scan again, paid": (scanned_after_payment, {"GetItem": 1, "TransactWriteItems": 2}),
    "ask, and end the stay": (asked_at_exit, READS | {"TransactWriteItems": 1}),
    "verify, and end the stay": (verified_at_exit, READS | {"TransactWriteItems": 1}),
    "let a car out": (let_out, {"GetItem": 1, "TransactWriteItems": 1}),
    "look at the page of a pay link": (looked, {"GetItem": 1}),
    "press its button": (pressed, {"GetItem": 1}),
    "come back to it from the gateway": (came_back, {"GetItem": 1, "TransactWriteItems": 1}),
    "list own payments": (history_of_many, {"Query": 1}),
    "list own dues, with none": (owing_nothing, {"GetItem": 1}),
    "cancel, with a refund": (cancelled, {"GetItem": 1, "TransactWriteItems": 1}),
}


@pytest.mark.parametrize("name", COSTS)
def test_a_step_of_a_payment_costs_what_the_page_says(
    paying: PayingCarPark, meter: Meter, name: str
) -> None:
    arrange, expected = COSTS[name]

    assert counted(meter, arrange(paying)) == expected
