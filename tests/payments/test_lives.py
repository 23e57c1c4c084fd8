"""Random lives of bookings that are paid online: the books agree whatever happens."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import sweeps
from chalicelib.domain.core import errors
from chalicelib.domain.payments.tender import TenderRequest
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, orders, refunds, settlements
from chalicelib.services.stays import exit_quotes, online_exits
from tests import builders
from tests.backend import Backend
from tests.clock import Clock
from tests.payments import agreement
from tests.payments.car_park import ONLINE, PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.world import World

MOST_BOOKINGS: Final = 4
ONLINE_EXIT: Final = TenderRequest(ONLINE)


class Life:
    """A car park, its gateway, and the bookings made so far; each act concerns one of them."""

    def __init__(self, paying: PayingCarPark, clock: Clock) -> None:
        self.paying, self.clock = paying, clock
        self.ids: list[str] = []

    def does(self, act: str, which: int) -> None:
        """Take one act; what is not possible is refused."""
        if act == "book" or not self.ids:
            if len(self.ids) < MOST_BOOKINGS:
                with contextlib.suppress(errors.Refusal):
                    self.ids.append(self.paying.book_online().booking_id)
            return
        with contextlib.suppress(errors.Refusal):
            ACTS[act](self, self.ids[which % len(self.ids)])

    def order_of(self, booking_id: str) -> str | None:
        payments = self.paying.deps.bookings.get(booking_id).payments
        return payments[-1].order_id if payments else None

    def _attempted(self, booking_id: str) -> tuple[str, str] | None:
        """The last attempt to pay the last order of a booking."""
        order_id = self.order_of(booking_id)
        attempts = self.paying.gateway.orders[order_id].attempts if order_id else ()
        return (order_id, attempts[-1].attempt_id) if order_id and attempts else None

    def pays(self, booking_id: str) -> None:
        if order_id := self.order_of(booking_id):
            self.paying.gateway.attempt(order_id, fee=100, tax=18)

    def tries(self, booking_id: str) -> None:
        if order_id := self.order_of(booking_id):
            self.paying.gateway.attempt(order_id, "failed")

    def pays_late(self, booking_id: str) -> None:
        """The last attempt, which may have failed, brings its money after all."""
        if found := self._attempted(booking_id):
            self.paying.gateway.become(*found, "captured")

    def pays_back_in_the_panel(self, booking_id: str) -> None:
        if (found := self._attempted(booking_id)) and self.paying.gateway.left(*found) >= 700:
            self.paying.gateway.refund_in_panel(*found, 700)

    def asks(self, booking_id: str) -> None:
        asking.ask(self.paying.deps, f"{booking_id}_1")

    def asks_unheard(self, booking_id: str) -> None:
        self.paying.gateway.breaks = [("refund", "after"), ("find_order", "before")]
        try:
            self.asks(booking_id)
        finally:
            self.paying.gateway.breaks = []

    def cancels(self, booking_id: str) -> None:
        bookings.cancel(self.paying.deps, self.paying.user, booking_id)

    def enters(self, booking_id: str) -> None:
        self.paying.enter(self.paying.deps.bookings.get(booking_id))

    def leaves(self, booking_id: str) -> None:
        self.paying.leave(self.paying.deps.bookings.get(booking_id))

    def scans(self, booking_id: str) -> None:
        """A scan at the exit, to be paid online."""
        online_exits.scan_exit(
            self.paying.deps, self.paying.staff, self._pass(booking_id), tender=ONLINE_EXIT
        )

    def is_quoted(self, booking_id: str) -> None:
        deps, staff = self.paying.deps, self.paying.staff
        exit_quotes.quote_exit(deps, staff, self._pass(booking_id), plate=None)

    def is_let_out(self, booking_id: str) -> None:
        deps, staff = self.paying.deps, self.paying.staff
        online_exits.let_out(deps, staff, self._pass(booking_id), reason="no network")

    def is_terminated(self, booking_id: str) -> None:
        bookings.terminate(self.paying.deps, self.paying.admin, booking_id, reason="fire")

    def _pass(self, booking_id: str) -> str:
        return self.paying.deps.tokens.qr(self.paying.deps.bookings.get(booking_id))

    def pays_first(self, booking_id: str) -> None:
        """The oldest order that nobody has paid is paid."""
        for payment in self.paying.deps.bookings.get(booking_id).payments:
            order = self.paying.gateway.orders.get(payment.order_id or "")
            if order is not None and not order.captured:
                self.paying.gateway.attempt(order.order_id, fee=100, tax=18)
                return

    def asks_all(self, booking_id: str) -> None:
        self.paying.hear(self.paying.deps.bookings.get(booking_id))

    def opens(self, booking_id: str) -> None:
        orders.open_order(self.paying.deps, self.paying.user, booking_id)

    def is_refunded(self, booking_id: str) -> None:
        refunds.refund(self.paying.deps, self.paying.owner, booking_id, "9.00", reason="goodwill")

    def decides(self, booking_id: str) -> None:
        self.paying.gateway.decide_refunds("processed" if booking_id[-1] < "H" else "failed")

    def waits(self, booking_id: str) -> None:
        self.clock.move(minutes=16)
        sweeps.run(self.paying.deps, "expire-bookings")

    def settles(self, booking_id: str) -> None:
        """The gateway pays out what has come in, and Berth compares the rows, twice."""
        today = self.paying.deps.now().date()
        self.paying.gateway.settle(today)
        for _ in range(2):
            settlements.compare(self.paying.deps, self.paying.gateway, today)

    def sweeps(self, booking_id: str) -> None:
        self.clock.move(minutes=90)
        sweeps.run(self.paying.deps, "auto-checkout")
        sweeps.run(self.paying.deps, "reconcile")


ACTS: Final[dict[str, Callable[[Life, str], None]]] = {
    "pay": Life.pays,
    "try": Life.tries,
    "pay late": Life.pays_late,
    "ask": Life.asks,
    "ask unheard": Life.asks_unheard,
    "cancel": Life.cancels,
    "enter": Life.enters,
    "leave": Life.leaves,
    "open": Life.opens,
    "scan": Life.scans,
    "quote": Life.is_quoted,
    "let out": Life.is_let_out,
    "refund": Life.is_refunded,
    "pay back in the panel": Life.pays_back_in_the_panel,
    "decide": Life.decides,
    "wait": Life.waits,
    "sweep": Life.sweeps,
    "settle": Life.settles,
}

EXITS: Final[dict[str, Callable[[Life, str], None]]] = ACTS | {
    "pay first": Life.pays_first,
    "ask all": Life.asks_all,
    "terminate": Life.is_terminated,
}

STEPS = st.tuples(st.sampled_from(["book", *ACTS]), st.integers(0, MOST_BOOKINGS - 1))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=8, max_size=30), st.sampled_from(["pending", "processed"]))
def test_the_books_agree_after_any_life(
    backend: Backend, deps: Deps, steps: list[tuple[str, int]], refunds_are: str
) -> None:
    backend.reset()
    gateway = MemoryGateway(backend.clock.now)
    gateway.refunds_are = "processed" if refunds_are == "processed" else "pending"
    paying = PayingCarPark.of(World(deps), gateway)
    life = Life(paying, backend.clock)
    for act, which in steps:
        life.does(act, which)

    agreement.assert_agree(paying, *(deps.bookings.get(each) for each in life.ids))


AT_EXIT: Final = (
    "scan", "scan", "quote", "pay", "pay first", "pay late", "try", "ask all", "open", "let out",
    "leave", "refund", "pay back in the panel", "decide", "wait", "wait", "sweep", "terminate",
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(AT_EXIT), min_size=4, max_size=16),
    st.booleans(),
    st.sampled_from(["zone-a", "timed"]),
)
def test_the_books_agree_after_any_exit(
    backend: Backend, deps: Deps, acts: list[str], is_prepaid: bool, zone: str
) -> None:
    """The life of one car, from its entry; its fee may have been paid online."""
    backend.reset()
    paying = PayingCarPark.of(World(deps), MemoryGateway(backend.clock.now))
    paying.add_zone("timed", builders.TIMED)
    booked = paying.book_and_pay(zone=zone) if is_prepaid else paying.book(zone=zone)
    booking_id = paying.enter(booked).booking_id
    backend.clock.move(minutes=57)
    life = Life(paying, backend.clock)
    for act in acts:
        with contextlib.suppress(errors.Refusal):
            EXITS[act](life, booking_id)

    agreement.assert_agree(paying, deps.bookings.get(booking_id))
