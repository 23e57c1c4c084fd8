"""A deposit that two people decide on at once, or a person and the sweep: it goes back once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import deposits
from tests import builders
from tests.clock import Clock
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.races.crowd import rush

pytestmark = pytest.mark.engine2


@pytest.fixture
def paying(deps: Deps, clock: Clock) -> PayingCarPark:
    gateway = MemoryGateway(clock.now)
    paying = PayingCarPark(replace(deps, gateways=Gateways(razorpay=lambda: gateway)), gateway)
    tariff = replace(builders.HOURLY, deposit=10_000)
    paying.change_zone(paying.zone_a, tariff=tariff)
    return paying


@pytest.fixture
def stay(paying: PayingCarPark, clock: Clock) -> Booking:
    """A stay that has ended three days ago; its deposit of 100.00 was paid online."""
    booking = paying.enter(paying.book_and_pay())
    clock.move(minutes=60)
    over = paying.leave(booking).booking
    clock.move(days=3)
    return over


def decision(paying: PayingCarPark, stay: Booking, keep: str | None) -> Callable[[], object]:
    reason = "broken gate" if keep else None
    return partial(
        deposits.settle, paying.deps, paying.staff, stay.booking_id, keep=keep, reason=reason
    )


@pytest.mark.parametrize("keep", [None, "40.00"], ids=["returns", "keeps"])
def test_of_a_return_and_another_decision_one_wins(
    paying: PayingCarPark, stay: Booking, keep: str | None
) -> None:
    acts = [decision(paying, stay, None), decision(paying, stay, keep)] * 2
    outcome = rush(acts)

    assert set(outcome.codes) <= {"ILLEGAL_TRANSITION"}
    assert len(outcome.answers) <= 1  # none where the read of a request has given it back
    agreement.assert_agree(paying, stay)
    left = paying.read(stay)
    assert left.deposit_held == 0
    assert left.deposit_back + left.deposit.kept == 10_000
    assert paying.gateway.balance == 5000 + left.deposit.kept


def test_of_a_decision_and_the_sweep_one_wins(paying: PayingCarPark, stay: Booking) -> None:
    rush(
        [
            decision(paying, stay, "40.00"),
            partial(sweeps.run, paying.deps, "expire-bookings"),
            partial(sweeps.run, paying.deps, "expire-bookings"),
        ]
    )

    agreement.assert_agree(paying, stay)
    left = paying.read(stay)
    assert (left.deposit_held, left.deposit_back + left.deposit.kept) == (0, 10_000)


def test_two_at_the_desk_take_one_deposit(paying: PayingCarPark) -> None:
    booking = paying.book()
    cash = TenderRequest(PaymentMethod.CASH)
    take = partial(deposits.take, paying.deps, paying.staff, booking.booking_id, cash)
    outcome = rush([take] * 3)

    assert (len(outcome.answers), outcome.codes) == (1, {"ILLEGAL_TRANSITION": 2})
    assert paying.read(booking).deposit_held == 10_000
    agreement.assert_agree(paying, booking)


def test_two_at_the_desk_pay_cash_back_once(paying: PayingCarPark, clock: Clock) -> None:
    booking = paying.book()
    deposits.take(paying.deps, paying.staff, booking.booking_id, TenderRequest(PaymentMethod.CASH))
    paying.enter(booking)
    clock.move(minutes=60)
    paying.leave(booking)
    outcome = rush([decision(paying, booking, None), decision(paying, booking, "25.00")] * 2)

    assert (len(outcome.answers), outcome.codes) == (1, {"ILLEGAL_TRANSITION": 3})
    agreement.assert_agree(paying, booking)
