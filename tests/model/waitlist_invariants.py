"""What holds of the waitlist at every moment: places, holds, marks and lines agree with the
entries, and no entry waits for a time that is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from chalicelib.domain.bookings import admission
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.waitlist import queue
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.bookings import room_choice
from chalicelib.services.core.deps import Deps
from chalicelib.store import waitlist
from chalicelib.store.waitlist import EntryItem, WishesItem
from chalicelib.store.waitlist_places import PlaceItem


def read() -> tuple[Entry, ...]:
    """Every entry, live or over."""
    items = EntryItem.scan(EntryItem.sk.startswith(waitlist.PREFIX), consistent_read=True)
    return tuple(map(waitlist.from_item, items))


def check(deps: Deps, sheets: Iterable[Sheet]) -> tuple[Entry, ...]:
    """Check the waitlist, and return its entries. Raises AssertionError."""
    sheets = tuple(sheets)
    entries = read()
    for entry in entries:
        assert (entry.deadline is not None) == entry.is_live, entry
        assert (entry.booking_id is not None) == (entry.status is EntryStatus.CLAIMED), entry
    _places_show_who_waits(entries)
    _wishes_show_the_live(entries)
    _holds_show_the_offered(entries, sheets)
    _lines_show_what_is_waited_for(entries, sheets)
    _no_entry_waits_for_a_free_time(deps, entries, sheets)
    return entries


def _places_show_who_waits(entries: Iterable[Entry]) -> None:
    found = PlaceItem.scan(PlaceItem.pk.startswith("line#"), consistent_read=True)
    places = {(item.pk, item.sk) for item in found}
    assert places == {
        (f"line#{entry.zone_id}", f"{entry.wish.name}#{entry.turn}")
        for entry in entries
        if entry.status is EntryStatus.WAITING
    }


def _wishes_show_the_live(entries: Iterable[Entry]) -> None:
    live: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        if entry.is_live:
            assert entry.key not in live[entry.locator, entry.day], entry
            live[entry.locator, entry.day].add(entry.key)
    found = WishesItem.scan(WishesItem.sk.startswith("wishes#"), consistent_read=True)
    kept = {(i.pk, i.sk.removeprefix("wishes#")): set(i.wishes or ()) for i in found}
    assert {which: wishes for which, wishes in kept.items() if wishes} == live


def _holds_show_the_offered(entries: Iterable[Entry], sheets: Iterable[Sheet]) -> None:
    shown = {
        (holder, sheet.zone_id, sheet.number, sheet.day, sheet.taken[holder], lapses)
        for sheet in sheets
        for holder, lapses in sheet.lapses.items()
    }
    assert shown == {
        (entry.entry_id, entry.zone_id, entry.held, day, entry.interval, entry.lapses_at)
        for entry in entries
        if entry.status is EntryStatus.OFFERED
        for day in entry.paging.pages(entry.interval)
    }
    for sheet in sheets:
        assert {h for h in sheet.taken if h.startswith("WL")} == sheet.lapses.keys()


def _lines_show_what_is_waited_for(entries: Iterable[Entry], sheets: Iterable[Sheet]) -> None:
    lines = {(s.zone_id, s.day): s.queue.wishes for s in sheets if s.queue is not None}
    for entry in entries:
        if entry.status is EntryStatus.WAITING:
            for day in entry.paging.pages(entry.interval):
                assert entry.wish.name in lines[entry.zone_id, day], (entry, day)


def _no_entry_waits_for_a_free_time(
    deps: Deps, entries: Iterable[Entry], sheets: tuple[Sheet, ...]
) -> None:
    now = deps.now()
    for entry in entries:
        zone = deps.catalogue.zone(entry.zone_id)
        site, numbers = deps.catalogue.site(zone.site), deps.catalogue.numbers(zone.zone_id)
        if entry.status is not EntryStatus.WAITING or entry.interval.start <= now:
            continue
        of_zone = tuple(sheet for sheet in sheets if sheet.zone_id == entry.zone_id)
        usable = entry.wish.among(numbers)
        if room_choice.matters(deps, zone, entry.interval.start):
            unusable = room_choice.unusable(deps, zone, deps.rooms.of_zone(zone.zone_id))
            usable = tuple(number for number in usable if number not in unusable)
        free = occupancy.free(usable, of_zone, entry.interval, now=now)
        assert not free or not admission.is_open(entry.interval, site=site, zone=zone), entry
        assert not queue.unmarked(entry.zone_id, entry.wish, numbers, of_zone, zone.paging), entry
