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
from chalicelib.domain.payments.tender import TenderRequest
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, orders
from chalicelib.services.stays import online_exits
from tests.backend import Backend
from tests.clock import Clock
from tests.faults.wire import Died, Wire, faults, tapped
from tests.payments import agreement
from tests.payments.car_park import ONLINE, PayingCarPark
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


def _stay(paying: PayingCarPark, clock: Clock) -> Booking:
    stay = paying.enter(paying.book())
    clock.move(minutes=66)
    return stay


def _scan(paying: PayingCarPark, stay: Booking) -> object:
    """Scan at the exit, to be paid online; a stay that has ended is no fault."""
    code = paying.deps.tokens.qr(stay)
    with contextlib.suppress(errors.StayEnded):
        return online_exits.scan_exit(paying.deps, paying.staff, code, tender=TenderRequest(ONLINE))
    return None


def _exit(paying: PayingCarPark, clock: Clock) -> tuple[Booking, Act]:
    """The scan is repeated once nobody can be creating the order any more."""
    stay = _stay(paying, clock)

    def act() -> object:
        clock.move(seconds=11)
        return _scan(paying, stay)

    return stay, act


def _paid_exit(paying: PayingCarPark, clock: Clock) -> tuple[Booking, Act]:
    """The stay is paid, and the scan repeated."""
    stay = _stay(paying, clock)
    _scan(paying, stay)
    paying.gateway.attempt("order_1")
    return stay, lambda: _scan(paying, stay)


def _exit_capture(paying: PayingCarPark, clock: Clock) -> tuple[Booking, Act]:
    stay = _stay(paying, clock)
    _scan(paying, stay)
    paying.gateway.attempt("order_1")
    return stay, lambda: asking.ask(paying.deps, "razorpay/order_1")


def _let_out(paying: PayingCarPark, clock: Clock) -> tuple[Booking, Act]:
    """The car is let out while its payment is under way."""
    stay = _stay(paying, clock)
    _scan(paying, stay)
    code = paying.deps.tokens.qr(stay)

    def act() -> object:
        online_exits.let_out(paying.deps, paying.staff, code, reason="no network")
        return asking.ask(paying.deps, "razorpay/order_1")

    return stay, act


STEPS: Final[dict[str, Step]] = {
    "exit": _exit,
    "exit, paid": _paid_exit,
    "capture at the exit": _exit_capture,
    "let out": _let_out,
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
