"""The desk's search. Whatever a guest says is a key of some kind, so a search costs the same
however many bookings a site has had.

Stages: an id is read; a room's number leads to its sheets and its history; a mail address also to
the account that has it. What else is said is looked up in the indexes of guests, and asked of
whoever is inside or about to come, which finds those who only come along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.front_desk import search_keys
from chalicelib.domain.front_desk.day_lists import SiteDay
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.front_desk import day_lists

MOST_KNOWN: Final = 100
"""Bookings looked up by one key, the last ones made first where they are alike."""

LATELY: Final = 20
"""Steps of a room's history in which former guests are looked for."""

NEAR: Final = timedelta(days=1)
"""Whoever comes to a room within this is about to come."""

NEAR_ELSEWHERE: Final = timedelta(days=31)
"""The same at sites without rooms, which have no index of guests."""

MOST_NEAR: Final = 500
"""Bookings read of those who are near, earliest first: five batch reads."""


@dataclass(frozen=True)
class Result:
    """Bookings of a site: those who are inside, those who come, those who were there, latest first.
    `more`: there are others under that key."""

    site: Site
    day: SiteDay
    bookings: tuple[Booking, ...]
    more: bool = False


def search(deps: Deps, actor: Actor, slug: str, wanted: str) -> Result:
    """The booking or the group of that id; otherwise those of that room, or of a guest of that
    name, phone number, mail address or plate. For those who work there. Raises Forbidden,
    SiteNotFound, Invalid for blanks."""
    site, day = day_lists.asked(deps, actor, slug)
    said = wanted.strip()
    if not said:
        raise errors.Invalid({"q": "must say whom to look for"})
    known = _of_id(deps, said.upper())
    if known is None:
        known = _of_room(deps, site, said)
    if known is None:
        return _of_guest(deps, site, day, said)
    return Result(site, day, _sorted(_settled_at(deps, site, known)))


def _of_id(deps: Deps, said: str) -> tuple[Booking, ...] | None:
    if ids.group_keys(said) is not None:
        return deps.bookings.of_group(said)
    return deps.bookings.many([said]) if ids.booking_key(said) else None


def _of_room(deps: Deps, site: Site, said: str) -> tuple[Booking, ...] | None:
    """Who is in the rooms of that number or comes to them, and who was there lately."""
    rooms = [
        (zone, number)
        for zone in deps.catalogue.zones_of(site.slug)
        for number in deps.catalogue.numbers(zone.zone_id)
        if number.casefold() == said.casefold()
    ]
    return deps.bookings.many(_guests_of(deps, rooms)) if rooms else None


def _guests_of(deps: Deps, rooms: Iterable[tuple[Zone, str]]) -> Iterator[str]:
    for zone, number in rooms:
        for sheet in deps.sheets.of_space(zone.zone_id, number, _pages(deps, zone)):
            yield from sheet.taken
        if zone.policy.tracks_turnover:
            lately = deps.rooms.history(zone.zone_id, number, limit=LATELY).records
            yield from (step.booking_id for _, step in lately if step.booking_id)


def _pages(deps: Deps, zone: Zone) -> tuple[str, ...]:
    now, policy = deps.now(), zone.policy
    lookback = deadline.longest_overstay(kind=zone.kind, policy=policy)
    far = timedelta(days=policy.advance_window)
    ahead = far if zone.paging is Paging.MONTH else min(far, NEAR_ELSEWHERE)
    return zone.paging.pages(Interval.of_stay(now - lookback, now + ahead))


def _of_guest(deps: Deps, site: Site, day: SiteDay, said: str) -> Result:
    has_rooms = any(zone.kind == "room" for zone in deps.catalogue.zones_of(site.slug))
    known, more = _known(deps, site, said) if has_rooms else (frozenset(), False)
    near = _near(deps, site, day, NEAR if has_rooms else NEAR_ELSEWHERE)
    read = _settled_at(deps, site, deps.bookings.many({*known, *near}))
    meant = (b for b in read if b.is_live or b.booking_id in known)
    found = {b.booking_id: b for b in meant if search_keys.is_about(b, said)}
    found |= {b.booking_id: b for b in _of_account(deps, site, said)}
    return Result(site, day, _sorted(found.values()), more)


def _known(deps: Deps, site: Site, said: str) -> tuple[frozenset[str], bool]:
    """The ids of bookings that the indexes know under what is said, and whether there are others:
    a query an index."""
    pages = [
        deps.bookings.search(site.slug, key, prefix, limit=MOST_KNOWN)
        for key, prefix in search_keys.prefixes(said).items()
    ]
    ids_known = frozenset(booking_id for page in pages for booking_id in page.records)
    return ids_known, any(page.after is not None for page in pages)


def _near(deps: Deps, site: Site, day: SiteDay, within: timedelta) -> list[str]:
    holds = day_lists.holding(deps, site, Interval(day.now, day.now + within))
    return [hold.holder for hold in sorted(holds, key=lambda hold: hold.interval)[:MOST_NEAR]]


def _of_account(deps: Deps, site: Site, said: str) -> tuple[Booking, ...]:
    """What the customer with that mail address has booked here, of their newest bookings."""
    account = deps.accounts.find_by_login(said.casefold()) if "@" in said else None
    if account is None:
        return ()
    page = deps.bookings.of_owner(account.locator, limit=MOST_KNOWN)
    return _settled_at(deps, site, page.records)


def _settled_at(deps: Deps, site: Site, read: Iterable[Booking]) -> tuple[Booking, ...]:
    """Those of the site, as they are now."""
    return settle.each(deps, (booking for booking in read if booking.site == site.slug))


def _sorted(bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    return tuple(sorted(bookings, key=_place))


def _place(booking: Booking) -> tuple[bool, bool, float, str]:
    """Who is inside first, then who comes next, then who was there last; by room."""
    start = booking.booked.start.timestamp()
    inside = booking.status is Status.ACTIVE
    return not inside, not booking.is_live, start if booking.is_live else -start, booking.space_id
