"""The rows of one day compared by several runs at the same moment."""

from __future__ import annotations

from functools import partial

import pytest

from chalicelib.domain.bookings import books
from chalicelib.services.payments import settlements
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2


def test_the_money_of_a_row_moves_once(world: World) -> None:
    paying = PayingCarPark.of(world, MemoryGateway(world.deps.now))
    booking = paying.book_online()
    paying.gateway.attempt("order_1", fee=100, tax=18)
    paying.hear(booking)
    today = world.deps.now().date()
    paying.gateway.settle(today)
    outcome = rush([partial(settlements.compare, paying.deps, paying.gateway, today)] * 4)

    assert outcome.refusals == ()
    sums = books.sums(paying.ledger())
    assert (sums["bank"], sums["razorpay"]) == (4882, 0)
