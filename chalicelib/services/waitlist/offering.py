"""Offers of freed time to the waitlist, in the step that frees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from chalicelib.domain.bookings import admission
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import effect, errors, localtime
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.waitlist import queue as rules
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.domain.waitlist.queue import Allotment, Place, Wish
from chalicelib.services.bookings import arranging, free_space
from chalicelib.services.core.deps import Deps

MOST_OFFERS: Final = 10
"""Entries of one wish considered at a time; one freed space serves one of them."""

MARKS_AT_ONCE: Final = 90
"""Sheets marked in one transaction."""

PAGES: Final = 7
"""Pages of the sheets on which all free time is offered together."""

MOST_WRITES: Final = 90
"""The size of a transaction with offers, of the 100 items that DynamoDB allows."""


def offer_freed(deps: Deps, change: Change) -> Change:
    """`change` with the offers of the time it frees. Cost: a query of the sheets, one of the queue
    (one more for each long line of a wish that is free now), and a batch read where an entry gets
    an offer. Where bookings move for an offer, a batch read more."""
    freeing = [edit for edit in change.sheets if edit.frees]
    zone = deps.catalogue.zone(freeing[0].zone_id)
    days = {edit.day for edit in freeing}
    inventory = _inventory(deps, zone, days)
    freed = rules.given_back(inventory.sheets, freeing)
    change = _guarded_by_versions(change, inventory.sheets)
    wishes = _contenders(inventory, [each for spans in freed.values() for each in spans])
    wider = days.union(*(zone.paging.pages(wish.interval) for wish in wishes))
    if wider > days:
        inventory = _inventory(deps, zone, wider)
    numbers = sorted(inventory.numbers, key=lambda number: number not in freed)
    inventory = replace(inventory, numbers=tuple(numbers))
    return _with_offers(deps, zone, change, wishes, inventory, wider)


def offer_put_back(deps: Deps, zone: Zone, change: Change, number: str) -> Change:
    """`change`, which puts a room back into service, with the offers to entries for today: for
    these alone its condition counted. One query, and what offers cost."""
    site, now = deps.catalogue.site(zone.site), deps.now()
    rest = Interval(now, localtime.day(localtime.local_date(now, site.tz), site.tz).end)
    days = set(zone.paging.pages(rest))
    inventory = _inventory(deps, zone, days)
    wishes = _contenders(inventory, [rest])
    if not wishes:
        return change
    days = days.union(*(zone.paging.pages(wish.interval) for wish in wishes))
    inventory = free_space.with_condition(deps, zone, _inventory(deps, zone, days))
    inventory = replace(inventory, out=inventory.out - {number})
    return _with_offers(deps, zone, change, wishes, inventory, days)


def _inventory(deps: Deps, zone: Zone, days: Iterable[str]) -> Inventory:
    """The inventory of the pages `days`; where entries wait, with all pages of the bookings that
    could move."""
    ordered = sorted(days)
    return _with_movers(deps, free_space.of_pages(deps, zone, ordered[0], ordered[-1]))


def _with_movers(deps: Deps, inventory: Inventory) -> Inventory:
    """The inventory; where entries wait, with all pages of the bookings that could move: one query
    where these reach beyond its own."""
    if rules.wished(inventory.sheets, now=deps.now()):
        for _ in range(free_space.MOST_WIDENINGS):
            inventory = free_space.widened(deps, inventory) or inventory
    return inventory


def _contenders(inventory: Inventory, freed: Iterable[Interval]) -> tuple[Wish, ...]:
    """The wishes that may be free after time was freed: also those that only bookings touch which
    could move into it."""
    wishes = rules.wished(inventory.sheets, now=inventory.now)
    return rules.contenders(wishes, inventory.reach(freed)) if wishes else ()


def waitlist_comes_first(
    deps: Deps, zone: Zone, taken: Iterable[Interval], inventory: Inventory
) -> bool:
    """Offer the free time that a step would take to the entries waiting for it. True where an offer
    was made: the caller has to read its sheets again."""
    inventory = _with_movers(deps, inventory)
    wishes = _contenders(inventory, taken)
    if not wishes:
        return False
    inventory = free_space.with_condition(deps, zone, inventory)
    return offer(deps, zone, [wish for wish in wishes if rules.fits(wish, inventory)])


def offer(deps: Deps, zone: Zone, wishes: Sequence[Wish]) -> bool:
    """Offer those `wishes` that are free, where time became free without a step: a space was added,
    a blackout lifted. True when anything changed."""

    def once() -> bool:
        days = {day for wish in wishes for day in zone.paging.pages(wish.interval)}
        inventory = _inventory(deps, zone, days)
        waiting = rules.wished(inventory.sheets, now=deps.now())
        known = [wish for wish in wishes if wish in waiting]
        change = _with_offers(deps, zone, Change(), known, inventory, days)
        if not change.saves and not any(edit.gone for edit in change.queues):
            return False
        deps.commit(change)
        return True

    return bool(wishes) and deps.retry_on_conflict(once)


def offer_all(deps: Deps, zone_id: str) -> None:
    """Offer all free time of a zone to its waitlist, in turn; new spaces are marked first. The
    cached zone is dropped, because it may be older than the edit that reopened it. Cost: a query
    for each hundred places, two for each run of `PAGES` with wishes, three calls where some are
    free."""
    deps.catalogue.forget()
    zone = deps.catalogue.zone(zone_id)
    wanted = deps.waitlist.wishes_of_zone(zone.zone_id, since=deps.now())
    for wishes in _runs(zone, rules.rivals(wanted)):
        days = sorted({day for each in wishes for day in zone.paging.pages(each.interval)})
        sheets = deps.sheets.of_zone(zone.zone_id, days[0], days[-1])
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


def _runs(zone: Zone, groups: Iterable[tuple[Wish, ...]]) -> Iterator[tuple[Wish, ...]]:
    """Groups of wishes that overlap, as many together as lie within `PAGES` pages."""
    run: tuple[Wish, ...] = ()
    for group in groups:
        joined = (*run, *group)
        across = Interval(joined[0].interval.start, max(w.interval.end for w in joined))
        if run and len(zone.paging.pages(across)) > PAGES:
            yield run
            joined = group
        run = joined
    if run:
        yield run


def _guarded_by_versions(change: Change, sheets: Sheets) -> Change:
    """Drop the condition that no entry waits; guard by the sheet versions just read instead."""
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
    inventory: Inventory,
    days: Iterable[str],
) -> Change:
    read, wishes = inventory.sheets, tuple(wishes)
    if wishes:
        inventory = free_space.with_condition(deps, zone, inventory)
    after = replace(inventory, sheets=occupancy.after(inventory.sheets, change.sheets))
    left = after.keeping(_written(change))
    free = [wish for wish in wishes if _is_free(deps, zone, wish, left)]
    later = [w for w in wishes if w not in free and _is_free(deps, zone, w, after)]
    queues = deps.waitlist.heads(zone.zone_id, (*free, *later), MOST_OFFERS)
    gone = [wish for wish, queue in queues.items() if not queue]
    change = change.queueing(*rules.freeing(zone.zone_id, days, read, gone))
    places = rules.in_turn(*([p for w in some for p in queues[w]] for some in (free, later)))
    if any(queues[wish] for wish in later):
        change = _followed_by_offers(change, zone)
    return _offered(deps, zone, change, *_allotted(deps, places, left))


def _written(change: Change) -> tuple[str, ...]:
    """The holders that a change writes. They do not move once more in it."""
    return tuple(each.holder for each in change.saves if isinstance(each, Booking | Entry))


def _followed_by_offers(change: Change, zone: Zone) -> Change:
    """`change` with the task to make offers after it, for those that it cannot make itself."""
    task = effect.offer_time(zone.zone_id)
    return change if task in change.effects else change.sending(task)


def _allotted(
    deps: Deps, places: Iterable[Place], left: Inventory
) -> tuple[Inventory, list[Allotment]]:
    """The spaces for the places in their turn, of what is `left`, in which holders that cannot move
    after all are kept in theirs."""
    places = tuple(places)

    def plan(before: Inventory) -> tuple[list[Allotment], Inventory]:
        allotted = list(rules.allot(places, before))
        return allotted, allotted[-1].inventory if allotted else before

    found = arranging.arranged(deps, left, plan)
    assert found is not None
    return found.inventory, found.planned


def _offered(
    deps: Deps, zone: Zone, change: Change, left: Inventory, allotted: list[Allotment]
) -> Change:
    """`change` with the offers, as many in turn as fit into one transaction; a task for the
    rest."""
    entries = {e.entry_id: e for e in deps.waitlist.many(a.place.entry_id for a in allotted)}
    if any(entry.status is not EntryStatus.WAITING for entry in entries.values()):
        raise errors.StaleVersion()
    for count in range(len(allotted), 0, -1):
        some = [entries[a.place.entry_id] for a in allotted[:count] if a.place.entry_id in entries]
        inventory = allotted[count - 1].inventory
        made = _with_moves(deps, change, left, inventory)
        for entry in some:
            number = inventory.number_of(entry.entry_id)
            made = made.joined_with(
                entry.offer(number, policy=zone.policy, sheets=left.sheets, now=deps.now())
            )
        if made.writes <= MOST_WRITES:
            return _followed_by_offers(made, zone) if count < len(allotted) else made
    return _followed_by_offers(change, zone) if allotted else change


def _with_moves(deps: Deps, change: Change, left: Inventory, inventory: Inventory) -> Change:
    moves, _ = arranging.moved(deps, left, inventory)
    edits = (replace(edit, frees=False) for edit in moves.sheets)
    return change.joined_with(replace(moves, sheets=tuple(edits)))


def _is_free(deps: Deps, zone: Zone, wish: Wish, inventory: Inventory) -> bool:
    site = deps.catalogue.site(zone.site)
    return admission.is_open(wish.interval, site=site, zone=zone) and rules.fits(wish, inventory)
