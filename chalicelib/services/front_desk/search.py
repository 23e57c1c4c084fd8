"""The search of a front desk. Every query is looked up by a key, so a search costs the same however
many bookings a site has had.

Stages: a booking or group id is read. Six characters may be a short code, which is looked up beside
what follows. A room number leads to the sheets of the room and its history. Anything else is
searched in the indexes of guests; among the bookings that are checked in
or arrive soon, which finds the further guests of a booking too; and, if it is a mail address, among
the bookings of its account.
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
from chalicelib.domain.core.sentence import say
from chalicelib.domain.front_desk import search_keys
from chalicelib.domain.front_desk.day_lists import SiteDay
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import settle, short_codes
from chalicelib.services.core.deps import Deps
from chalicelib.services.front_desk import day_lists

MOST_INDEXED: Final = 100
"""Bookings read for one key of an index; of equal keys the newest first."""

RECENT_STEPS: Final = 20
"""Steps in the history of a room that are searched for former guests."""

SOON: Final = timedelta(days=1)
"""The time ahead in which arrivals are searched."""

SOON_WITHOUT_ROOMS: Final = timedelta(days=31)
"""The same at a site without rooms, which has no index of guests."""

MOST_PRESENT: Final = 500
"""Bookings read of those checked in or arriving soon, earliest first: five batch reads."""


@dataclass(frozen=True)
class SearchResult:
    """The bookings that a search has found: first those checked in, then those to come, then past
    ones, latest first. `more`: there are others under that key."""

    site: Site
    day: SiteDay
    bookings: tuple[Booking, ...]
    more: bool = False

    def late_guest_of(self, booking: Booking) -> Booking | None:
        """The overstay in the space of a guest who is still expected, if it was found too."""
        here = (each for each in self.bookings if each.space_id == booking.space_id)
        late = (each for each in here if each.overstays(self.day.now))
        return next(late, None) if booking.status is Status.BOOKED else None


def search(deps: Deps, actor: Actor, slug: str, query: str) -> SearchResult:
    """The booking or the group with that id; otherwise the bookings with that short code, and those
    of the room with that number, or of a guest with that name, phone number, mail address or plate.
    For staff of the site. Raises Forbidden, SiteNotFound, Invalid for blanks."""
    site, day = day_lists.site_day(deps, actor, slug)
    text = query.strip()
    if not text:
        raise errors.Invalid({"q": say("must_not_be_blank")})
    named = _by_id(deps, text.upper())
    if named is not None:
        return SearchResult(site, day, _sorted(_settled_at(deps, site, named)))
    coded = short_codes.find_typed(deps, slug, text)
    in_room = _by_room(deps, site, text)
    if in_room is not None:
        return _found(site, day, coded, _settled_at(deps, site, in_room))
    by_guest, more = _by_guest(deps, site, day, text)
    return _found(site, day, coded, by_guest, more=more)


def _found(site: Site, day: SiteDay, *lists: Iterable[Booking], more: bool = False) -> SearchResult:
    """The result of several searches: each booking once."""
    by_id = {booking.booking_id: booking for found in lists for booking in found}
    return SearchResult(site, day, _sorted(by_id.values()), more)


def _by_id(deps: Deps, text: str) -> tuple[Booking, ...] | None:
    if ids.group_keys(text) is not None:
        return deps.bookings.of_group(text)
    return deps.bookings.many([text]) if ids.booking_key(text) else None


def _by_room(deps: Deps, site: Site, text: str) -> tuple[Booking, ...] | None:
    """The present, coming and recent bookings of the rooms with that number, also of those out of
    service or closed; None without one."""
    rooms = [
        (zone, number)
        for zone in deps.catalogue.all_zones_of(site.slug)
        for number in deps.catalogue.all_numbers(zone.zone_id)
        if number.casefold() == text.casefold()
    ]
    return deps.bookings.many(_ids_of_rooms(deps, rooms)) if rooms else None


def _ids_of_rooms(deps: Deps, rooms: Iterable[tuple[Zone, str]]) -> Iterator[str]:
    for zone, number in rooms:
        for sheet in deps.sheets.of_space(zone.zone_id, number, _pages(deps, zone)):
            yield from sheet.taken
        if zone.policy.tracks_turnover:
            recent = deps.rooms.history(zone.zone_id, number, limit=RECENT_STEPS).records
            yield from (step.booking_id for _, step in recent if step.booking_id)


def _pages(deps: Deps, zone: Zone) -> tuple[str, ...]:
    now, policy = deps.now(), zone.policy
    lookback = deadline.lookback(kind=zone.kind, policy=policy)
    window = timedelta(days=policy.advance_window + 1)
    ahead = window if zone.paging is Paging.MONTH else min(window, SOON_WITHOUT_ROOMS)
    return zone.paging.pages(Interval.of_stay(now - lookback, now + ahead))


def _by_guest(deps: Deps, site: Site, day: SiteDay, text: str) -> tuple[tuple[Booking, ...], bool]:
    """The bookings of guests with that name, number, address or plate, and whether there are
    others."""
    has_rooms = any(zone.kind == "room" for zone in deps.catalogue.all_zones_of(site.slug))
    indexed, more = _indexed(deps, site, text) if has_rooms else (frozenset(), False)
    present = _present(deps, site, day, SOON if has_rooms else SOON_WITHOUT_ROOMS)
    read = _settled_at(deps, site, deps.bookings.many({*indexed, *present}))
    candidates = (b for b in read if b.is_live or b.booking_id in indexed)
    found = tuple(b for b in candidates if search_keys.matches(b, text))
    return (*found, *_by_account(deps, site, text)), more


def _indexed(deps: Deps, site: Site, text: str) -> tuple[frozenset[str], bool]:
    """The ids of bookings in the indexes of guests under that text, and whether there are others:
    a query an index, and one more for each way to spell it."""
    pages = [
        deps.bookings.search(site.slug, key, prefix, limit=MOST_INDEXED)
        for key, prefixes in search_keys.prefixes(text).items()
        for prefix in prefixes
    ]
    found = frozenset(booking_id for page in pages for booking_id in page.records)
    return found, any(page.after is not None for page in pages)


def _present(deps: Deps, site: Site, day: SiteDay, ahead: timedelta) -> list[str]:
    """The ids of bookings that are checked in or arrive soon."""
    taken = day_lists.taken_rooms(deps, site, Interval(day.now, day.now + ahead))
    return [each.holder for each in sorted(taken, key=lambda each: each.interval)[:MOST_PRESENT]]


def _by_account(deps: Deps, site: Site, text: str) -> tuple[Booking, ...]:
    """The bookings at the site of the customer with that mail address, of their newest ones."""
    address = text.replace(" ", "+")  # a `+` that was not encoded reads as a blank
    account = deps.accounts.find_by_login(address) if "@" in text else None
    if account is None:
        return ()
    page = deps.bookings.of_owner(account.account_id, limit=MOST_INDEXED)
    return _settled_at(deps, site, page.records)


def _settled_at(deps: Deps, site: Site, bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    """The bookings of the site, settled."""
    return settle.each(deps, (booking for booking in bookings if booking.site == site.slug))


def _sorted(bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    return tuple(sorted(bookings, key=_order))


def _order(booking: Booking) -> tuple[bool, bool, float, str]:
    """Checked in first, then the next to come, then the latest past ones; by room."""
    start = booking.booked.start.timestamp()
    inside = booking.status is Status.ACTIVE
    return not inside, not booking.is_live, start if booking.is_live else -start, booking.space_id
