"""The process dies before or after any call, to DynamoDB or to the gateway: once it has gone on,
booking, ledger and gateway agree."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, orders
from tests.backend import Backend
from tests.clock import Clock
from tests.faults.wire import Died, Wire, faults, tapped
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway, Moment
from tests.world import World

Act = Callable[[], object]
Step = Callable[[PayingCarPark, Clock], tuple[Booking, Act]]


def _open_again(paying: PayingCarPark, clock: Clock) -> tuple[Booking, Act]:
    """The order is asked for after the gateway gave no answer at the booking."""
    paying.gateway.breaks.append(("create_order", "before"))
    booking = paying.book_online()
    return booking, lambda: orders.open_order(paying.deps, paying.user, booking.booking_id)


def _capture(paying: PayingCarPark, clock: Clock) -> tuple[Booking, Act]:
    booking = paying.book_online()
    paying.gateway.attempt("order_1")
    return booking, lambda: asking.ask(paying.deps, "razorpay/order_1")


def _late_capture(paying: PayingCarPark, clock: Clock) -> tuple[Booking, Act]:
    """The payment comes after the hold has lapsed, and books again."""
    start = paying.deps.now() + timedelta(hours=2)
    booking = paying.book_online(start=start)
    clock.move(minutes=16)
    bookings.get(paying.deps, paying.user, booking.booking_id)
    paying.gateway.attempt("order_1")
    return booking, lambda: asking.ask(paying.deps, "razorpay/order_1")


def _refund(paying: PayingCarPark, clock: Clock) -> tuple[Booking, Act]:
    booking = paying.book_and_pay()
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    return booking, lambda: asking.ask(paying.deps, "razorpay/order_1")


STEPS: Final[dict[str, Step]] = {
    "open again": _open_again,
    "capture": _capture,
    "late capture": _late_capture,
    "refund": _refund,
}


def arranged(backend: Backend, deps: Deps, step: Step) -> tuple[PayingCarPark, Booking, Act]:
    backend.reset()
    gateway = MemoryGateway(backend.clock.now)
    paying = PayingCarPark.of(World(deps), gateway)
    booking, act = step(paying, backend.clock)
    return paying, booking, act


@pytest.fixture
def wire(backend: Backend, deps: Deps) -> Iterator[Wire]:
    with tapped(deps) as tap:
        yield tap


@pytest.mark.parametrize("name", STEPS)
def test_the_books_agree_after_any_call_to_the_store_broke(
    backend: Backend, deps: Deps, wire: Wire, name: str
) -> None:
    _, _, act = arranged(backend, deps, STEPS[name])
    with wire.breaking(0, None):
        act()
    calls = len(wire.calls)
    assert calls > 1
    for at in range(calls):
        for fault in faults(at):
            paying, booking, act = arranged(backend, deps, STEPS[name])
            with wire.breaking(at, fault), contextlib.suppress(Died, Exception):
                act()
            act()
            agreement.assert_agree(paying, booking)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("name", STEPS)
def test_the_books_agree_after_any_call_to_the_gateway_broke(
    backend: Backend, deps: Deps, name: str, moment: Moment
) -> None:
    paying, _, act = arranged(backend, deps, STEPS[name])
    before = len(paying.gateway.calls)
    act()
    calls = paying.gateway.calls[before:]
    assert calls
    for call in calls:
        paying, booking, act = arranged(backend, deps, STEPS[name])
        paying.gateway.breaks.append((call, moment))
        with contextlib.suppress(errors.Unavailable):
            act()
        act()
        assert len(paying.gateway.orders) == 1
        agreement.assert_agree(paying, booking)
