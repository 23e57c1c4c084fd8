"""The bookings that a blackout hits: who they are, and how they are cancelled.

Sheets name every holder of a day, so nothing is scanned and nothing grows with history: a list
reads the sheets of the closed days as far as it goes. It is always the truth of the moment; what
slips in while other instances have not seen the blackout yet is in the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Literal

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.payments import refund
from chalicelib.domain.sites import blackout
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.bookings.bookings import Cancelled
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import blackouts
from chalicelib.services.sites.blackouts import Closure

MOST_CANCELLED: Final = 50
"""Bookings cancelled in one call, a read and a transaction each: a few seconds of the gateway's
29."""

MOST_COUNTED: Final = 1000
"""Beyond so many a count says no more than that there are many."""

FIRST_PAGE: Final = 20
NO_REASON: Final = "The site is closed at that time."

_Spot = tuple[str, str, str]
"""Where somebody stands: zone, sheet (`<page>#<number>`), booking. A list goes by it."""


@dataclass(frozen=True)
class Hit:
    """How many bookings a blackout hits, up to `MOST_COUNTED`, and the first of them."""

    count: int
    first: Listing[Booking]


@dataclass(frozen=True)
class Refused:
    """A booking that could not be cancelled, and why."""

    booking_id: str
    refusal: errors.Refusal


@dataclass(frozen=True)
class Cancelling:
    """What became of some of the bookings, and where it goes on (None: nobody is left)."""

    done: tuple[Cancelled, ...]
    refused: tuple[Refused, ...]
    after: str | None


def list_hit(
    deps: Deps, actor: Actor, blackout_id: str, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The live bookings in the time of a blackout, by zone, day and space. Raises
    BlackoutNotFound, Forbidden."""
    closure = blackouts.get(deps, actor, blackout_id)
    return _read(deps, closure, _page(_spots(deps, closure, after), limit))


def on_creation(
    deps: Deps, actor: Actor, closure: Closure, bookings: Literal["keep", "cancel"]
) -> tuple[Hit, Cancelling | None]:
    """Whom a new blackout hits, and what became of the first of them where they are to be
    cancelled."""
    spots = list(islice(_spots(deps, closure, None), MOST_COUNTED))
    hit = Hit(len(spots), _read(deps, closure, _page(spots, FIRST_PAGE)))
    if bookings == "keep":
        return hit, None
    return hit, _cancel_page(deps, actor, closure, _page(spots, MOST_CANCELLED))


def cancel(deps: Deps, actor: Actor, blackout_id: str, *, after: str | None) -> Cancelling:
    """Cancel the bookings in the time of a blackout, at most `MOST_CANCELLED` of them. One that
    has begun stays, and stops nobody. Repeated, it finds those that are left. Raises
    BlackoutNotFound, Forbidden."""
    closure = blackouts.get(deps, actor, blackout_id)
    return _cancel_page(deps, actor, closure, _page(_spots(deps, closure, after), MOST_CANCELLED))


def _spots(deps: Deps, closure: Closure, after: str | None) -> Iterator[_Spot]:
    """Whoever holds some of the closed time, from behind `after` on."""
    behind = _spot(after)
    for zone_id in blackouts.closed_zones(deps, closure):
        if zone_id >= behind[0]:
            since = behind[1] if zone_id == behind[0] else ""
            pages = deps.catalogue.zone(zone_id).paging.pages(closure.blackout.interval)
            for sheet in deps.sheets.each_of_zone(zone_id, pages[0], pages[-1], since=since):
                for holder in blackout.hit_first_on(sheet, closure.blackout.interval):
                    spot = (zone_id, f"{sheet.day}#{sheet.number}", holder)
                    if spot > behind:
                        yield spot


def _spot(after: str | None) -> _Spot:
    zone_id, sheet, holder = (after or "//").split("/")
    return zone_id, sheet, holder


def _page(spots: Iterable[_Spot], limit: int) -> Listing[str]:
    """Who stands in the first of the spots."""
    found = list(islice(spots, limit + 1))
    holders = tuple(dict.fromkeys(holder for _, _, holder in found[:limit]))
    return Listing(holders, "/".join(found[limit - 1]) if len(found) > limit else None)


def _read(deps: Deps, closure: Closure, page: Listing[str]) -> Listing[Booking]:
    read = settle.each(deps, deps.bookings.many(page.records))
    hit = {each.booking_id: each for each in read if _is_hit(each, closure)}
    return Listing(tuple(hit[each] for each in page.records if each in hit), page.after)


def _is_hit(booking: Booking, closure: Closure) -> bool:
    return booking.is_live and booking.booked.overlaps(closure.blackout.interval)


def _cancel_page(deps: Deps, actor: Actor, closure: Closure, page: Listing[str]) -> Cancelling:
    done, refused = [], []
    for booking_id in page.records:
        try:
            cancelled = _cancel_one(deps, actor, closure, booking_id)
        except (errors.Conflict, errors.NotFound) as refusal:
            refused.append(Refused(booking_id, refusal))
        else:
            done += [cancelled] if cancelled else []
    return Cancelling(tuple(done), tuple(refused), page.after)


def _cancel_one(deps: Deps, actor: Actor, closure: Closure, booking_id: str) -> Cancelled | None:
    """Cancel one as anybody would, with all that was paid given back; None where it is over by
    now, or was moved out of the way."""

    def once() -> Cancelled | None:
        booking = bookings.get(deps, actor, booking_id)
        if not _is_hit(booking, closure):
            return None
        reason = closure.blackout.reason or NO_REASON
        done = bookings.cancel_settled(deps, actor, booking, reason=reason, source="blackout")
        return replace(done, refund=refund.by_site(booking.amount_paid))

    return deps.retry_on_conflict(once)
