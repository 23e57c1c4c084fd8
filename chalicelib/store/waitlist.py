"""Waitlist entries and their places in line, in and out of the tables."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from chalicelib.domain.bookings.deadline import SWEEP_OF, Deadline, DeadlineKind
from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.domain.waitlist.queue import Place, Wish, WishEdit
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import EntryItem, PlaceItem, WishesItem
from chalicelib.store.sheets import goes_at

PREFIX = "wait#"


class Waitlist:
    """Reads by access pattern. Writing is `commit`'s."""

    def __init__(self, shards: int) -> None:
        self._shards = shards

    def get(self, entry_id: str) -> Entry:
        """One entry: one read. Raises EntryNotFound."""
        key = _key(entry_id)
        if key is None:
            raise errors.EntryNotFound()
        try:
            with translated():
                return from_item(EntryItem.get(*key, consistent_read=True))
        except EntryItem.DoesNotExist:
            raise errors.EntryNotFound() from None

    def many(self, entry_ids: Iterable[str]) -> tuple[Entry, ...]:
        """Those of the entries that exist, a hundred a call, in no order."""
        keys = [key for key in map(_key, dict.fromkeys(entry_ids)) if key]
        if not keys:
            return ()
        with translated():
            return tuple(from_item(item) for item in EntryItem.batch_get(keys, True))

    def of_owner(self, locator: str, *, limit: int, after: str | None = None) -> Listing[Entry]:
        """Somebody's entries, newest first: one query."""
        with translated():
            found = EntryItem.query(
                locator,
                EntryItem.sk.startswith(PREFIX),
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key=_behind(after),
                consistent_read=True,
            )
            entries = tuple(from_item(item) for item in found)
        return _page(entries, more=found.last_evaluated_key is not None)

    def at_site(self, site: str, *, limit: int, after: str | None = None) -> Listing[Entry]:
        """A site's live entries by their start: one query and one batch read."""
        with translated():
            found = EntryItem.by_site.query(
                _listed(site),
                limit=limit,
                page_size=limit,
                last_evaluated_key=_behind(after, site),
            )
            keys = [(item.pk, item.sk) for item in found]
            read = EntryItem.batch_get(keys, True) if keys else ()
            by_key = {(item.pk, item.sk): from_item(item) for item in read}
        entries = tuple(by_key[key] for key in keys if key in by_key)
        return _page(entries, more=found.last_evaluated_key is not None)

    def wishes(self, locator: str, day: str) -> frozenset[str]:
        """What somebody waits for on a local day: one read."""
        try:
            with translated():
                item = WishesItem.get(locator, f"wishes#{day}", consistent_read=True)
        except WishesItem.DoesNotExist:
            return frozenset()
        return frozenset(item.wishes or ())

    def first(self, zone_id: str, wish: Wish, limit: int) -> tuple[Place, ...]:
        """The first in line for a wish: one query, however long the line."""
        with translated():
            found = PlaceItem.query(
                _line(zone_id),
                PlaceItem.sk.startswith(f"{wish.name}#"),
                limit=limit,
                page_size=limit,
                consistent_read=True,
            )
            return tuple(_place(item) for item in found)

    def ahead(self, entry: Entry, limit: int) -> int:
        """How many wait before `entry` for the very same, counted up to `limit`: one query."""
        name = entry.wish.name
        with translated():
            found = PlaceItem.query(
                _line(entry.zone_id),
                PlaceItem.sk.between(f"{name}#", f"{name}#{entry.turn}"),
                limit=limit + 1,
                page_size=limit + 1,
                consistent_read=True,
            )
            return min(limit, sum(1 for item in found if item.sk != f"{name}#{entry.turn}"))

    def next_wish(self, zone_id: str, after: str) -> Place | None:
        """The first in line for the first wish behind the name `after`: one query."""
        with translated():
            found = PlaceItem.query(
                _line(zone_id),
                PlaceItem.sk > f"{after}#~",
                limit=1,
                page_size=1,
                consistent_read=True,
            )
            return next((_place(item) for item in found), None)

    def item(self, entry: Entry) -> EntryItem:
        """The item to store for an entry."""
        return to_item(entry, self._shards)


def place_item(entry: Entry) -> PlaceItem:
    """Its place in line."""
    sk = f"{entry.wish.name}#{entry.turn}"
    return PlaceItem(_line(entry.zone_id), sk, ttl=goes_at(entry.day))


def wishes_edited(edit: WishEdit) -> tuple[WishesItem, list[Action], Condition | None]:
    """The actions and the condition for an edit of what somebody waits for on one day."""
    item = WishesItem(edit.locator, f"wishes#{edit.day}")
    wishes = WishesItem.wishes
    if edit.most is None:
        return item, [wishes.delete({edit.wish})], None
    room = wishes.does_not_exist() | (size(wishes) < edit.most)
    actions: list[Action] = [wishes.add({edit.wish}), WishesItem.ttl.set(goes_at(edit.day))]
    return item, actions, ~wishes.contains(edit.wish) & room


def _key(entry_id: str) -> tuple[str, str] | None:
    key = ids.entry_key(entry_id)
    return key and (key[0], PREFIX + key[1])


def _line(zone_id: str) -> str:
    return f"line#{zone_id}"


def _listed(site: str) -> str:
    return f"waitlist/{site}"


def _place(item: PlaceItem) -> Place:
    name, _, turn = item.sk.partition("#")
    return Place(turn, Wish.named(name), turn.rpartition(".")[2])


def _behind(after: str | None, site: str | None = None) -> dict[str, Any] | None:
    if after is None:
        return None
    start, _, entry_id = after.partition(".")
    pk, sk = _key(entry_id) or ("-", "-")
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    return key if site is None else {**key, "site": {"S": _listed(site)}, "start": {"N": start}}


def place_of(entry: Entry) -> str:
    """Where a list goes on behind `entry`."""
    return f"{unixtime.of(entry.interval.start)}.{entry.entry_id}"


def _page(entries: tuple[Entry, ...], *, more: bool) -> Listing[Entry]:
    return Listing(entries, place_of(entries[-1]) if more and entries else None)


def to_item(entry: Entry, shards: int) -> EntryItem:
    pk, sk = _key(entry.entry_id) or ("-", "-")
    deadline = entry.deadline
    shard = zlib.crc32((pk + sk).encode()) % shards
    return EntryItem(
        pk,
        sk,
        version=entry.version,
        status=entry.status.value,
        site=_listed(entry.site) if entry.is_live else None,
        place=entry.site,
        zone=entry.zone_id,
        start=unixtime.of(entry.interval.start),
        wish=entry.wish.name,
        day=entry.day,
        priority=entry.priority,
        ticket=entry.ticket,
        created=unixtime.of(entry.created_at),
        updated=unixtime.of(entry.updated_at),
        offered=unixtime.of(entry.offered_at),
        held=entry.held,
        ended=unixtime.of(entry.ended_at),
        booking_id=entry.booking_id,
        paging=None if entry.paging is Paging.DAY else entry.paging.value,
        reason=entry.reason or None,
        due_kind=deadline.kind.value if deadline else None,
        due_shard=f"{SWEEP_OF[deadline.kind]}.{shard}" if deadline else None,
        due_at=unixtime.of(deadline.at) if deadline else None,
        ttl=None if entry.is_live else goes_at(entry.day),
    )


def from_item(item: EntryItem) -> Entry:
    locator, tail = item.pk, item.sk.removeprefix(PREFIX)
    return Entry(
        entry_id=f"WL{locator}{tail}",
        user_id=f"US{locator}",
        site=item.place,
        zone_id=item.zone,
        wish=Wish.named(item.wish),
        day=item.day,
        status=EntryStatus(item.status),
        created_at=unixtime.instant(item.created),
        updated_at=unixtime.instant(item.updated),
        priority=int(item.priority),
        ticket=int(item.ticket),
        offered_at=unixtime.instant(item.offered),
        held=item.held,
        ended_at=unixtime.instant(item.ended),
        booking_id=item.booking_id,
        reason=item.reason or "",
        deadline=_deadline(item),
        paging=Paging(item.paging or Paging.DAY),
        version=int(item.version),
    )


def _deadline(item: EntryItem) -> Deadline | None:
    if not item.due_kind:
        return None
    return Deadline(DeadlineKind(item.due_kind), unixtime.instant(item.due_at))
