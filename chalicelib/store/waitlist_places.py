"""The places in the queues of a waitlist: one item for each entry that waits."""

from __future__ import annotations

from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.queue import Place, Wish
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import InventoryTable
from chalicelib.store.sheets import expiry


class PlaceItem(InventoryTable):
    """The place of an entry in the queue of its zone (`line#<zone>`, `<wish>#<turn>`)."""

    ttl = IntegerAttribute()


def between(zone_id: str, begin: str, end: str, limit: int) -> tuple[tuple[Place, ...], bool]:
    """Places of a queue by their sort keys, and whether there may be more: one query."""
    with translated():
        found = PlaceItem.query(
            queue(zone_id),
            PlaceItem.sk.between(begin, end),
            limit=limit,
            page_size=limit,
            consistent_read=True,
        )
        places = tuple(place_from_item(item) for item in found)
    return places, bool(places) and found.last_evaluated_key is not None


def place_to_item(entry: Entry) -> PlaceItem:
    """The item of an entry's place in the queue."""
    sk = f"{entry.wish.name}#{entry.turn}"
    return PlaceItem(queue(entry.zone_id), sk, ttl=expiry(entry.day))


def place_from_item(item: PlaceItem) -> Place:
    """The place in an item."""
    name, _, turn = item.sk.partition("#")
    return Place(turn, Wish.named(name), turn.rpartition(".")[2])


def queue(zone_id: str) -> str:
    """The partition of the queue of a zone."""
    return f"line#{zone_id}"
