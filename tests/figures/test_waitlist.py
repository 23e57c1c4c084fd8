"""What waiting costs depends on neither the length of the line nor on how many wishes lie elsewhere
(docs/quality.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.store import waitlist, waitlist_places
from chalicelib.store.booking_item import BookingItem
from chalicelib.store.dynamodb.schema import InventoryTable
from local.engine import Embedded
from local.metering import Meter, Reading
from tests.client import Client
from tests.clock import Clock
from tests.faults.wire import tapped
from tests.hall import Hall
from tests.world import World

pytestmark = pytest.mark.engine2

FEW, MANY = 10, 10_000
BATCH = 25


def _lengthen(aws: Embedded, last: Entry, count: int) -> None:
    """`count` more behind `last`, of people who will never be asked."""
    client = aws.client("dynamodb")
    for table, items in (
        (BookingItem.Meta.table_name, _entries(last, count)),
        (InventoryTable.Meta.table_name, _places(last, count)),
    ):
        while batch := list(islice(items, BATCH)):
            puts = [{"PutRequest": {"Item": item}} for item in batch]
            client.batch_write_item(RequestItems={table: puts})


def _entries(pattern: Entry, count: int) -> Iterator[dict[str, Any]]:
    item = waitlist.to_item(pattern, 1).to_dynamodb_dict()
    for number in range(count):
        yield item | {"pk": {"S": f"F{number:07}"}}


def _places(pattern: Entry, count: int) -> Iterator[dict[str, Any]]:
    item = waitlist_places.place_to_item(pattern).to_dynamodb_dict()
    head = item["sk"]["S"].rpartition(".")[0].rpartition(".")[0]
    for number in range(count):
        yield item | {"sk": {"S": f"{head}.{number + 1000:08}.WLF{number:07}AAAAAAAAAAA"}}


def _cost(meter: Meter, step: Callable[[], object]) -> Reading:
    meter.reset()
    step()
    return meter.snapshot()


def _a_life(hall: Hall, aws: Embedded, meter: Meter, others: int) -> dict[str, Reading]:
    """Everything that happens in line, each step by itself, with `others` further back."""
    first, second, third = (hall.world.add_account(f"{n}-{hall.zone_id}") for n in range(3))
    for actor in (first, second, third):
        hall.deps.accounts.known(actor.account_id)
    booking = hall.book()
    _, ahead = hall.join(first), hall.join(second)
    costs, joined = {}, []
    costs["join"] = _cost(meter, lambda: joined.append(hall.join(third)))
    _lengthen(aws, joined[0], others)
    costs["offer"] = _cost(meter, lambda: hall.cancel(booking))
    hall.clock.move(minutes=15)
    costs["lapse"] = _cost(meter, lambda: sweeps.run(hall.deps, "waitlist-expiry"))
    costs["decline"] = _cost(meter, lambda: hall.leave(ahead, second))
    costs["claim"] = _cost(meter, lambda: hall.claim(joined[0], third))
    return costs


def test_joining_offering_claiming_and_lapsing_cost_the_same_at_ten_and_ten_thousand_in_line(
    aws: Embedded, world: World, clock: Clock, meter: Meter
) -> None:
    few, many = (
        _a_life(Hall(world, clock, zone_id=f"hall-{count:05}"), aws, meter, count)
        for count in (FEW, MANY)
    )
    assert few == many
    claim = many["claim"].requests
    assert claim == {"GetItem": 1, "TransactWriteItems": 1}


def test_joining_behind_ten_thousand_costs_what_it_costs_behind_ten(
    aws: Embedded, world: World, clock: Clock, meter: Meter
) -> None:
    costs = []
    for count in (FEW, MANY):
        hall = Hall(world, clock, zone_id=f"hall-{count:05}")
        hall.book()
        _lengthen(aws, hall.join(hall.third), count)
        hall.deps.accounts.known(hall.fourth.account_id)
        costs.append(_cost(meter, partial(hall.join, hall.fourth)))
    assert costs[0] == costs[1]


def _with_waiting_customers(world: World, clock: Clock) -> Client:
    """Staff, in whose memory are the places and themselves; twelve customers wait, whose accounts
    are not."""
    for zone_id in ("halls", "annexes"):
        hall = Hall(world, clock, zone_id=zone_id)
        hall.book()
        for number in range(6):
            hall.join(world.add_account(f"{zone_id}{number}"))
    staff = Client(world).by(world.staff)
    staff.get("/api/waitlist")
    world.deps.accounts.forget_all()
    world.deps.accounts.known(world.staff.account_id)
    return staff


@pytest.mark.parametrize("path", ["/api/waitlist", "/api/waitlist?site=central", "/waitlist"])
def test_a_page_of_entries_reads_its_customers_at_once(
    world: World, clock: Clock, meter: Meter, path: str
) -> None:
    staff = _with_waiting_customers(world, clock)
    meter.reset()
    said = staff.get(path).body
    rows = said if path == "/waitlist" else said["items"]
    assert len({row["user_email"] for row in rows}) == 12
    assert meter.snapshot().requests == {"Query": 1, "BatchGetItem": 2}


def test_a_page_of_entries_is_shown_where_its_customers_cannot_be_read(
    world: World, clock: Clock
) -> None:
    staff = _with_waiting_customers(world, clock)
    with tapped(world.deps) as wire, wire.breaking(2, "is throttled"):
        said = staff.get("/waitlist")
        assert wire.calls[:3] == ["Query", "BatchGetItem", "BatchGetItem"]
    assert (said.status, len(said.body)) == (200, 12)
