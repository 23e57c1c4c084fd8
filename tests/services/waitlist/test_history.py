"""What a customer waits for is found whatever they have waited for before, and at the same cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.bookings import ends
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.waitlist import leaving, lists, offering, offers
from chalicelib.store import waitlist, waitlist_places
from chalicelib.store.waitlist import EntryItem, WishesItem
from local.metering import Meter, Reading
from tests.clock import Clock
from tests.hall import HOUR, START, Hall
from tests.world import World

pytestmark = pytest.mark.engine2

FEW, MANY = 3, 230


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock, max_entries_per_day=50)


def add_history(pattern: Entry, count: int) -> None:
    """`count` more entries of the same customer, newer than `pattern`, that have ended."""
    with EntryItem.batch_write() as batch:
        for number in range(count):
            item = waitlist.to_item(pattern, 1)
            item.sk = f"wait#9{number:010}"
            item.status, item.site = EntryStatus.LEFT.value, None
            item.due_kind = item.due_shard = item.due_at = None
            batch.save(item)


def cost(meter: Meter, step: Callable[[], object]) -> Reading:
    meter.reset()
    step()
    return meter.snapshot()


def waits_among(hall: Hall, ended: int) -> Entry:
    hall.book(0, 4)
    entry = hall.join(hall.world.other, 0, 2)
    add_history(entry, ended)
    return entry


@pytest.mark.parametrize("ended", [FEW, MANY])
def test_own_live_entries_cost_one_query_and_one_batch_read(
    hall: Hall, meter: Meter, ended: int
) -> None:
    entry = waits_among(hall, ended)
    found: list[tuple[Entry, ...]] = []
    customer = hall.world.other
    read = cost(meter, lambda: found.append(lists.every_live(hall.deps, customer.account_id)))
    assert found == [(entry,)]
    assert read.requests == {"Query": 1, "BatchGetItem": 1}
    assert read.read_units == 2


def test_entries_from_before_their_ids_were_kept_are_found_as_before(hall: Hall) -> None:
    old = waits_among(hall, MANY)
    [item] = list(WishesItem.query(old.locator, WishesItem.sk.startswith("wishes#")))
    item.update([WishesItem.entries.remove()])
    new = hall.join(hall.world.other, 1, 3)
    found = lists.every_live(hall.deps, hall.world.other.account_id)
    assert {entry.entry_id for entry in found} == {old.entry_id, new.entry_id}
    hall.leave(old, hall.world.other)
    assert lists.every_live(hall.deps, hall.world.other.account_id) == (new,)


def test_all_entries_are_left_however_many_have_ended_since(hall: Hall) -> None:
    entry = waits_among(hall, MANY)
    leaving.leave_all(hall.deps, hall.deps.accounts.get(hall.world.other.account_id))
    assert hall.status(entry) == [EntryStatus.LEFT]


def test_an_offer_is_found_behind_many_newer_entries_when_its_customer_books_the_ordinary_way(
    hall: Hall,
) -> None:
    booking = hall.book(0, 2)
    entry = hall.join(hall.world.other, 0, 2)
    hall.cancel(booking)
    add_history(entry, MANY)
    assert hall.book(0, 2, hall.world.other).is_live
    assert hall.status(entry) == [EntryStatus.CLAIMED]


def test_an_overdue_entry_behind_many_newer_ones_stands_in_no_way(
    world: World, clock: Clock
) -> None:
    hall = Hall(world, clock, max_entries_per_day=1)
    hall.book(0, 6)
    entry = hall.join(world.other, 0, 2)
    add_history(entry, MANY)
    clock.set(START + timedelta(minutes=1))
    assert offers.any_over(hall.deps, world.other.account_id)
    assert hall.join(world.other, 2, 4).is_live
    assert hall.status(entry) == [EntryStatus.EXPIRED]


# -- different wishes in one line ----------------------------------------------------------------


def fill(world: World, clock: Clock, wishes: int) -> tuple[Hall, list[Entry]]:
    """A taken hall for which so many people wait, each for another time of the same hour."""
    hall = Hall(world, clock, zone_id=f"hall-{wishes}")
    hall.book(0, 3)
    joined = []
    for number in range(wishes):
        actor = world.add_account(f"{hall.zone_id}-{number}")
        joined.append(hall.join(actor, number / 60, 1 + number / 60))
    return hall, joined


def test_offers_after_a_step_cost_the_same_for_few_and_for_many_wishes(
    world: World, clock: Clock, meter: Meter
) -> None:
    costs = []
    for wishes in (2, 30):
        hall, joined = fill(world, clock, wishes)
        booking = next(
            each
            for each in hall.deps.bookings.of_owner(world.user.account_id, limit=9).records
            if each.zone_id == hall.zone_id
        )
        costs.append(cost(meter, lambda: hall.cancel(booking)).requests)  # noqa: B023
        assert hall.status(joined[0]) == [EntryStatus.OFFERED]
    assert costs[0] == costs[1]


def test_offering_all_free_time_costs_the_same_for_few_and_for_many_wishes(
    world: World, clock: Clock, meter: Meter
) -> None:
    costs = []
    for wishes in (2, 30):
        hall, _ = fill(world, clock, wishes)
        costs.append(
            cost(meter, lambda: offering.offer_all(hall.deps, hall.zone_id)).requests  # noqa: B023
        )
    assert costs[0] == costs[1] == {"GetItem": 2, "Query": 4}


def test_wishes_of_many_days_are_offered_all_the_same(world: World, clock: Clock) -> None:
    hall = Hall(world, clock)
    joined = []
    for nth in range(12):
        hall.book(nth * 24, nth * 24 + 1)
        joined.append(hall.join(hall.third, nth * 24, nth * 24 + 1))
    for booking in hall.deps.bookings.of_owner(world.user.account_id, limit=12).records:
        change = ends.cancel(
            world.read(booking),
            by=world.user,
            source="api",
            reason="",
            now=clock.now(),
            by_site=False,
        )
        hall.deps.commit(change)
    offering.offer_all(hall.deps, hall.zone_id)
    assert set(hall.status(*joined)) == {EntryStatus.OFFERED}


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_first_places_for_many_wishes_are_those_of_each(hall: Hall, limit: int) -> None:
    """Lines of different lengths, for named spaces whose names begin alike too."""
    hall.book(0, 6)
    entry = hall.join(hall.third, 0, 1)
    lines = {
        (0, 1, None): 7, (0, 1, "A"): 1, (0, 1, "A-1"): 9, (0, 1, "A 1"): 3, (0, 2, None): 0,
        (1, 2, None): 12, (1, 3, "A"): 2, (2, 3, None): 1, (3, 4, None): 30,
    }  # fmt: skip
    wishes = {}
    for (first, last, number), count in lines.items():
        wish = type(entry.wish)(
            type(entry.interval)(START + first * HOUR, START + last * HOUR), number
        )
        wishes[wish] = count + (wish == entry.wish)
        for nth in range(count):
            place = waitlist_places.place_to_item(entry)
            place.sk = f"{wish.name}#500.1795251600.{nth:08}.WLAAAAAAAA{nth:011}"
            place.save()
    asked = [wish for nth, wish in enumerate(wishes) if nth != 5]
    heads = hall.deps.waitlist.heads(hall.zone_id, asked, limit)
    assert {wish: len(head) for wish, head in heads.items()} == {
        wish: min(limit, wishes[wish]) for wish in asked
    }
    assert all(list(head) == sorted(head) for head in heads.values())
    assert all(place.wish == wish for wish, head in heads.items() for place in head)
    waiting = list(hall.deps.waitlist.wishes_of_zone(hall.zone_id, since=hall.clock.now()))
    assert sorted(w.name for w in waiting) == sorted(w.name for w, n in wishes.items() if n)
