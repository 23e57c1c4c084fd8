"""Five hundred reminders that fall due together: one mail each, however many runs deliver them and
however often, and within the time of a run."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import count

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings import create
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.details import NO_DETAILS
from chalicelib.domain.core import ids
from chalicelib.domain.core.change import saving
from chalicelib.services.core.deps import Deps
from chalicelib.services.delivery import outbox
from chalicelib.store.booking_item import BookingItem
from chalicelib.sweeps import deadlines
from tests import batches, builders
from tests.clock import NOON, Clock
from tests.fake_mailer import FakeMailer
from tests.faults.wire import Wire, tapped
from tests.races.crowd import rush
from tests.world import World

MANY = 500
SOME = 100
ITEM = 0.5
"""Seconds that pass with every item, where a run is timed."""
FIT = int(sweeps.BUDGET / ITEM) - 1
"""So many items fit into its budget."""
AT_ONCE = 45
"""Bookings put into the store by one transaction."""


@pytest.fixture
def office() -> FakeMailer:
    return FakeMailer()


@pytest.fixture
def here(world: World, office: FakeMailer) -> Deps:
    return dataclasses.replace(world.deps, mailer=office)


@pytest.fixture
def wire(world: World) -> Iterator[Wire]:
    with tapped(world.deps) as wire:
        yield wire


def due_together(world: World, clock: Clock, many: int) -> frozenset[str]:
    """So many halls booked for one hour; it is a day before."""
    zone = world.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.FREE, spaces=many)
    hour = builders.an_interval(NOON + timedelta(days=2))
    made = [
        create.book(
            booking_id=ids.booking_id(world.user.locator, NOON, n), user_id=world.user.account_id,
            zone=zone, number=number, interval=hour, sheets=(), by=world.user, source="api",
            tz=world.site.tz, now=NOON, details=NO_DETAILS,
        )
        for n, number in enumerate(world.deps.catalogue.numbers("halls"))
    ]  # fmt: skip
    for first in range(0, many, AT_ONCE):
        some = made[first : first + AT_ONCE]
        sheets = [edit for change in some for edit in change.sheets]
        world.deps.commit(saving(*(change.booking for change in some)).with_sheets(sheets))
    world.deps.catalogue.zone("halls")
    world.deps.catalogue.site("central")
    clock.move(hours=24)
    return frozenset(change.booking.booking_id for change in made)


def reminded(office: FakeMailer) -> Counter[str]:
    """How many reminders have left for each booking."""
    names = [(mail.effect_id or "").split("-", 2) for mail in office.sent]
    return Counter(booking_id for _, name, booking_id in names if name == "reminder")


def wait_for_an_answer() -> int:
    """The number of bookings that are cancelled unless they are confirmed."""
    kinds = Counter(item.due_kind for item in BookingItem.scan())
    return kinds[DeadlineKind.AUTO_CANCEL]


def test_each_is_one_transaction_when_due_and_seven_requests_when_its_mail_leaves(
    world: World, here: Deps, office: FakeMailer, wire: Wire, clock: Clock
) -> None:
    due = due_together(world, clock, MANY)
    wire.calls.clear()
    assert sweeps.run(here, "reminders").done == MANY
    pages = MANY // deadlines.PAGE + 1
    assert Counter(wire.calls) == {"Query": pages, "TransactWriteItems": MANY}
    clock.move(minutes=2)
    wire.calls.clear()
    assert sweeps.run(here, "outbox").done == MANY
    pages, lane_of_calls = MANY // outbox.PAGE + 1, 1
    assert Counter(wire.calls) == {
        "Query": pages + lane_of_calls, "UpdateItem": MANY, "DeleteItem": MANY, "TransactWriteItems": MANY,
        "GetItem": 4 * MANY,
    }  # fmt: skip
    assert reminded(office) == dict.fromkeys(due, 1)
    assert wait_for_an_answer() == MANY


def test_a_run_stops_when_its_time_is_up_and_the_next_goes_on_from_there(
    world: World, here: Deps, office: FakeMailer, clock: Clock
) -> None:
    due = due_together(world, clock, SOME)
    for name in ("reminders", "outbox"):
        clock.move(minutes=2)
        first = sweeps.run(here, name, timer=partial(next, count(0.0, ITEM)))
        assert (first.done, first.more) == (FIT, True)
        second = sweeps.run(here, name, timer=partial(next, count(0.0, ITEM)))
        assert (second.done, second.more) == (SOME - FIT, False)
    assert reminded(office) == dict.fromkeys(due, 1)


@pytest.mark.engine2
def test_two_runs_at_once_send_none_twice_and_forget_none(
    world: World, here: Deps, office: FakeMailer, clock: Clock
) -> None:
    due = due_together(world, clock, MANY)
    for name in ("reminders", "outbox"):
        clock.move(minutes=2)
        runs = rush([partial(sweeps.run, here, name)] * 2).answers
        assert sum(run.done for run in runs) == MANY
        assert sum(run.failed for run in runs) == 0
        assert batches.waiting(here) == [] or name == "reminders"
    assert reminded(office) == dict.fromkeys(due, 1)
    assert wait_for_an_answer() == MANY
