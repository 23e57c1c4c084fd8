"""Waitlist entries, their places in the queue, and the wishes of a customer on one day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import size
from pynamodb.expressions.update import Action

from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.domain.waitlist.queue import Place, Wish, WishEdit
from chalicelib.store import due_item, waitlist_places
from chalicelib.store.due_item import DueItem
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import BookingsTable
from chalicelib.store.dynamodb.transaction import Write
from chalicelib.store.sheets import expiry

PREFIX = "wait#"

PLACES: Final = 100
"""Places of a queue read together."""


class EntryItem(DueItem):
    """A waitlist entry under its owner (`wait#<rest of its id>`). `site` is set while it is live,
    so that the index of its site lists it; `place` is the site for good."""

    version = IntegerAttribute(attr_name="v")
    status = UnicodeAttribute()
    site = UnicodeAttribute(null=True)
    place = UnicodeAttribute()
    zone = UnicodeAttribute()
    start = IntegerAttribute()
    wish = UnicodeAttribute()
    day = UnicodeAttribute()
    priority = IntegerAttribute()
    ticket = IntegerAttribute()
    created = IntegerAttribute()
    updated = IntegerAttribute()
    offered = IntegerAttribute(null=True)
    held = UnicodeAttribute(null=True)
    ended = IntegerAttribute(null=True)
    booking_id = UnicodeAttribute(null=True)
    paging = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    favour = UnicodeAttribute(null=True)
    ttl = IntegerAttribute(null=True)


class WishesItem(BookingsTable):
    """What a customer waits for on one local day (`wishes#<date>`), as a set: it guards against
    doubles and against too many. `entries` are the ids of the same, but of those from before it was
    written."""

    wishes: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    entries: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    ttl = IntegerAttribute()


class Waitlist:
    """The entries of all zones."""

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
        """Those of the entries that exist, unordered: one batch read per hundred."""
        keys = [key for key in map(_key, dict.fromkeys(entry_ids)) if key]
        if not keys:
            return ()
        with translated():
            return tuple(from_item(item) for item in EntryItem.batch_get(keys, True))

    def of_owner(self, user_id: str, *, limit: int, after: str | None = None) -> Listing[Entry]:
        """A customer's entries, newest first: one query."""
        with translated():
            found = EntryItem.query(
                user_id.removeprefix("US"),
                EntryItem.sk.startswith(PREFIX),
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key=_key_of(after),
                consistent_read=True,
            )
            entries = tuple(from_item(item) for item in found)
        return _listing(entries, more=found.last_evaluated_key is not None)

    def at_site(self, site: str, *, limit: int, after: str | None = None) -> Listing[Entry]:
        """A site's live entries by their start: one query and one batch read."""
        with translated():
            found = EntryItem.by_site.query(
                _site_partition(site),
                limit=limit,
                page_size=limit,
                last_evaluated_key=_key_of(after, site),
            )
            entries = lists.in_order(found, EntryItem, from_item)
        return _listing(entries, more=found.last_evaluated_key is not None)

    def wishes(self, locator: str, day: str) -> frozenset[str]:
        """The keys of what a customer waits for on a local day: one read."""
        try:
            with translated():
                item = WishesItem.get(locator, f"wishes#{day}", consistent_read=True)
        except WishesItem.DoesNotExist:
            return frozenset()
        return frozenset(item.wishes or ())

    def unended(self, user_id: str, *, since: str) -> tuple[Entry, ...] | None:
        """A customer's entries that have not ended, of the local day `since` and later: one query
        and one batch read for each hundred, however many have ended. None where one of them is
        from before its id was kept with its wish."""
        with translated():
            found = WishesItem.query(
                user_id.removeprefix("US"),
                WishesItem.sk.between(f"wishes#{since}", "wishes#~"),
                WishesItem.wishes.exists(),
                consistent_read=True,
            )
            days = [(item.wishes or (), item.entries or ()) for item in found]
        if any(len(entries) < len(wishes) for wishes, entries in days):
            return None
        return self.many(sorted(each for _, entries in days for each in entries))

    def heads(
        self, zone_id: str, wishes: Iterable[Wish], limit: int
    ) -> dict[Wish, tuple[Place, ...]]:
        """The first places in the queue for each wish, `limit` of each: one query where the lines
        together are short, and at most one more for each long line."""
        heads: dict[str, list[Place]] = {f"{wish.name}#": [] for wish in wishes}
        left, begin = sorted(heads), ""
        while left:
            page, more = waitlist_places.between(
                zone_id, max(begin, left[0]), f"{left[-1]}~", limit * len(left)
            )
            for place in page:
                head = heads.get(f"{place.wish.name}#")
                if head is not None and len(head) < limit:
                    head.append(place)
            if not more:
                break
            last = f"{page[-1].wish.name}#"
            begin = f"{last}{page[-1].turn}~"
            left = [
                each for each in left if each > last or (each == last and len(heads[each]) < limit)
            ]
        return {wish: tuple(heads[f"{wish.name}#"]) for wish in wishes}

    def wishes_of_zone(self, zone_id: str, *, since: datetime) -> Iterator[Wish]:
        """The waiting wishes of a zone that begin after `since`, by start: one query for each
        hundred places, in which a longer line for one wish is skipped."""
        begin, more = f"{unixtime.of(since):010}#~", True
        while more:
            page, more = waitlist_places.between(zone_id, begin, "~", PLACES)
            yield from dict.fromkeys(place.wish for place in page)
            if page:
                begin = f"{page[-1].wish.name}#~"

    def waiting(self, zone_id: str, *, since: datetime, limit: int) -> tuple[Place, ...]:
        """The places in the queue of a zone for times that begin at `since` or later: one query."""
        with translated():
            found = waitlist_places.PlaceItem.query(
                waitlist_places.queue(zone_id),
                waitlist_places.PlaceItem.sk >= f"{unixtime.of(since):010}",
                limit=limit,
                page_size=limit,
                consistent_read=True,
            )
            return tuple(waitlist_places.place_from_item(item) for item in found)

    def ahead(self, entry: Entry, limit: int) -> int:
        """How many entries wait before `entry` for the same wish, counted up to `limit`: one
        query."""
        name = entry.wish.name
        with translated():
            found = waitlist_places.PlaceItem.query(
                waitlist_places.queue(entry.zone_id),
                waitlist_places.PlaceItem.sk.between(f"{name}#", f"{name}#{entry.turn}"),
                limit=limit + 1,
                page_size=limit + 1,
                consistent_read=True,
            )
            return min(limit, sum(1 for item in found if item.sk != f"{name}#{entry.turn}"))


def writes(entry: Entry, shards: int) -> Iterator[Write]:
    """The entry under its version, and its place in the queue when it begins or ceases to wait."""
    yield transaction.save(to_item(entry, shards), entry.version)
    if entry.version == 1:
        yield Write("put", waitlist_places.place_to_item(entry))
    if entry.leaves_queue:
        yield Write("delete", waitlist_places.place_to_item(entry))


def wish_writes(edit: WishEdit) -> Iterator[Write]:
    """The wishes of a customer on one day, refused where a new one is a double or one too many."""
    item, wishes = WishesItem(edit.locator, f"wishes#{edit.day}"), WishesItem.wishes
    own, entries = {edit.entry_id}, WishesItem.entries
    if edit.most is None:
        yield transaction.update(item, [wishes.delete({edit.wish}), entries.delete(own)])
        return
    added: list[Action] = [wishes.add({edit.wish}), entries.add(own)]
    actions = [*added, WishesItem.ttl.set(expiry(edit.day))]
    room = wishes.does_not_exist() | (size(wishes) < edit.most)
    yield transaction.update(item, actions, ~wishes.contains(edit.wish) & room)


def to_item(entry: Entry, shards: int) -> EntryItem:
    """The item of an entry, whose deadline lies in one of `shards` partitions of the index."""
    key = _key(entry.entry_id) or ("-", "-")
    return EntryItem(
        *key,
        version=entry.version,
        status=entry.status.value,
        site=_site_partition(entry.site) if entry.is_live else None,
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
        favour=entry.favour or None,
        ttl=None if entry.is_live else expiry(entry.day),
        **due_item.pack(entry.deadline, key, shards),
    )


def from_item(item: EntryItem) -> Entry:
    """The entry in an item."""
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
        priority=item.priority,
        ticket=item.ticket,
        offered_at=unixtime.instant(item.offered),
        held=item.held,
        ended_at=unixtime.instant(item.ended),
        booking_id=item.booking_id,
        reason=item.reason or "",
        favour=item.favour or "",
        deadline=due_item.unpack(item),
        paging=Paging(item.paging or Paging.DAY),
        version=item.version,
    )


def cursor(entry: Entry) -> str:
    """The cursor with which a list continues after `entry`."""
    return f"{unixtime.of(entry.interval.start)}.{entry.entry_id}"


def _listing(entries: tuple[Entry, ...], *, more: bool) -> Listing[Entry]:
    return Listing(entries, cursor(entries[-1]) if more and entries else None)


def _key(entry_id: str) -> tuple[str, str] | None:
    key = ids.entry_key(entry_id)
    return key and (key[0], PREFIX + key[1])


def _site_partition(site: str) -> str:
    return f"waitlist/{site}"


def _key_of(after: str | None, site: str | None = None) -> dict[str, Any] | None:
    if after is None:
        return None
    start, _, entry_id = after.partition(".")
    pk, sk = _key(entry_id) or ("-", "-")
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    if site is None:
        return key
    return {**key, "site": {"S": _site_partition(site)}, "start": {"N": start}}
