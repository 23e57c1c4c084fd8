"""Every way in which the messages of a payment can arrive. Booking, ledger and the book of an
emulated gateway are one value; the real services and the real adapter lead from one to the next.

What a step leads to is worked out once for each value that it begins at. So all orders of messages
are walked for the price of the values that differ.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any, Final, TypeVar

from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, verifying, webhooks
from local.payments import phonepe_book, razorpay_book
from tests.clock import Clock
from tests.faults.wire import Died
from tests.payments import agreement
from tests.payments.in_process import Letter
from tests.payments.memory_books import Kept, MemoryBooks
from tests.world import World

T = TypeVar("T")
STATES: Final = ("intended", "open", "closed", "captured")
REFUNDS: Final = ("pending", "failed", "processed")


@dataclass(frozen=True)
class Moment:
    """What Berth has stored of the payment, the clock, and the book of the gateway."""

    kept: Kept
    now: datetime
    book: bytes


@dataclass(frozen=True)
class Outcome:
    """Where a step leads: the number of a moment, the messages that the gateway has sent, and the
    tasks that wait."""

    moment: int
    sent: tuple[int, ...] = ()
    tasks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Node:
    """A point of a path: a moment, by number; which messages were sent, and which of them have
    come; the tasks that wait, and how much of the payment's life is over."""

    moment: int
    sent: frozenset[int] = frozenset()
    come: frozenset[int] = frozenset()
    tasks: frozenset[str] = frozenset()
    lived: int = 0


class Till:
    """A gateway with its emulator, and a store in memory. After `left` more calls to either the
    process dies; None: it lives."""

    def __init__(self, world: World, clock: Clock, name: GatewayName) -> None:
        self.clock, self.name = clock, name
        self.user, self.owner = world.user, world.owner
        self.left: int | None = None
        self.store = MemoryBooks(self.passes)
        self.deps: Deps = replace(
            world.deps,
            commit=self.store.commit,
            bookings=self.store,  # type: ignore[arg-type]
            payment_orders=self.store,  # type: ignore[arg-type]
            random_bits=lambda bits: 0,
        )
        self.emulator: Any = None
        self._moments: list[Moment] = []
        self._numbers: dict[Moment, int] = {}
        self._letters: list[Letter] = []
        self._events: dict[int, str] = {}
        self._received: dict[tuple[int, bool], tuple[str, ...]] = {}
        self._agreeing: set[int] = set()
        self._outcomes: dict[tuple[int, str, int | None], Outcome | None] = {}

    def connect(self, emulator: Any, gateway: Any) -> None:
        """Pay through this gateway from now on."""
        self.emulator = emulator
        loads: dict[str, Callable[[], Any]] = {self.name: lambda: gateway}
        self.deps = replace(self.deps, gateways=Gateways(**loads))

    def passes(self, call: Callable[[], T]) -> T:
        """Make a call, if the process still lives."""
        if self.left == 0:
            raise Died
        if self.left is not None:
            self.left -= 1
        return call()

    @property
    def booking(self) -> Booking:
        found = self.store.kept.booking
        assert found is not None
        return found

    @property
    def payment(self) -> Payment:
        return self.booking.payments[-1]

    @property
    def steps_taken(self) -> int:
        return len(self._outcomes)

    def now(self) -> Outcome:
        """The present moment, and what has left since the last look."""
        tasks = frozenset(self.store.kept.tasks)
        kept = replace(self.store.kept, messages=frozenset(), tasks=())
        moment = Moment(kept, self.clock.now(), pickle.dumps(self.emulator.book))
        number = self._numbers.setdefault(moment, len(self._moments))
        if number == len(self._moments):
            self._moments.append(moment)
        sent = []
        for letter in self.emulator.deliveries.taken():
            if letter not in self._letters:
                self._letters.append(letter)
            sent.append(self._letters.index(letter))
        return Outcome(number, tuple(sent), tasks)

    def go_to(self, number: int) -> None:
        """Make a moment the present one."""
        moment = self._moments[number]
        self.store.kept = moment.kept
        self.clock.set(moment.now)
        self.emulator.book = pickle.loads(moment.book)

    def after(
        self, number: int, name: str, act: Callable[[], object], left: int | None = None
    ) -> Outcome | None:
        """Where an act leads from a moment, if the process makes `left` calls and dies. None where
        the act is over before."""
        key = number, name, left
        if key not in self._outcomes:
            self.go_to(number)
            self.left = left
            try:
                with suppress(errors.Refusal, razorpay_book.Refused, phonepe_book.Refused):
                    act()
                is_over = left is not None
            except Died:
                is_over = False
            self.left = None
            found = self.now()
            _check_forward(self._moments[number].kept, self._moments[found.moment].kept)
            self._outcomes[key] = None if is_over else found
        return self._outcomes[key]

    # -- what arrives

    def arrives(self, node: Node, nth: int) -> tuple[Node, tuple[str, ...]]:
        """A message arrives: it is stored with the task that asks, or has come before."""
        is_copy = self._event(nth) in {self._event(each) for each in node.come}
        if (nth, is_copy) not in self._received:
            self._received[nth, is_copy] = self._receive(nth, is_copy)
        return replace(node, come=node.come | {nth}), self._received[nth, is_copy]

    def _receive(self, nth: int, is_copy: bool) -> tuple[str, ...]:
        """The tasks that a message brings. A copy brings none."""
        before = self.store.kept
        come = frozenset({self._event(nth)} if is_copy else ())
        self.store.kept = replace(before, messages=come, tasks=())
        headers, body = self._letters[nth]
        webhooks.receive(self.deps, self.name, dict(headers), body)
        tasks = self.store.kept.tasks
        assert self.store.kept.messages == {self._event(nth)}
        assert len(tasks) == (not is_copy)
        self.store.kept = before
        return tasks

    def _event(self, nth: int) -> str:
        """The name under which a message is stored."""
        if nth not in self._events:
            headers, body = self._letters[nth]
            gateway = self.deps.gateways.find(self.name)
            assert gateway is not None
            event = gateway.read_event(dict(headers), body)
            self._events[nth] = f"{self.name}/{event.event_id}"
        return self._events[nth]

    def asked(self, node: Node, task: str) -> Iterator[Node]:
        """A task asks the gateway: it runs to its end, or dies at any call and waits again."""
        yield from self._ways(node, f"ask {task}", lambda: asking.ask(self.deps, task), task)

    def verified(self, node: Node) -> Iterator[Node]:
        """The customer's client says that it has paid; the process may die at any call."""
        yield from self._ways(node, "verify", self._verify, None)

    def _verify(self) -> None:
        payment = self.payment
        if self.name == "phonepe":
            verifying.ask_about(self.deps, self.user, self.booking.booking_id)
            return
        order = self.emulator.book.orders.get(payment.order_id)
        if order is None or not order.payments:
            return
        attempt_id = order.payments[-1].payment_id
        signature = self.emulator.signed_by_checkout(order.order_id, attempt_id)
        verifying.verify_checkout(
            self.deps, self.user, order_id=order.order_id, payment_id=attempt_id,
            signature=signature,
        )  # fmt: skip

    def _ways(
        self, node: Node, name: str, act: Callable[[], object], task: str | None
    ) -> Iterator[Node]:
        waits = frozenset() if task is None else frozenset({task})
        for left in count():
            died = self.after(node.moment, name, act, left)
            if died is None:
                break
            yield _joined(node, died, node.tasks | waits)
        whole = self.after(node.moment, name, act)
        assert whole is not None
        yield _joined(node, whole, node.tasks - waits)

    def lives_on(self, node: Node, step: tuple[str, Callable[[Till], object]]) -> Node:
        """A step of the payment's life."""
        name, act = step
        whole = self.after(node.moment, name, lambda: act(self))
        assert whole is not None
        return replace(_joined(node, whole, node.tasks), lived=node.lived + 1)

    # -- the end

    def drained(self, node: Node) -> Node:
        """After all tasks have run to their end."""
        while node.tasks:
            *_, node = self.asked(node, min(node.tasks))
        return node

    def check_end(self, node: Node) -> Booking:
        """The booking at the end: once the tasks have run, and the gateway was asked without any
        message where some have not come, all agree."""
        node = self.drained(node)
        if not node.sent <= node.come:
            for _ in range(2):
                *_, node = self.asked(node, self._moments[node.moment].kept.reference)
                node = self.drained(node)
        self._check_agreement(node.moment)
        booking = self._moments[node.moment].kept.booking
        assert booking is not None
        return booking

    def _check_agreement(self, number: int) -> None:
        """Booking, ledger and emulator agree."""
        if number in self._agreeing:
            return
        self._agreeing.add(number)
        self.go_to(number)
        booking = self.booking
        assert books.faults_of(booking, self.store.kept.ledger) == ()
        assert booking.kept >= 0
        agreement.check_purpose(booking)
        charged = sum(payment.fees for payment in booking.payments)
        balance = BALANCES[self.name](self.emulator.book)
        assert books.at_gateways(booking)[self.name] + charged == balance, booking
        refunds = (refund for payment in booking.payments for refund in payment.refunds)
        failed = {refund.reference for refund in refunds if refund.state == "failed"}
        assert self.store.kept.cases == {f"refund {name} has failed" for name in failed}, booking


def _joined(node: Node, found: Outcome, tasks: frozenset[str]) -> Node:
    return replace(
        node,
        moment=found.moment,
        sent=node.sent.union(found.sent),
        tasks=tasks | found.tasks,
    )


def _check_forward(before: Kept, after: Kept) -> None:
    """Nothing that was known is lost, and no state moves backwards."""
    if before.booking is None:
        return
    assert after.booking is not None
    assert after.booking.paid >= before.booking.paid
    assert after.ledger[: len(before.ledger)] == before.ledger
    assert books.faults_of(after.booking, after.ledger) == ()
    for one, other in zip(before.booking.payments, after.booking.payments, strict=False):
        assert STATES.index(one.state) <= STATES.index(other.state)
        kept = {refund.reference or refund.refund_id: refund for refund in other.refunds}
        for refund in one.refunds:
            now = kept[refund.reference or refund.refund_id]
            assert REFUNDS.index(refund.state) <= REFUNDS.index(now.state)


def _at_razorpay(book: Any) -> int:
    payments = (each for order in book.orders.values() for each in order.payments)
    return sum(each.amount - book.paid_back(each) for each in payments if each.captured_at)


def _at_phonepe(book: Any) -> int:
    return sum(book.left_of(o) for o in book.orders.values() if o.state == "COMPLETED")


BALANCES: Final[Mapping[GatewayName, Callable[[Any], int]]] = {
    "razorpay": _at_razorpay,
    "phonepe": _at_phonepe,
}
"""The money that lies at each emulated gateway, in minor units."""
