"""Refunds that were made in PhonePe's own panel: only its messages name them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.payments import asking, refunds, webhooks
from tests.clock import NOON, Clock
from tests.payments.car_park import PayingCarPark
from tests.phonepe import AtPhonePe, at_phonepe


@pytest.fixture
def at(clock: Clock) -> Iterator[AtPhonePe]:
    with at_phonepe(clock) as at:
        yield at


@pytest.fixture
def booking(paying: PayingCarPark, at: AtPhonePe) -> Booking:
    """A booking whose fee of 50.00 was paid through PhonePe."""
    paying.deps = replace(paying.deps, gateways=Gateways(phonepe=lambda: at.gateway))
    booking = paying.book_online(start=NOON + timedelta(hours=6))
    at.emulator.act(order_of(paying, booking), "pay")
    hear_messages(paying, at)
    return paying.read(booking)


def order_of(paying: PayingCarPark, booking: Booking) -> str:
    order_id = paying.payment(booking).order_id
    assert order_id is not None
    return order_id


def hear_messages(paying: PayingCarPark, at: AtPhonePe, *, times: int = 1) -> None:
    """Take each message that PhonePe has sent by now, and carry out what it asks for."""
    at.emulator.tick()
    arrived = list(at.inbox.messages)
    at.inbox.messages.clear()
    for _, headers, body in arrived * times:
        webhooks.receive(paying.deps, "phonepe", headers, body)
    at.clock.move(minutes=5)
    paying.deliver()


def assert_books_agree(paying: PayingCarPark, booking: Booking) -> None:
    assert books.faults_of(paying.read(booking), paying.ledger()) == ()


def test_a_refund_in_the_panel_is_recorded_once(
    paying: PayingCarPark, at: AtPhonePe, clock: Clock, booking: Booking
) -> None:
    at.emulator.refund_in_panel(order_of(paying, booking), 1500)
    clock.move(minutes=40)
    hear_messages(paying, at, times=3)
    (refund,) = paying.payment(booking).refunds
    assert (refund.minor, refund.state, refund.reference) == (1500, "pending", None)
    clock.move(hours=3)
    hear_messages(paying, at, times=3)

    (refund,) = paying.payment(booking).refunds
    assert (refund.minor, refund.state) == (1500, "processed")
    assert paying.read(booking).kept == 3500
    assert paying.read(booking).timeline[-1].what == "refunded"
    assert_books_agree(paying, booking)
    with pytest.raises(errors.RefundTooHigh):
        refunds.refund(paying.deps, paying.owner, booking.booking_id, "40.00", reason="goodwill")


def test_a_refund_in_the_panel_that_fails_leaves_its_money(
    paying: PayingCarPark, at: AtPhonePe, clock: Clock, booking: Booking
) -> None:
    at.emulator.book.failing_refunds = 1
    at.emulator.refund_in_panel(order_of(paying, booking), 1500)
    clock.move(hours=3)
    hear_messages(paying, at)

    assert [refund.state for refund in paying.payment(booking).refunds] == ["failed"]
    assert paying.read(booking).kept == 5000
    assert_books_agree(paying, booking)


def test_a_message_about_a_refund_of_ours_records_it_once(
    paying: PayingCarPark, at: AtPhonePe, clock: Clock, booking: Booking
) -> None:
    refunds.refund(paying.deps, paying.owner, booking.booking_id, "20.00", reason="goodwill")
    clock.move(minutes=5)
    paying.deliver()
    at.emulator.refund_in_panel(order_of(paying, booking), 1500)
    clock.move(hours=3)
    hear_messages(paying, at, times=2)

    found = [(r.minor, r.state, r.reference is None) for r in paying.payment(booking).refunds]
    assert found == [(2000, "processed", False), (1500, "processed", True)]
    assert_books_agree(paying, booking)


def test_a_refund_that_phonepe_does_not_know_changes_nothing(
    paying: PayingCarPark, at: AtPhonePe, booking: Booking
) -> None:
    before = paying.read(booking)
    asking.ask(paying.deps, f"phonepe/{paying.payment(booking).reference}/PANEL9")

    assert paying.read(booking) == before
