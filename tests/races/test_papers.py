"""Many papers at the same moment: every number once, none left out, no paper twice."""

from __future__ import annotations

from functools import partial

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.receipts.paper import Series
from chalicelib.services.receipts import issuing
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

RECEIPTS = Series("central", "receipt", 2026)


def parked(world: World) -> Booking:
    booking = world.book()
    world.enter(booking)
    world.leave(booking)
    return booking


def places(world: World) -> list[int]:
    """The places of the series, in order."""
    page = world.deps.papers.of_series(RECEIPTS, first=1, last=1000, limit=100)
    return [paper.place for paper in page.records]


def test_papers_of_many_stays_at_once_have_numbers_without_a_gap(world: World) -> None:
    stays = [parked(world) for _ in range(8)]
    outcome = rush(partial(issuing.issue_due, world.deps, stay.booking_id) for stay in stays)
    assert (len(outcome.answers), outcome.codes) == (8, {})
    assert places(world) == list(range(1, 9))
    each = [world.deps.papers.of_booking(stay.booking_id) for stay in stays]
    assert sorted(paper.place for papers in each for paper in papers) == list(range(1, 9))


def test_one_stay_gets_one_paper_however_many_ask_at_once(world: World) -> None:
    stay = parked(world)
    outcome = rush([partial(issuing.issue_due, world.deps, stay.booking_id)] * 6)
    assert (len(outcome.answers), outcome.codes) == (6, {})
    assert {papers[0].number for _, papers in outcome.answers} == {"R2627/1"}
    assert places(world) == [1]
