"""The bookings that a blackout affects: list and cancel them.

Sheets name every booking of a day, so a list reads only the sheets of the closed days, as far as
its page needs, and its cost does not grow with history. A booking made on an instance that has not
seen the blackout yet appears in the next list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final, Literal

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.sites import blackout
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.bookings.bookings import Cancelled
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import blackouts
from chalicelib.services.sites.blackouts import Closure

Existing = Literal["keep", "cancel"]
"""What to do about the bookings that stand already."""

MOST_CANCELLED: Final = 50
"""Bookings cancelled in one call, each with a read and a transaction: a few of the 29 seconds that
API Gateway allows."""

MOST_COUNTED: Final = 1000
"""The largest count: the list is not read further."""

FIRST_PAGE: Final = 20
NO_REASON: Final = "The site is closed at that time."

_Cursor = tuple[str, str, str]
"""An affected booking in the order of the list: zone, sheet (`<page>#<number>`), booking."""


@dataclass(frozen=True)
class AffectedBookings:
    """The number of affected bookings, at most `MOST_COUNTED`, and the first page."""

    count: int
    first: Listing[Booking]


@dataclass(frozen=True)
class FailedCancellation:
    """A booking that was not cancelled, and the reason."""

    booking_id: str
    refusal: errors.Refusal


@dataclass(frozen=True)
class BulkCancellation:
    """The bookings of one page: cancelled, or not. `after` is the place of the next page, None
    after the last one."""

    done: tuple[Cancelled, ...]
    refused: tuple[FailedCancellation, ...]
    after: str | None


def list_affected(
    deps: Deps, actor: Actor, blackout_id: str, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The live bookings in the time of a blackout, by zone, day and space. Raises BlackoutNotFound,
    Forbidden."""
    closure = blackouts.get(deps, actor, blackout_id)
    return _read(deps, closure, _page(_affected(deps, closure, after), limit))


def on_creation(
    deps: Deps, actor: Actor, closure: Closure, bookings: Existing
) -> tuple[AffectedBookings, BulkCancellation | None]:
    """The bookings that a new blackout affects; with `bookings="cancel"` the first `MOST_CANCELLED`
    are cancelled."""
    cursors = list(islice(_affected(deps, closure, None, settles=True), MOST_COUNTED))
    affected = AffectedBookings(len(cursors), _read(deps, closure, _page(cursors, FIRST_PAGE)))
    if bookings == "keep":
        return affected, None
    return affected, _cancel_page(deps, actor, closure, _page(cursors, MOST_CANCELLED))


def cancel(deps: Deps, actor: Actor, blackout_id: str, *, after: str | None) -> BulkCancellation:
    """Cancel up to `MOST_CANCELLED` bookings in the time of a blackout. A booking that has begun is
    reported as refused, and the others are cancelled. A repeated call finds those that are left.
    Raises BlackoutNotFound, Forbidden."""
    closure = blackouts.get(deps, actor, blackout_id)
    return _cancel_page(
        deps, actor, closure, _page(_affected(deps, closure, after), MOST_CANCELLED)
    )


def _affected(
    deps: Deps, closure: Closure, after: str | None, *, settles: bool = False
) -> Iterator[_Cursor]:
    """The holders of closed time, those after the cursor `after`; where it `settles`, without those
    that are over."""
    last = _cursor(after)
    for zone_id in blackouts.closed_zones(deps, closure):
        if zone_id >= last[0]:
            since = last[1] if zone_id == last[0] else ""
            zone = deps.catalogue.zone(zone_id)
            pages = zone.paging.pages(closure.blackout.interval)
            ends = (pages[0], pages[-1])
            read = partial(deps.sheets.each_of_zone, zone_id, *ends, since=since)
            for sheet in settle.sheets_of(deps, zone, read) if settles else read():
                for holder in blackout.hit_first_on(sheet, closure.blackout.interval):
                    cursor = (zone_id, f"{sheet.day}#{sheet.number}", holder)
                    if cursor > last:
                        yield cursor


def _cursor(after: str | None) -> _Cursor:
    zone_id, sheet, holder = (after or "//").split("/")
    return zone_id, sheet, holder


def _page(cursors: Iterable[_Cursor], limit: int) -> Listing[str]:
    """The ids of the first `limit` bookings."""
    found = list(islice(cursors, limit + 1))
    holders = tuple(dict.fromkeys(holder for _, _, holder in found[:limit]))
    return Listing(holders, "/".join(found[limit - 1]) if len(found) > limit else None)


def _read(deps: Deps, closure: Closure, page: Listing[str]) -> Listing[Booking]:
    read = settle.each(deps, deps.bookings.many(page.records))
    affected = {each.booking_id: each for each in read if _is_affected(each, closure)}
    found = tuple(affected[each] for each in page.records if each in affected)
    return Listing(found, page.after)


def _is_affected(booking: Booking, closure: Closure) -> bool:
    return booking.is_live and booking.booked.overlaps(closure.blackout.interval)


def _cancel_page(
    deps: Deps, actor: Actor, closure: Closure, page: Listing[str]
) -> BulkCancellation:
    done, refused = [], []
    for booking_id in page.records:
        try:
            cancelled = _cancel_one(deps, actor, closure, booking_id)
        except (errors.Conflict, errors.NotFound) as refusal:
            refused.append(FailedCancellation(booking_id, refusal))
        else:
            done += [cancelled] if cancelled else []
    return BulkCancellation(tuple(done), tuple(refused), page.after)


def _cancel_one(deps: Deps, actor: Actor, closure: Closure, booking_id: str) -> Cancelled | None:
    """Cancel one booking with a full refund. None where it has ended or was moved to another
    time."""

    def once() -> Cancelled | None:
        booking = bookings.get(deps, actor, booking_id)
        if not _is_affected(booking, closure):
            return None
        reason = closure.blackout.reason or NO_REASON
        return bookings.cancel_settled(deps, actor, booking, reason=reason, source="blackout")

    return deps.retry_on_conflict(once)
