"""The messages of a payment's life, in every order and number: booking, ledger and gateway agree at
the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Final

import pytest

from chalicelib.domain.bookings import books, online, online_capture
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import NewOrder
from chalicelib.domain.payments.ledger import LedgerEntry
from chalicelib.domain.payments.messages import Question
from chalicelib.services.payments import asking, verifying, webhooks
from tests import batches, builders
from tests.clock import NOON
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway

LIFE: Final = ("authorized", "failed", "late authorized", "captured", "refunded")
"""What happens to a payment at the gateway; each sends a message. The refund is made in the panel."""


class Desk:
    """A hold in memory, its ledger, and the gateway, whose payment goes through its LIFE."""

    def __init__(self) -> None:
        zone = builders.a_zone()
        made = builders.a_booking(zone)
        self.policy = zone.policy
        self.booking = online.hold(made, "razorpay", zone.policy, NOON)
        self.entries: list[LedgerEntry] = []
        self.gateway = MemoryGateway(lambda: NOON)
        intended = self.booking.payments[0]
        self.gateway.create_order(
            NewOrder(intended.reference, intended.amount, intended.expires_at, "", "")
        )
        self.attempt_id = ""

    def happens(self, what: str) -> None:
        match what:
            case "authorized":
                self.attempt_id = self.gateway.attempt("order_1", "authorized")
            case "failed":
                self.gateway.become("order_1", self.attempt_id, "failed")
            case "late authorized":
                self.gateway.become("order_1", self.attempt_id, "authorized")
            case "captured":
                self.gateway.become("order_1", self.attempt_id, "captured")
            case _:
                self.gateway.refund_in_panel("order_1", self.attempt_id, 2000)

    def hears(self) -> None:
        """Ask the gateway, as each message does, and record what is new."""
        payment = self.booking.payments[0]
        order = self.gateway.find_order(payment.reference, payment.order_id)
        assert order is not None
        seen = payments.observe(payment, order, NOON)
        change = online_capture.record(
            self.booking, seen, policy=self.policy, source="outbox", now=NOON,
            entry_id=f"LE{len(self.entries)}",
        )  # fmt: skip
        if change is not None:
            self.booking = change.booking.as_stored()
            self.entries += change.ledger


def late(steps: int) -> Iterator[tuple[int, ...]]:
    """Every order in which so many steps can happen and their messages arrive: step `n` is n, its
    message arrives at the second n."""

    def go_on(
        done: tuple[int, ...], happened: int, waiting: frozenset[int]
    ) -> Iterator[tuple[int, ...]]:
        if happened == steps and not waiting:
            yield done
        if happened < steps:
            yield from go_on((*done, happened), happened + 1, waiting | {happened})
        for each in sorted(waiting):
            yield from go_on((*done, each), happened, waiting - {each})

    return go_on((), 0, frozenset())


def test_there_are_945_orders_of_five_steps_and_their_messages() -> None:
    assert len(set(late(5))) == 945


def test_messages_in_every_order_lead_to_the_same_end() -> None:
    ends = set()
    for order in late(len(LIFE)):
        desk, happened = Desk(), set[int]()
        for each in order:
            if each in happened:
                desk.hears()
                desk.hears()
            else:
                happened.add(each)
                desk.happens(LIFE[each])
        assert books.faults_of(desk.booking, desk.entries) == (), order
        assert books.at_gateways(desk.booking)["razorpay"] == desk.gateway.balance
        ends.add((desk.booking.paid, desk.booking.returned))

    assert ends == {(5000, 2000)}


@pytest.mark.parametrize("seen", range(len(LIFE)))
def test_one_message_alone_is_enough(seen: int) -> None:
    desk = Desk()
    for what in LIFE:
        desk.happens(what)
    desk.hears()

    assert (desk.booking.paid, desk.booking.returned) == (5000, 2000)


# -- over the store ---------------------------------------------------------------------------------

MESSAGES: Final = ("payment.failed", "payment.captured", "order.paid", "verify")


def arrive(paying: PayingCarPark, booking: Booking, name: str, order_id: str) -> None:
    """A message comes over the wire twice; or the customer's client sends what the checkout has
    answered."""
    gateway = paying.gateway
    if name == "verify":
        attempt_id = gateway.orders[order_id].attempts[0].attempt_id
        verifying.verify_checkout(
            paying.deps, paying.user, order_id=order_id, payment_id=attempt_id,
            signature=gateway.checkout(order_id, attempt_id),
        )  # fmt: skip
        return
    message = gateway.message(name, order_id)
    for _ in range(2):
        webhooks.receive(paying.deps, "razorpay", message.headers, message.body)
    batches.sweep(replace(paying.deps, now=lambda: paying.deps.now() + timedelta(minutes=3)))


def test_four_messages_in_every_order_book_once(paying: PayingCarPark) -> None:
    made = []
    for number, order in enumerate(permutations(MESSAGES)):
        booking = paying.book_online(start=NOON + timedelta(hours=1 + number))
        order_id = paying.payment(booking).order_id
        assert order_id is not None
        paying.gateway.attempt(order_id)
        for name in order:
            arrive(paying, booking, name, order_id)
        made.append(booking)

    assert {paying.read(each).status for each in made} == {Status.BOOKED}
    assert {len(paying.read(each).timeline) for each in made} == {2}
    agreement.assert_agree(paying, *made)


@pytest.mark.parametrize(
    "forge",
    [
        lambda signature: signature[:-1],
        lambda signature: signature.upper(),
        lambda signature: "",
        lambda signature: "ü" + signature[1:],
        lambda signature: "0" * len(signature),
        lambda signature: signature + "0",
    ],
)
def test_a_message_that_is_not_signed_changes_nothing(paying: PayingCarPark, forge: object) -> None:
    assert callable(forge)
    booking = paying.book_online()
    paying.gateway.attempt("order_1")
    message = paying.gateway.message("order.paid", "order_1")
    signature = forge(message.headers["x-razorpay-signature"])
    with pytest.raises(errors.BadSignature):
        webhooks.receive(
            paying.deps, "razorpay",
            {**message.headers, "x-razorpay-signature": signature}, message.body,
        )  # fmt: skip
    attempt_id = paying.gateway.orders["order_1"].attempts[0].attempt_id
    with pytest.raises(errors.PaymentNotVerified):
        verifying.verify_checkout(
            paying.deps, paying.user, order_id="order_1", payment_id=attempt_id,
            signature=forge(paying.gateway.checkout("order_1", attempt_id)),
        )  # fmt: skip

    assert paying.read(booking).status is Status.PENDING
    assert "find_order" not in paying.gateway.calls


def test_the_signature_of_one_order_pays_no_other(paying: PayingCarPark) -> None:
    mine, other = paying.book_online(), paying.book_online()
    attempt_id = paying.gateway.attempt("order_1")
    with pytest.raises(errors.PaymentNotVerified):
        verifying.verify_checkout(
            paying.deps, paying.user, order_id="order_2", payment_id=attempt_id,
            signature=paying.gateway.checkout("order_1", attempt_id),
        )  # fmt: skip

    assert paying.read(other).status is Status.PENDING
    assert paying.read(mine).status is Status.PENDING


def test_another_customer_learns_nothing_of_an_order(paying: PayingCarPark) -> None:
    paying.book_online()
    attempt_id = paying.gateway.attempt("order_1")
    with pytest.raises(errors.BookingNotFound):
        verifying.verify_checkout(
            paying.deps, paying.other, order_id="order_1", payment_id=attempt_id,
            signature=paying.gateway.checkout("order_1", attempt_id),
        )  # fmt: skip


def test_a_message_about_nothing_of_ours_is_taken(paying: PayingCarPark) -> None:
    message = paying.gateway.message("settlement.processed", "order_of_nobody")
    webhooks.receive(paying.deps, "razorpay", message.headers, message.body)

    assert paying.gateway.calls == []


def test_a_message_about_money_that_is_recorded_asks_nothing_and_one_about_its_refund_does(
    paying: PayingCarPark,
) -> None:
    booking = paying.book_online()
    order_id = paying.payment(booking).order_id or ""
    attempt = paying.gateway.attempt(order_id, fee=118)
    about_it = Question(order_id, "razorpay", attempt=attempt)
    asking.ask(paying.deps, about_it.name)
    assert paying.read(booking).status is Status.BOOKED
    paying.gateway.refund_in_panel(order_id, attempt, 2000)
    paying.gateway.calls.clear()
    asking.ask(paying.deps, about_it.name)
    assert (paying.gateway.calls, paying.read(booking).returned) == ([], 0)
    asking.ask(paying.deps, Question(order_id, "razorpay").name)
    assert (paying.gateway.calls, paying.read(booking).returned) == (["find_order"], 2000)
