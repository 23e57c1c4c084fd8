"""A DynamoDB that is busy, or in which other writers are faster: the answer to the caller.

Neither engine ever answers so by itself; the codes are those of AWS's documentation.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pynamodb.exceptions import TransactWriteError

from chalicelib import sweeps, wiring
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.services.core.deps import ATTEMPTS
from chalicelib.store.booking_item import BookingItem
from tests import builders
from tests.backend import dynamodb_clients
from tests.client import Client
from tests.faults.harness import Harness
from tests.faults.wire import answer
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

CANCELLED = "TransactionCanceledException"
ORDER = {"zone_id": "zone-a", "minutes": 60}

Answer = tuple[Any, dict[str, Any]] | None


class Answering:
    """Answers calls of one operation in DynamoDB's place, as `say` decides."""

    def __init__(self, operation: str, say: Callable[[], Answer]) -> None:
        self._event = f"before-call.dynamodb.{operation}"
        self._say = say
        self._clients = dynamodb_clients(wiring.deps())

    def __enter__(self) -> None:
        for client in self._clients:
            client.meta.events.register(self._event, self._hook)

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.meta.events.unregister(self._event, self._hook)

    def _hook(self, **_: Any) -> Answer:
        return self._say()


@pytest.fixture
def world(harness: Harness) -> World:
    return World(harness.deps)


@pytest.mark.parametrize(
    ("code", "reasons", "status", "answered"),
    [
        # throttled, by every name there is for it
        (CANCELLED, ("None", "ThrottlingError"), 503, "UNAVAILABLE"),
        (CANCELLED, ("None", "ProvisionedThroughputExceeded"), 503, "UNAVAILABLE"),
        (CANCELLED, ("ConditionalCheckFailed", "ThrottlingError"), 503, "UNAVAILABLE"),
        ("ProvisionedThroughputExceededException", (), 503, "UNAVAILABLE"),
        ("RequestLimitExceeded", (), 503, "UNAVAILABLE"),
        ("ThrottlingException", (), 503, "UNAVAILABLE"),
        ("InternalServerError", (), 503, "UNAVAILABLE"),
        ("TransactionInProgressException", (), 503, "UNAVAILABLE"),
        # another writer is faster each time
        (CANCELLED, ("None", "TransactionConflict", "None"), 409, "CHANGED_MEANWHILE"),
        (CANCELLED, ("None", "ConditionalCheckFailed", "TransactionConflict"), 409, "CHANGED_MEANWHILE"),
    ],
)  # fmt: skip
def test_what_dynamodb_answers_to_a_transaction_reaches_the_caller_by_name(
    world: World, code: str, reasons: tuple[str, ...], status: int, answered: str
) -> None:
    client = Client(world).by(world.user)
    with Answering("TransactWriteItems", partial(answer, code, *_padded(reasons))):
        reply = client.post("/api/bookings", ORDER)
    assert (reply.status, reply.code) == (status, answered)
    assert ("Retry-After" in reply.headers) == (status == 503)
    assert client.post("/api/bookings", ORDER).status == 201


@pytest.mark.parametrize("reasons", [(), ("None", "ValidationError", "None")])
def test_a_mistake_of_ours_looks_like_nothing_else(world: World, reasons: tuple[str, ...]) -> None:
    code = CANCELLED if reasons else "ValidationException"
    with (
        Answering("TransactWriteItems", partial(answer, code, *reasons)),
        pytest.raises(TransactWriteError),
    ):
        world.book()


def _padded(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """One reason for each of the three writes of a booking: booking, sheet, outbox."""
    return reasons and (*reasons, "None", "None")[:3]


def test_a_write_that_meets_others_is_decided_anew_and_nobody_notices(world: World) -> None:
    conflicts = iter([True] * (ATTEMPTS - 1))
    with Answering("TransactWriteItems", lambda: _conflict() if next(conflicts, False) else None):
        assert world.book().status is Status.BOOKED
    invariants.check(world.deps.now())


def _conflict() -> Answer:
    return answer(CANCELLED, "None", "TransactionConflict", "None")


def test_a_scan_whose_read_meets_a_write_is_read_anew(world: World) -> None:
    booking = world.book()
    conflicts = iter([True, True])
    with Answering("TransactGetItems", lambda: _conflict() if next(conflicts, False) else None):
        assert world.enter(booking).status is Status.ACTIVE


@pytest.mark.parametrize("reason", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_scan_whose_read_is_throttled_is_refused_for_now(world: World, reason: str) -> None:
    booking = world.book()
    with (
        Answering("TransactGetItems", lambda: answer(CANCELLED, "None", reason)),
        pytest.raises(errors.Unavailable),
    ):
        world.enter(booking)


def test_fifty_callers_for_fifty_bays_are_served_though_every_third_write_meets_another(
    harness: Harness, world: World
) -> None:
    world.add_zone("lot", builders.METERED, spaces=50)
    counter = itertools.count()
    with Answering("TransactWriteItems", lambda: _conflict() if next(counter) % 3 == 0 else None):
        outcome = rush([partial(world.book, world.user, "lot")] * 50)
    assert outcome.refusals == ()
    invariants.check(harness.clock.now())


def test_a_throttled_table_parks_no_booking(harness: Harness, world: World) -> None:
    world.add_zone("timed", builders.TIMED)
    stay = world.enter(world.book(zone="timed"))
    harness.clock.move(hours=2)
    with Answering("TransactWriteItems", lambda: answer(CANCELLED, "ThrottlingError")):
        for _ in range(6):
            summary = sweeps.run(world.deps, "auto-checkout")
            assert (summary.failed, summary.parked) == (1, 0)
    assert sweeps.run(world.deps, "auto-checkout").done == 1
    assert world.read(stay).status is Status.COMPLETED


def test_a_failure_that_cannot_be_counted_does_not_stop_the_run(
    harness: Harness, world: World
) -> None:
    world.add_zone("timed", builders.TIMED, spaces=2)
    poisoned, healthy = (world.enter(world.book(zone="timed")) for _ in range(2))
    BookingItem.get(poisoned.locator, poisoned.booking_id[10:]).update(
        [BookingItem.tariff.set("{")]
    )
    harness.clock.move(hours=2)
    with Answering("UpdateItem", lambda: answer("ThrottlingException")):
        summary = sweeps.run(world.deps, "auto-checkout")
    assert (summary.done, summary.failed, summary.parked) == (1, 1, 0)
    assert world.read(healthy).status is Status.COMPLETED


def test_a_request_that_timed_out_after_its_booking_was_made_finds_it_when_repeated_at_once(
    harness: Harness, world: World
) -> None:
    """Without waiting for the lease of the first: its key was handed back, with its first ids."""
    client = Client(world).by(world.user).sending(Idempotency_Key="k")
    client.get("/api/bookings")
    another = world.book(world.other).booking_id
    with harness.wire.breaking(2, "times out"):
        assert client.post("/api/bookings", ORDER).status == 503
    assert harness.wire.calls[2] == "TransactWriteItems"
    harness.clock.move(seconds=1)
    repeated = client.post("/api/bookings", ORDER)
    assert repeated.status == 201
    made = set(invariants.check(harness.clock.now()).bookings)
    assert made == {another, repeated.body["booking_id"]}
