"""Offers of freed time to the waitlist, in the step that frees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from chalicelib.domain.bookings import admission
from chalicelib.domain.core import effect, errors, unixtime
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.waitlist import queue as rules
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.domain.waitlist.queue import Wish
from chalicelib.services.core.deps import Deps

MOST_OFFERS: Final = 10
"""Entries of one wish considered at a time; one freed space serves one of them."""

MARKS_AT_ONCE: Final = 90
"""Sheets marked in one transaction."""

MOST_WRITES: Final = 90
"""The size of a transaction with offers, of the 100 items that DynamoDB allows."""


def offer_freed(deps: Deps, change: Change) -> Change:
    """`change` with the offers of the time it frees. Cost: a query of the sheets, a query for each
    wish that is free now, and a batch read where an entry gets an offer."""
    freeing = [edit for edit in change.sheets if edit.frees]
    zone = deps.catalogue.zone(freeing[0].zone_id)
    days = {edit.day for edit in freeing}
    sheets = _sheets(deps, zone, days)
    freed = rules.given_back(sheets, freeing)
    wishes = rules.contenders(rules.wished(sheets, now=deps.now()), freed)
    wider = days.union(*(zone.paging.pages(wish.interval) for wish in wishes))
    if wider > days:
        sheets = _sheets(deps, zone, wider)
    numbers = sorted(deps.catalogue.numbers(zone.zone_id), key=lambda number: number not in freed)
    return _with_offers(
        deps, zone, _guarded_by_versions(change, sheets), wishes, numbers, sheets, wider
    )


def _sheets(deps: Deps, zone: Zone, days: Iterable[str]) -> Sheets:
    ordered = sorted(days)
    return deps.sheets.of_zone(zone.zone_id, ordered[0], ordered[-1])


def waitlist_comes_first(
    deps: Deps, zone: Zone, number: str, interval: Interval, sheets: Sheets
) -> bool:
    """Offer the free time that a new booking would take to the entries waiting for it. True where
    an offer was made: the caller has to read its sheets again."""
    now = deps.now()
    numbers = deps.catalogue.numbers(zone.zone_id)
    wishes = [
        wish
        for wish in rules.contenders(rules.wished(sheets, now=now), {number: [interval]})
        if occupancy.free(wish.among(numbers), sheets, wish.interval, now=now)
    ]
    return offer(deps, zone, wishes)


def offer(deps: Deps, zone: Zone, wishes: Sequence[Wish]) -> bool:
    """Offer those `wishes` that are free, where time became free without a step: a space was added,
    a blackout lifted. True when anything changed."""

    def once() -> bool:
        days = {day for wish in wishes for day in zone.paging.pages(wish.interval)}
        sheets = _sheets(deps, zone, days)
        known = [wish for wish in wishes if wish in rules.wished(sheets, now=deps.now())]
        numbers = deps.catalogue.numbers(zone.zone_id)
        change = _with_offers(deps, zone, Change(), known, numbers, sheets, days)
        if not change.saves and not any(edit.gone for edit in change.queues):
            return False
        deps.commit(change)
        return True

    return bool(wishes) and deps.retry_on_conflict(once)


def offer_all(deps: Deps, zone_id: str) -> None:
    """Offer all free time of a zone to its waitlist, in turn; new spaces are marked first. The
    cached zone is dropped, because it may be older than the edit that reopened it. Cost: a query
    for each different wish, one for each group that overlaps, three calls where some are free."""
    deps.catalogue.forget()
    zone = deps.catalogue.zone(zone_id)
    for wishes in rules.rivals(_wishes(deps, zone)):
        sheets = _sheets(
            deps, zone, {day for each in wishes for day in zone.paging.pages(each.interval)}
        )
        for wish in wishes:
            mark_waited(deps, zone, wish, sheets)
        while offer(deps, zone, wishes):
            pass


def mark_waited(deps: Deps, zone: Zone, wish: Wish, sheets: Sheets) -> bool:
    """Mark the sheets a wish depends on as waited for, so that no step frees their time without
    reading the queue. True when some were not marked: the caller has to read the sheets again."""
    numbers = deps.catalogue.numbers(zone.zone_id)
    marks = rules.unmarked(zone.zone_id, wish, numbers, sheets, zone.paging)
    for first in range(0, len(marks), MARKS_AT_ONCE):
        deps.commit(Change(sheets=marks[first : first + MARKS_AT_ONCE]))
    return bool(marks)


def _wishes(deps: Deps, zone: Zone) -> Iterable[Wish]:
    """The waiting wishes of a zone that have not begun, by start: a query each."""
    after = f"{unixtime.of(deps.now()):010}"
    while (place := deps.waitlist.next_wish(zone.zone_id, after)) is not None:
        yield place.wish
        after = place.wish.name


def _guarded_by_versions(change: Change, sheets: Sheets) -> Change:
    """Drop the condition that nobody waits; guard by the sheet versions just read instead."""
    versions = {sheet.place: sheet.version for sheet in sheets}
    edits = (
        replace(
            edit,
            frees=False,
            expected=versions.get(edit.place) if edit.expected is None else edit.expected,
        )
        for edit in change.sheets
    )
    return replace(change, sheets=tuple(edits))


def _with_offers(
    deps: Deps,
    zone: Zone,
    change: Change,
    wishes: Iterable[Wish],
    numbers: Sequence[str],
    sheets: Sheets,
    days: Iterable[str],
) -> Change:
    now = deps.now()
    left = occupancy.after(sheets, change.sheets)
    queues = {
        wish: deps.waitlist.first(zone.zone_id, wish, MOST_OFFERS)
        for wish in wishes
        if _is_free(deps, zone, wish, numbers, left)
    }
    places = [place for queue in queues.values() for place in queue]
    allotted = {
        place.entry_id: number
        for place, number in rules.allot(
            zone.zone_id, places, numbers, left, paging=zone.paging, now=now
        )
    }
    gone = [wish for wish, queue in queues.items() if not queue]
    change = change.queueing(*rules.freeing(zone.zone_id, days, sheets, gone))
    entries = deps.waitlist.many(allotted)
    if any(entry.status is not EntryStatus.WAITING for entry in entries):
        raise errors.StaleVersion()
    for entry in sorted(entries, key=lambda entry: entry.turn):
        made = entry.offer(allotted[entry.entry_id], policy=zone.policy, sheets=left, now=now)
        if change.writes + made.writes > MOST_WRITES:
            return change.sending(effect.offer_time(zone.zone_id))
        change = change.joined_with(made)
    return change


def _is_free(deps: Deps, zone: Zone, wish: Wish, numbers: Sequence[str], sheets: Sheets) -> bool:
    site, now = deps.catalogue.site(zone.site), deps.now()
    if not admission.is_open(wish.interval, site=site, zone=zone):
        return False
    return bool(occupancy.free(wish.among(numbers), sheets, wish.interval, now=now))
