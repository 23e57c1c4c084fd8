"""Messages in every order and number, with a death of the process at any call: booking, ledger and
emulated gateway agree at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.bookings.order import Order
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.services.bookings import bookings
from chalicelib.services.payments import advance, orders, refunds
from local.payments.razorpay_book import Act
from tests.clock import NOON, Clock
from tests.payments import in_process
from tests.payments.car_park import ONLINE
from tests.payments.paths import Node, Till
from tests.world import World

Step = tuple[str, Callable[[Till], object]]

EXAMPLES: Final = 60 if os.environ.get("HYPOTHESIS_PROFILE", "ci") == "ci" else 5_000

MOST: Final = 5
"""Messages that are walked in every order."""


def payer(act: Act) -> Step:
    return act, lambda till: till.emulator.act(till.payment.order_id, act)


def time(**passes: float) -> Step:
    def move(till: Till) -> None:
        till.clock.move(**passes)
        till.emulator.tick()

    return f"time {passes}", move


def _refund_in_panel(till: Till) -> None:
    """A person pays back a part in the panel, if the payment was captured."""
    for order in till.emulator.book.orders.values():
        for payment in order.payments:
            till.emulator.refund_in_panel(payment.payment_id, 2000)


def _fail(till: Till) -> None:
    till.emulator.book.failing_refunds = 1


def _capture_twice(till: Till) -> None:
    till.emulator.book.captures_twice = True


def _cancel(till: Till) -> None:
    bookings.cancel(till.deps, till.user, till.booking.booking_id)


def _open(till: Till) -> None:
    orders.open_order(till.deps, till.user, till.booking.booking_id)


def _refund(till: Till) -> None:
    refunds.refund(till.deps, till.owner, till.booking.booking_id, "20.00", reason="goodwill")


CANCEL: Final[Step] = "cancel", _cancel
REFUND: Final[Step] = "refund", _refund
PANEL: Final[Step] = "panel", _refund_in_panel
OPEN: Final[Step] = "open", _open
FAIL: Final[Step] = "fail", _fail
TWICE: Final[Step] = "twice", _capture_twice

End = tuple[str, int, int]
"""The status of a booking, what came in, and what of it went back."""


@dataclass(frozen=True)
class Life:
    """What happens to a payment, and where the paths end that see all of it. A refund or a
    cancellation that comes before Berth has heard of the money is refused; a refund that was asked
    for late is still under way."""

    gateway: GatewayName
    steps: tuple[Step, ...]
    ends: frozenset[End]


LIVES: Final[Mapping[str, Life]] = {
    "late, and a part paid back in the panel": Life(
        "razorpay",
        (payer("wait"), time(minutes=11), payer("bank_pays"), PANEL, time(hours=2)),
        frozenset({("booked", 5000, 2000)}),
    ),
    "paid and cancelled": Life(
        "razorpay",
        (payer("fail"), payer("pay"), CANCEL, time(hours=2)),
        frozenset({("cancelled", 5000, 5000)}),
    ),
    "paid twice": Life(
        "razorpay",
        (TWICE, payer("wait"), payer("pay"), payer("bank_pays")),
        frozenset({("booked", 10000, 5000)}),
    ),
    "heard of after its hold, and a refund fails": Life(
        "razorpay",
        (payer("wait"), time(minutes=14), payer("bank_pays"), time(minutes=2), FAIL, REFUND, time(hours=3)),
        frozenset({("booked", 5000, 0), ("booked", 5000, 2000)}),
    ),
    "PhonePe: a refund fails and is made again": Life(
        "phonepe",
        (payer("fail"), payer("pay"), FAIL, REFUND, time(hours=3), REFUND),
        frozenset({("booked", 5000, 0), ("booked", 5000, 2000), ("booked", 5000, 4000)}),
    ),
    "PhonePe: after its hold, and cancelled": Life(
        "phonepe",
        (payer("wait"), time(minutes=16), payer("bank_pays"), CANCEL, time(hours=3)),
        frozenset({("booked", 5000, 0), ("cancelled", 5000, 0)}),
    ),
}  # fmt: skip


@contextmanager
def opened(world: World, clock: Clock, name: GatewayName) -> Iterator[Till]:
    """A till with one booking, in six hours, that waits for its fee."""
    till = Till(world, clock, name)
    connect = in_process.razorpay if name == "razorpay" else in_process.phonepe
    with connect(clock, till.passes) as (emulator, gateway):
        till.connect(emulator, gateway)
        order = Order("zone-a", start=NOON + timedelta(hours=6), minutes=60, payment_method=ONLINE)
        advance.book(till.deps, till.user, order)
        yield till


def nodes_after(till: Till, life: tuple[Step, ...], most: int) -> dict[Node, int]:
    """Every node that up to `most` arrivals lead to, with the fewest that it takes."""
    found: dict[Node, int] = {}
    level = {Node(till.now().moment)}
    for arrivals in range(most + 1):
        ahead: set[Node] = set()
        while level:
            node = level.pop()
            if node in found:
                continue
            found[node] = arrivals
            if node.lived < len(life):
                level.add(till.lives_on(node, life[node.lived]))
            if arrivals < most:
                ahead.update(next_nodes(till, node))
        level = ahead
    return found


def next_nodes(till: Till, node: Node) -> Iterator[Node]:
    """Where one arrival leads: a message or a copy of one, a task that waits, or the customer's
    client."""
    yield from till.verified(node)
    for task in node.tasks:
        yield from till.asked(node, task)
    for nth in node.sent:
        come, tasks = till.arrives(node, nth)
        if not tasks:
            yield come
        for task in tasks:
            yield from till.asked(come, task)


@pytest.mark.parametrize("name", LIVES)
def test_whatever_order_messages_come_in_all_agree(world: World, clock: Clock, name: str) -> None:
    life = LIVES[name]
    with opened(world, clock, life.gateway) as till:
        found = nodes_after(till, life.steps, MOST)
        ends = {
            (str(end.status), end.paid, end.returned)
            for end, node in ((till.check_end(node), node) for node in found)
            if node.lived == len(life.steps)
        }
    assert ends == life.ends


# -- longer paths, at random

PAYER: Final[tuple[Act, ...]] = ("pay", "fail", "wait", "bank_pays", "bank_fails")
ACTS: Final[Mapping[GatewayName, tuple[Step, ...]]] = {
    "razorpay": (
        *map(payer, PAYER),
        time(minutes=11), time(minutes=16), time(hours=2),
        PANEL, FAIL, TWICE, CANCEL, REFUND, OPEN,
    ),
    "phonepe": (
        *map(payer, PAYER),
        time(minutes=11), time(minutes=16), time(hours=2),
        FAIL, CANCEL, REFUND, OPEN,
    ),
}  # fmt: skip

CHOICES = st.lists(st.integers(0, 10**6), min_size=10, max_size=60)


@pytest.mark.parametrize("gateway", ACTS)
def test_a_long_life_ends_in_agreement(world: World, clock: Clock, gateway: GatewayName) -> None:
    with opened(world, clock, gateway) as till:
        begin = Node(till.now().moment)

        @settings(max_examples=EXAMPLES)
        @given(CHOICES)
        def lives(choices: list[int]) -> None:
            node = begin
            for choice in choices:
                node = walked(till, node, choice)
            assert till.check_end(node).kept >= 0

        lives()


def walked(till: Till, node: Node, choice: int) -> Node:
    """One step of a path: something happens, or something arrives."""
    happens, choice = choice % 2, choice // 2
    acts = ACTS[till.name]
    if happens:
        return till.lives_on(node, acts[choice % len(acts)])
    what, choice = choice % 3, choice // 3
    if what == 0:
        return chosen(till.verified(node), choice)
    if what == 1 and node.tasks:
        waiting = sorted(node.tasks)
        return chosen(till.asked(node, waiting[choice % len(waiting)]), choice // len(waiting))
    if not node.sent:
        return node
    letters = sorted(node.sent)
    come, tasks = till.arrives(node, letters[choice % len(letters)])
    return chosen(till.asked(come, tasks[0]), choice // len(letters)) if tasks else come


def chosen(ways: Iterator[Node], choice: int) -> Node:
    """One of the ways in which a step can end: mostly at its end."""
    found = [*ways]
    return found[-1] if choice % 2 else found[choice // 2 % len(found)]
