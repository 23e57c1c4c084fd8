"""Offers of freed time to the people in line for it, in the step that frees it."""

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
"""Offers made at a time to those who wish for the same; a space frees it for one."""

MARKS_AT_ONCE: Final = 90
"""Sheets marked in one transaction."""

MOST_WRITES: Final = 90
"""Of the hundred items a transaction takes, those that offers may fill it up to."""


def offer_freed(deps: Deps, change: Change) -> Change:
    """`change` with the offers that follow from the time it gives back: a query of the sheets, one
    for each wish that can be had now, and a batch read where somebody is served."""
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
    return _with_offers(deps, zone, _looked_at(change, sheets), wishes, numbers, sheets, wider)


def _sheets(deps: Deps, zone: Zone, days: Iterable[str]) -> Sheets:
    ordered = sorted(days)
    return deps.sheets.of_zone(zone.zone_id, ordered[0], ordered[-1])


def comes_first(deps: Deps, zone: Zone, number: str, interval: Interval, sheets: Sheets) -> bool:
    """Whether somebody in line has just been offered what a passer-by is about to take: then what
    they know of `sheets` is no longer true."""
    now = deps.now()
    numbers = deps.catalogue.numbers(zone.zone_id)
    wishes = [
        wish
        for wish in rules.contenders(rules.wished(sheets, now=now), {number: [interval]})
        if occupancy.free(wish.among(numbers), sheets, wish.interval, now=now)
    ]
    return offer(deps, zone, wishes)


def offer(deps: Deps, zone: Zone, wishes: Sequence[Wish]) -> bool:
    """Offer whatever of `wishes` can be had, where time came free without a step that frees it: a
    space was added, a blackout lifted. True when that changed anything."""

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
    """Offer whatever can be had in a zone, first come first served: a query for each different
    wish, one for those that overlap, and three calls where some can be had. Spaces that are new
    are marked first. What this instance knew of the zone may be older than what has reopened it."""
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
    """Mark the sheets a wish depends on, so that nobody frees their time without a look at the
    line. True when some were not: whoever decides by them has to look at them again."""
    numbers = deps.catalogue.numbers(zone.zone_id)
    marks = rules.unmarked(zone.zone_id, wish, numbers, sheets, zone.paging)
    for first in range(0, len(marks), MARKS_AT_ONCE):
        deps.commit(Change(sheets=marks[first : first + MARKS_AT_ONCE]))
    return bool(marks)


def _wishes(deps: Deps, zone: Zone) -> Iterable[Wish]:
    """Each wish that somebody in line has and that has not begun, by its start."""
    after = f"{unixtime.of(deps.now()):010}"
    while (place := deps.waitlist.next_wish(zone.zone_id, after)) is not None:
        yield place.wish
        after = place.wish.name


def _looked_at(change: Change, sheets: Sheets) -> Change:
    """The change with the line no longer in its way, but guarded by what was read of it."""
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
        if _can_be_had(deps, zone, wish, numbers, left)
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


def _can_be_had(deps: Deps, zone: Zone, wish: Wish, numbers: Sequence[str], sheets: Sheets) -> bool:
    site, now = deps.catalogue.site(zone.site), deps.now()
    if not admission.is_open(wish.interval, site=site, zone=zone):
        return False
    return bool(occupancy.free(wish.among(numbers), sheets, wish.interval, now=now))
