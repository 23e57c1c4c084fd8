"""The same case closed by several at the same moment, or seen while it is being closed."""

from __future__ import annotations

from functools import partial

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.payments.review import ReviewCase
from chalicelib.services.payments import review
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2


def a_misfit(world: World) -> tuple[PayingCarPark, Booking, str]:
    paying = PayingCarPark.of(world, MemoryGateway(world.deps.now))
    booking = paying.book_online()
    paying.gateway.attempt("order_1", amount=booking.tariff.money(1))
    booking = paying.hear(booking)
    (case,) = paying.deps.reviews.of_site("central", limit=2, after=None).records
    return paying, booking, case.case_id


def close(paying: PayingCarPark, case_id: str, note: str) -> ReviewCase:
    return review.close(paying.deps, paying.owner, "central", case_id, note=note)


def test_of_two_notes_one_stands(world: World) -> None:
    paying, _, case_id = a_misfit(world)
    outcome = rush([partial(close, paying, case_id, note) for note in ("paid", "lost", "paid")])

    stands = paying.deps.reviews.get("central", case_id)
    assert set(outcome.answers) == {stands}
    assert outcome.codes["CASE_CLOSED"] in (1, 2)
    assert paying.deps.reviews.of_site("central", limit=2, after=None).records == ()


def test_what_is_seen_while_it_is_being_closed_stays_closed(world: World) -> None:
    paying, booking, case_id = a_misfit(world)
    rush([partial(close, paying, case_id, "paid"), *[partial(paying.hear, booking)] * 3])
    paying.hear(booking)

    assert paying.deps.reviews.get("central", case_id).note == "paid"
    assert paying.deps.reviews.of_site("central", limit=2, after=None).records == ()
