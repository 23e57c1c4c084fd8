"""Operations to measure: payments online, as the services ask for them. Each gateway call is made
once; it costs nothing in DynamoDB."""

from __future__ import annotations

from typing import Final

from chalicelib import sweeps
from chalicelib.services.bookings import bookings
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.services.payments import asking, orders, refunds, settlements, verifying, webhooks
from tests import builders
from tests.clock import Clock
from tests.figures.measure import Step, warm
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.world import World

OPEN: Final = 20
"""Orders that are left open."""


def _car_park(world: World, clock: Clock) -> PayingCarPark:
    """The lot, warm, where a fee can be paid online."""
    return PayingCarPark.of(warm(world), MemoryGateway(clock.now))


def book(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    return lambda: paying.book_online(zone="lot")


def ask_for_the_order(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    booking = paying.book_online(zone="lot")
    return lambda: orders.open_order(paying.deps, paying.user, booking.booking_id)


def take_a_message(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    paying.book_online(zone="lot")
    message = paying.gateway.message("order.paid", "order_1")
    return lambda: webhooks.receive(paying.deps, "razorpay", message.headers, message.body)


def hear_of_a_payment(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    paying.book_online(zone="lot")
    paying.gateway.attempt("order_1")
    return lambda: asking.ask(paying.deps, "razorpay/order_1")


def hear_nothing_new(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    paying.book_and_pay(zone="lot")
    return lambda: asking.ask(paying.deps, "razorpay/order_1")


def verify(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    paying.book_online(zone="lot")
    attempt_id = paying.gateway.attempt("order_1")
    signed = paying.gateway.checkout("order_1", attempt_id)
    return lambda: verifying.verify_checkout(
        paying.deps, paying.user, order_id="order_1", payment_id=attempt_id, signature=signed
    )


def book_again_late(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    booking = paying.book_online(zone="lot", minutes=120)
    clock.move(minutes=16)
    bookings.get(paying.deps, paying.user, booking.booking_id)
    paying.gateway.attempt("order_1")
    return lambda: asking.ask(paying.deps, "razorpay/order_1")


def cancel(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    booking = paying.book_and_pay(zone="lot")
    return lambda: bookings.cancel(paying.deps, paying.user, booking.booking_id)


def pay_back(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    booking = paying.book_and_pay(zone="lot")
    return lambda: refunds.refund(
        paying.deps, paying.owner, booking.booking_id, "20.00", reason="goodwill"
    )


def make_a_refund(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    booking = paying.book_and_pay(zone="lot")
    reference = paying.payment(booking).reference
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    return lambda: asking.ask(paying.deps, reference)


def ask_about_open_orders(world: World, clock: Clock) -> Step:
    paying = _car_park(world, clock)
    paying.add_zone("wide", builders.METERED, spaces=OPEN)
    held = [paying.book_online(zone="wide", minutes=120) for _ in range(OPEN)]
    clock.move(minutes=26)
    for booking in held:
        bookings.get(paying.deps, paying.user, booking.booking_id)
    report = SweepReport()
    settlements.sweep(paying.deps, report, dry_run=False, out_of_time=lambda: False)
    return lambda: sweeps.run(paying.deps, "reconcile")
