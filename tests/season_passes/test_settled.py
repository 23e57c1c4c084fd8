"""Season passes in the books of a day and in what a gateway has settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings import books
from chalicelib.domain.core.change import saving
from chalicelib.domain.payments.review import ReviewCase
from chalicelib.domain.season_passes import money
from chalicelib.services.payments import settlements
from tests.clock import NOON, Clock
from tests.season_passes.car_park import TODAY, SeasonCarPark


def cases(park: SeasonCarPark, site: str | None = "central") -> tuple[ReviewCase, ...]:
    return park.deps.reviews.of_site(site, limit=9, after=None).records


@pytest.mark.parametrize("heard", [True, False])
def test_the_money_of_a_pass_moves_to_the_bank_once(park: SeasonCarPark, heard: bool) -> None:
    held = park.order_pass()
    order_id = held.payments[-1].order_id
    assert order_id is not None
    park.gateway.attempt(order_id, fee=3000, tax=540)
    if heard:
        park.hear_pass(held)
    park.gateway.settle(TODAY)
    for _ in range(2):
        settlements.compare(park.deps, park.gateway, TODAY)

    sums = books.sums(park.ledger())
    assert (sums["bank"], sums["razorpay"]) == (500000 - 3540, 0)
    assert money.faults_of(park.read_pass(held), park.ledger()) == ()
    assert cases(park) == cases(park, None) == ()


def test_the_books_of_a_pass_are_proved(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass()
    clock.set(NOON + timedelta(days=1))
    sweeps.run(park.deps, "books")
    assert cases(park) == ()
    wrong = park.read_pass(held)
    park.deps.commit(saving(replace(wrong, paid=wrong.paid + 1, version=wrong.version + 1)))
    clock.set(NOON + timedelta(days=8))
    sweeps.run(park.deps, "books")

    assert {case.booking_id for case in cases(park)} == {held.pass_id}


def test_a_pass_that_is_not_settled_within_a_week_waits_for_a_person(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.buy_pass()
    for days in range(1, 9):
        clock.set(NOON + timedelta(days=days))
        sweeps.run(park.deps, "reconcile")
        sweeps.run(park.deps, "books")

    assert [(case.booking_id, case.reason) for case in cases(park)] == [
        (held.pass_id, "not settled within 7 days")
    ]
