"""Purchases, entries and steps of a season pass at the same moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking
from chalicelib.services.season_passes import orders, steps
from tests.clock import Clock
from tests.payments.gateway import MemoryGateway
from tests.races.crowd import rush
from tests.season_passes.car_park import PLATE, SeasonCarPark

pytestmark = pytest.mark.engine2

TOMORROW = date(2026, 11, 22)


@pytest.fixture
def park(deps: Deps, clock: Clock) -> SeasonCarPark:
    gateway = MemoryGateway(clock.now)
    return SeasonCarPark(replace(deps, gateways=Gateways(razorpay=lambda: gateway)), gateway)


def test_of_purchases_for_one_vehicle_that_are_paid_at_once_one_counts(
    park: SeasonCarPark,
) -> None:
    ordered = [park.order_pass(actor=actor) for actor in (park.user, park.other)]
    for number in (1, 2):
        park.gateway.attempt(f"order_{number}")
    rush([partial(asking.ask, park.deps, each.payments[0].reference) for each in ordered * 2])
    passes = [park.hear_pass(each) for each in ordered]
    assert sorted(each.status for each in passes) == ["active", "pending"]
    assert sorted(each.kept for each in passes) == [0, 500_000]
    assert park.gateway.balance == 500_000
    assert [park.faults(each) for each in passes] == [(), ()]


def test_sales_for_one_vehicle_at_once_take_cash_once(park: SeasonCarPark) -> None:
    outcome = rush([partial(park.sell_pass, "monthly")] * 3)
    assert outcome.codes == {"PLATE_HAS_PASS": 2}
    assert [entry.kind for entry in park.ledger()] == ["cash"]


def test_a_renewal_of_which_many_messages_tell_at_once_counts_once(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    opened = orders.open_order(park.deps, park.user, held.pass_id)
    park.gateway.attempt("order_2")
    rush([partial(asking.ask, park.deps, opened.payment.reference)] * 5)
    renewed = park.hear_pass(held)
    assert (len(renewed.terms), renewed.kept) == (2, 1_000_000)
    assert park.faults(renewed) == ()


def test_of_two_entries_of_one_plate_at_once_one_is_covered(park: SeasonCarPark) -> None:
    park.buy_pass()
    booked = [park.book(actor, vehicle_number=PLATE) for actor in (park.user, park.other)]
    rush([partial(park.enter, each) for each in booked])
    covers = [park.read(each).cover for each in booked]
    assert sum(cover is not None for cover in covers) == 1


def test_a_pause_and_an_entry_at_once_agree(park: SeasonCarPark) -> None:
    """Either the entry comes first, and the pause is refused; or the cover ends with the day."""
    held = park.buy_pass()
    booked = park.book(vehicle_number=PLATE)
    pause = partial(steps.pause, park.deps, park.user, held.pass_id, first=TOMORROW, days=3)
    outcome = rush([partial(park.enter, booked), pause])
    cover = park.read(booked).cover
    assert cover is not None
    ends = {span.end for span in park.read_pass(held).at_gate.spans}
    assert cover.until in ends
    assert outcome.codes in ({}, {"VEHICLE_INSIDE": 1})


def test_a_cancellation_and_an_entry_at_once_agree(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    booked = park.book(vehicle_number=PLATE)
    cancel = partial(steps.cancel, park.deps, park.user, held.pass_id, reason="")
    rush([partial(park.enter, booked), cancel])
    is_covered = park.read(booked).cover is not None
    assert is_covered == (park.read_pass(held).status == "active")
    assert park.faults(held) == ()
