"""Papers are issued after the step, once, with the next number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.change import saving
from chalicelib.domain.pricing import gst
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.receipts.paper import Papers, Series
from chalicelib.domain.sites.seller import Seller
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import refunds
from chalicelib.services.receipts import issuing
from local.metering import Meter
from tests.clock import Clock
from tests.world import World

GST = Tariff("hourly", "INR", 5000, tax=Tax(sac=gst.PARKING))


@pytest.fixture
def registered(world: World) -> World:
    """The small world, whose car park has a GSTIN and prices with GST."""
    site = world.deps.catalogue.fresh_site("central")
    seller = Seller("Central Parking Pvt Ltd", "29AAGCB7383J1Z4", mark="AB")
    world.deps.commit(saving(site.evolve(seller=seller)))
    world.change_zone(world.zone_a, tariff=GST)
    world.deps.catalogue.forget()
    return world


def parked(world: World) -> Booking:
    """A stay of a few minutes, paid at the gate."""
    booking = world.book()
    world.enter(booking)
    world.leave(booking)
    return booking


def papers(world: World, booking: Booking) -> Papers:
    return world.deps.papers.of_booking(booking.booking_id)


def test_a_paid_stay_has_its_invoice_when_the_outbox_has_run(
    registered: World, deliver: Callable[[], object]
) -> None:
    booking = parked(registered)
    assert papers(registered, booking) == ()
    deliver()
    (invoice,) = papers(registered, booking)
    assert (invoice.kind, invoice.number, invoice.total.minor) == ("invoice", "AB-I2627/1", 5000)
    assert invoice.tax_total.minor == 762


def test_a_site_without_a_gstin_gives_receipts(world: World, deliver: Callable[[], object]) -> None:
    booking = parked(world)
    deliver()
    assert [(p.kind, p.number) for p in papers(world, booking)] == [("receipt", "R2627/1")]


def test_a_task_that_runs_again_issues_nothing(registered: World) -> None:
    booking = parked(registered)
    for _ in range(3):
        issuing.issue_for(registered.deps, booking.booking_id)
    assert len(papers(registered, booking)) == 1


def test_the_task_of_a_booking_that_is_gone_does_nothing(registered: World) -> None:
    issuing.issue_for(registered.deps, "BK7Q2M9X4T1NG1QR00005")
    assert registered.deps.papers.of_booking("BK7Q2M9X4T1NG1QR00005") == ()


def test_numbers_follow_each_other_and_begin_anew_in_april(registered: World, clock: Clock) -> None:
    numbers = []
    for _ in range(3):
        booking = parked(registered)
        issuing.issue_for(registered.deps, booking.booking_id)
        numbers += [paper.number for paper in papers(registered, booking)]
        clock.move(minutes=60)
    clock.move(days=150)  # into April
    booking = parked(registered)
    issuing.issue_for(registered.deps, booking.booking_id)
    numbers += [paper.number for paper in papers(registered, booking)]
    assert numbers == ["AB-I2627/1", "AB-I2627/2", "AB-I2627/3", "AB-I2728/1"]


def test_a_transaction_that_fails_takes_no_number(registered: World) -> None:
    booking = parked(registered)

    def fail(_: object) -> None:
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        issuing.issue_due(replace(registered.deps, commit=fail), booking.booking_id)
    issuing.issue_due(registered.deps, booking.booking_id)
    assert [paper.place for paper in papers(registered, booking)] == [1]


def test_cash_paid_back_has_a_credit_note_against_its_invoice(
    registered: World, deliver: Callable[[], object]
) -> None:
    booking = parked(registered)
    deliver()
    refunds.refund(
        registered.deps, registered.owner, booking.booking_id, "20.00", reason="a flooded floor"
    )
    deliver()
    invoice, note = papers(registered, booking)
    assert (note.kind, note.total.minor, note.draft.against) == (
        "credit_note", 2000, invoice.number,
    )  # fmt: skip


def test_a_free_stay_and_a_cancelled_booking_call_for_no_task(registered: World) -> None:
    bookings.cancel(registered.deps, registered.user, registered.book().booking_id)
    registered.book()
    waiting = registered.deps.outbox.due(registered.deps.now().replace(year=2030), limit=100)
    assert "issue_papers" not in {each.name for batch in waiting for each in batch.effects}


def test_a_paper_costs_five_reads_and_a_transaction(registered: World, meter: Meter) -> None:
    booking = parked(registered)
    meter.reset()
    issuing.issue_due(registered.deps, booking.booking_id)
    assert meter.snapshot().requests == {"GetItem": 2, "Query": 3, "TransactWriteItems": 1}
    meter.reset()
    issuing.issue_due(registered.deps, booking.booking_id)
    assert meter.snapshot().requests == {"GetItem": 1, "Query": 1}


def test_the_series_is_read_by_place(registered: World, deps: Deps) -> None:
    for _ in range(3):
        issuing.issue_due(deps, parked(registered).booking_id)
    series = Series("central", "invoice", 2026)
    found = deps.papers.find(series, 2)
    last = deps.papers.last(series)
    assert found is not None
    assert last is not None
    assert (found.place, last.place, deps.papers.find(series, 4)) == (2, 3, None)
    page = deps.papers.of_series(series, first=1, last=3, limit=2)
    assert ([paper.place for paper in page.records], page.after) == ([1, 2], "2")
    rest = deps.papers.of_series(series, first=3, last=3, limit=2)
    assert ([paper.place for paper in rest.records], rest.after) == ([3], None)
