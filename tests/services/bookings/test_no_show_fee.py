from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger
from chalicelib.domain.stays import check_out as rules
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.stays import check_out
from tests import builders
from tests.clock import NOON, Clock
from tests.world import World

FEE = replace(builders.HOURLY, booking_fee=0, no_show_fee=3000)


@pytest.fixture
def missed(world: World, clock: Clock) -> Booking:
    """A booking whose hour is over without an entry."""
    world.change_zone(world.zone_a, tariff=FEE)
    booking = world.book()
    clock.move(hours=3)
    return booking


def owing(world: World) -> int:
    return world.deps.accounts.get(world.user.account_id).owing


def by_sweep(world: World, missed: Booking) -> None:
    sweeps.run(world.deps, "expire-bookings")


def by_read(world: World, missed: Booking) -> None:
    settle.read(world.deps, missed.booking_id)


@pytest.mark.parametrize("by", [by_sweep, by_read])
def test_a_no_show_owes_the_fee_and_books_nothing_until_it_is_paid(
    world: World, missed: Booking, by: Callable[[World, Booking], None]
) -> None:
    by(world, missed)
    over = world.read(missed)
    assert (over.status, over.payment_status, owing(world)) == (Status.EXPIRED, "due", 1)
    assert rules.amount_due(over) == Money(3000, "INR")
    with pytest.raises(errors.PaymentDue):
        world.book()
    by(world, missed)  # a second time changes nothing
    assert owing(world) == 1


def test_the_fee_is_paid_at_the_gate_by_its_pass(world: World, missed: Booking) -> None:
    paid = world.leave(missed, "50.00")
    assert (paid.booking.status, paid.booking.payment_status) == (Status.EXPIRED, "paid")
    assert paid.change == Money(2000, "INR")
    assert owing(world) == 0
    world.book()
    with pytest.raises(errors.AlreadyEnded):
        world.leave(missed)


def test_the_fee_is_paid_at_the_desk_once(world: World, missed: Booking) -> None:
    desk = [
        check_out.check_out(
            world.deps, world.staff, missed.booking_id, tender=builders.cash("40.00")
        )
        for _ in range(2)
    ]
    paid = [(each.booking.payment_status, each.booking.paid) for each in desk]
    assert paid == [("paid", 3000)] * 2
    assert [each.change for each in desk] == [Money(1000, "INR"), None]
    assert owing(world) == 0
    entries = list(world.deps.ledger.of_day("central", NOON.date()))
    assert ledger.balance(entries, ledger.CASH) == {"INR": Money(3000, "INR")}
    assert ledger.balance(entries, ledger.RECEIVABLE) == {"INR": Money(0, "INR")}


def test_an_owner_waives_the_fee(world: World, missed: Booking) -> None:
    waived = bookings.waive(world.deps, world.owner, missed.booking_id, reason="storm")
    assert (waived.status, waived.payment_status, owing(world)) == (Status.EXPIRED, "paid", 0)


def test_without_a_fee_the_desk_cannot_check_a_no_show_out(world: World, clock: Clock) -> None:
    booking = world.book()
    clock.move(hours=3)
    with pytest.raises(errors.AlreadyEnded):
        check_out.check_out(world.deps, world.staff, booking.booking_id, tender=builders.cash())


def test_the_fee_is_that_of_the_moment_of_booking(world: World, missed: Booking) -> None:
    world.change_zone(world.zone_a, tariff=replace(FEE, no_show_fee=9000))
    assert rules.amount_due(settle.read(world.deps, missed.booking_id)).minor == 3000
