"""Bring bookings over: many in one transaction, each with the record of its old id.

A second run, or one at the same time, finds what is there already: the record of an old id is
written once, with the booking. Nobody gets a mail and no event is sent unless it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.change import Change, Tally
from chalicelib.domain.imports import bookings as rules
from chalicelib.domain.imports.bookings import OldBooking
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheet, Sheets
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps
from chalicelib.store import imported

MOST_WRITES: Final = 95
"""The size of one transaction, of the 100 items that DynamoDB allows."""

MOST_AT_ONCE: Final = 45
"""Bookings in one transaction: a booking and its record are two items."""


def bring_over(deps: Deps, olds: Iterable[OldBooking], *, mails: bool = False) -> int:
    """Write those of the bookings that are not there yet, and return how many that were. Raises
    SpaceTaken where the time of one is taken since it was checked, and StaleVersion; what was
    written before stays, and the next run goes on after it."""
    made, waiting = 0, list(olds)
    while waiting:
        batch = waiting[:MOST_AT_ONCE]
        done, new = deps.retry_on_conflict(lambda: _once(deps, batch, mails=mails))  # noqa: B023
        made, waiting = made + new, waiting[done:]
    return made


def _once(deps: Deps, batch: Sequence[OldBooking], *, mails: bool) -> tuple[int, int]:
    """One transaction with the first ones of `batch`: how many that are, and how many were new."""
    known = imported.find(old.old for old in batch)
    fresh = [old for old in batch if old.old not in known]
    sheets = {sheet.place: sheet for sheet in deps.sheets.of_places(_places(deps, fresh))}
    change, done, new = Change(), 0, 0
    for old in batch:
        if old.old not in known:
            try:
                joined = _joined(deps, change, old, sheets, mails=mails)
            except errors.SpaceTaken:
                _retry_if_brought_over(old)
                settle.retry_if_freed(deps, old.zone, tuple(sheets.values()), (old.number,))
                raise
            if joined is None or (new and _writes(joined) > MOST_WRITES):
                break
            change, new = joined, new + 1
        done += 1
    if new:
        try:
            deps.commit(change)
        except errors.AlreadyExists:
            raise errors.StaleVersion() from None
    return done, new


def _retry_if_brought_over(old: OldBooking) -> None:
    """Raises StaleVersion where another run has written this booking since `_once` looked: what
    takes its time is the booking itself."""
    if imported.find([old.old]):
        raise errors.StaleVersion()


def _joined(
    deps: Deps,
    change: Change,
    old: OldBooking,
    sheets: dict[tuple[str, str, str], Sheet],
    *,
    mails: bool,
) -> Change | None:
    """`change` with one booking more; None where that has to wait for the next transaction."""
    locator = old.user_id.removeprefix("US") if old.user_id else deps.new_locator()
    booking_id = ids.booking_id(locator, old.created_at, deps.random_bits(20))
    more = rules.bring_over(
        old,
        booking_id=booking_id,
        sheets=_of_space(old, sheets, change),
        tz=deps.catalogue.site(old.zone.site).tz,
        now=deps.now(),
        new_id=deps.new_id,
        mails=mails,
    )
    tallies = _merged((*change.tallies, *more.tallies))
    taken = {record.booking_id for record in change.saves if isinstance(record, Booking)}
    if tallies is None or booking_id in taken:
        return None
    return replace(change.joined_with(more), tallies=tallies)


def _of_space(old: OldBooking, sheets: dict[tuple[str, str, str], Sheet], change: Change) -> Sheets:
    """The sheets of its space, with what the bookings before it have taken."""
    places = list(_places_of(old))
    known = [sheets[place] for place in places if place in sheets]
    return occupancy.after(known, [edit for edit in change.sheets if edit.place in places])


def _places(deps: Deps, olds: Iterable[OldBooking]) -> Iterator[tuple[str, str, str]]:
    """The keys of the sheets on which the live ones of the bookings stand."""
    for old in olds:
        if old.as_of(deps.now()).is_live:
            yield from _places_of(old)


def _places_of(old: OldBooking) -> Iterator[tuple[str, str, str]]:
    for page in old.zone.paging.pages(old.occupied):
        yield old.zone.zone_id, old.number, page


def _merged(tallies: Iterable[Tally]) -> tuple[Tally, ...] | None:
    """The steps as one for each counter, because a transaction writes an item once; None where two
    debts of one customer meet, which are two steps."""
    merged: dict[tuple[str, str], Tally] = {}
    for tally in tallies:
        key = tally.locator, tally.name
        known = merged.get(key)
        if known is not None and tally.member is not None:
            return None
        merged[key] = tally if known is None else replace(known, by=known.by + tally.by)
    return tuple(merged.values())


def _writes(change: Change) -> int:
    """The number of items it writes: unlike other records, none here is two items but a room."""
    lists = (change.saves, change.sheets, change.tallies, change.ledger)
    return sum(map(len, lists)) + 2 * len(change.rooms) + bool(change.effects)
