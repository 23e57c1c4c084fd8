"""The daily proof of the books: what agrees passes, what does not waits for a person."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.operations.day_books import DayBooks
from chalicelib.domain.payments.ledger import LedgerEntry, LedgerLine
from chalicelib.domain.payments.review import ReviewCase
from chalicelib.services.operations import day_books, shifts
from chalicelib.services.payments import refunds
from tests.clock import NOON, Clock
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.world import World

TODAY = date(2026, 11, 21)


@pytest.fixture
def paying(world: World, clock: Clock) -> PayingCarPark:
    """The small world, with a gateway."""
    return PayingCarPark.of(world, MemoryGateway(clock.now))


@pytest.fixture
def stay(paying: PayingCarPark, clock: Clock) -> Booking:
    """A stay of 150.00, of which 50.00 was paid online and 100.00 in cash in an open shift."""
    shifts.open_shift(paying.deps, paying.staff, "central", "500", source_ip="-")
    booking = paying.book_and_pay()
    paying.enter(booking)
    clock.move(minutes=150)
    return paying.leave(booking).booking


def entry(world: World, booking_id: str, **changes: int) -> LedgerEntry:
    """An entry that no step has made."""
    lines = tuple(LedgerLine(account, minor) for account, minor in changes.items())
    now, entry_id = world.deps.now(), world.deps.new_id("LE")
    return LedgerEntry(entry_id, now, "central", booking_id, "US1", "cash", lines, "INR")


def post(world: World, entry: LedgerEntry) -> None:
    world.deps.commit(Change(ledger=(entry,)))


def cases(world: World) -> tuple[ReviewCase, ...]:
    return world.deps.reviews.of_site("central", limit=50, after=None).records


def last(world: World) -> DayBooks:
    """The last day that was proved."""
    found = world.deps.day_books.last("central")
    assert found is not None
    return found


def next_day(world: World, clock: Clock) -> sweeps.Summary:
    """The sweep on the morning after."""
    clock.set(NOON + timedelta(days=1))
    return sweeps.run(world.deps, "books")


def test_books_that_agree_are_proved_once(
    paying: PayingCarPark, clock: Clock, stay: Booking
) -> None:
    refunds.refund(paying.deps, paying.owner, stay.booking_id, "20.00", reason="goodwill")
    paying.hear(stay)
    first, again = next_day(paying, clock), sweeps.run(paying.deps, "books")

    assert (first.due, first.done, again.due) == (1, 1, 0)
    assert cases(paying) == ()
    assert (last(paying).on, last(paying).entries, last(paying).differences) == (TODAY, 3, 0)
    assert last(paying).sums == {
        "INR": {
            "razorpay": 3000, "cash": 10000, "prepaid": 0, "revenue": -15000, "refunded": 2000,
        }
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cash": 100, "revenue": -100}, "received and not paid back: 15000 by the booking, 15100"),
        ({"revenue": 5, "tax": -5}, "earned: -15000 by the booking, -14995 by the ledger"),
        ({"razorpay": 100, "cash": -100}, "an entry of the kind cash moves money at razorpay"),
    ],
)
def test_money_that_no_step_has_moved_waits_for_a_person_and_raises_the_alarm(
    paying: PayingCarPark,
    clock: Clock,
    stay: Booking,
    changes: dict[str, int],
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    post(paying, entry(paying, stay.booking_id, **changes))
    with caplog.at_level(logging.ERROR, "berth"):
        next_day(paying, clock)

    found = cases(paying)
    assert any(case.reason.startswith(reason) for case in found), found
    assert {case.booking_id for case in found} == {stay.booking_id}
    assert caplog.messages.count("payment review") == len(found)


def test_an_entry_that_is_missing_is_found_by_its_booking(
    paying: PayingCarPark, clock: Clock
) -> None:
    booking = paying.book()
    paying.deps.commit(saving(replace(booking, paid=700, version=booking.version + 1)))
    next_day(paying, clock)

    assert {case.booking_id for case in cases(paying)} == {booking.booking_id}


def test_money_of_no_booking_is_found(paying: PayingCarPark, clock: Clock) -> None:
    post(paying, entry(paying, "BK7Q2M9X4T1NG1QR00005", cash=100, revenue=-100))
    next_day(paying, clock)

    (case,) = cases(paying)
    assert case.reason == "the ledger has money of a booking that does not exist"


@pytest.mark.usefixtures("stay")
@pytest.mark.parametrize(("counted", "missing"), [("600", None), ("590.50", "-9.50 INR")])
def test_a_drawer_is_compared_with_its_ledger_lines(
    paying: PayingCarPark, clock: Clock, counted: str, missing: str | None
) -> None:
    (shift,) = paying.deps.shifts.of_site("central", limit=1).records
    shifts.close(paying.deps, paying.staff, shift.shift_id, counted, note="", source_ip="-")
    next_day(paying, clock)

    reason = f"the cash counted less the cash expected is {missing}"
    expected = [(shift.shift_id, reason)] if missing else []
    assert [(case.order, case.reason) for case in cases(paying)] == expected


def test_a_difference_is_kept_once_though_a_day_is_proved_again_a_week_later(
    paying: PayingCarPark, clock: Clock, stay: Booking
) -> None:
    post(paying, entry(paying, stay.booking_id, cash=100, revenue=-100))
    next_day(paying, clock)
    before = cases(paying)
    for days in range(2, 9):
        clock.set(NOON + timedelta(days=days))
        sweeps.run(paying.deps, "books")

    assert cases(paying) == before
    assert last(paying).differences == len(before) > 0


def test_an_entry_that_comes_late_is_found_a_week_later(
    paying: PayingCarPark, clock: Clock, stay: Booking
) -> None:
    late = entry(paying, stay.booking_id, cash=100, revenue=-100)
    next_day(paying, clock)
    assert cases(paying) == ()
    post(paying, late)
    clock.set(NOON + timedelta(days=8))
    sweeps.run(paying.deps, "books")

    assert {case.booking_id for case in cases(paying)} == {stay.booking_id}


def test_days_that_were_missed_are_proved_later(paying: PayingCarPark, clock: Clock) -> None:
    next_day(paying, clock)
    clock.move(days=3)
    later = sweeps.run(paying.deps, "books")
    clock.move(days=30)
    much_later = sweeps.run(paying.deps, "books")

    assert (later.done, much_later.done) == (3, day_books.MOST_BEHIND)


def test_a_day_is_that_of_the_site(paying: PayingCarPark, clock: Clock) -> None:
    paying.add_site("far", timezone="Pacific/Auckland")
    clock.set(NOON.replace(hour=12, minute=0))  # an hour into the next day in Auckland
    shown = sweeps.run(paying.deps, "books", dry_run=True).affected

    assert [each.subject for each in shown] == ["central/2026-11-20", "far/2026-11-21"]
    assert paying.deps.day_books.last("far") is None


@pytest.mark.usefixtures("stay")
def test_a_day_that_fails_stops_its_site_alone_and_is_tried_again(
    paying: PayingCarPark, clock: Clock
) -> None:
    class Broken:
        def during(self, site: str, span: object) -> tuple[LedgerEntry, ...]:
            assert site != "central"
            return ()

    paying.add_site("other")
    broken: Any = Broken()
    clock.set(NOON + timedelta(days=1))
    failed = sweeps.run(replace(paying.deps, ledger=broken), "books")

    assert (failed.done, failed.failed) == (1, 1)
    assert sweeps.run(paying.deps, "books").done == 1


def test_a_step_between_two_reads_is_no_difference(
    paying: PayingCarPark, clock: Clock, stay: Booking
) -> None:
    """The booking is read, then refunded, then its entries are read."""
    real, steps = paying.deps.bookings, ["refund"]

    class Interrupted:
        def many(self, booking_ids: Iterable[str]) -> tuple[Booking, ...]:
            found = real.many(booking_ids)
            if steps:
                steps.clear()
                refunds.refund(paying.deps, paying.owner, stay.booking_id, "20.00", reason="kind")
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    interrupted: Any = Interrupted()
    clock.set(NOON + timedelta(days=1))
    sweeps.run(replace(paying.deps, bookings=interrupted), "books")

    assert steps == []
    assert cases(paying) == ()


def test_nothing_is_proved_without_time(paying: PayingCarPark) -> None:
    summary = sweeps.run(paying.deps, "books", budget=-1)
    assert (summary.due, summary.more) == (0, True)
