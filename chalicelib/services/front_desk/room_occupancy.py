"""Occupancy of rooms: the guests in them and today's arrivals, read for many rooms at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy.occupancy import Sheet, Sheets
from chalicelib.domain.sites.site import Zone, split_space_id
from chalicelib.services.bookings import settle
from chalicelib.services.bookings.decide import read_sheets
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class RoomState:
    """A room with its sheets. `booking_ids` are those in its record and in today's sheets,
    `bookings` those of them that are for this room."""

    site: str
    room: Room
    sheets: Sheets
    booking_ids: tuple[str, ...]
    bookings: tuple[Booking, ...] = ()

    @property
    def stay(self) -> Booking | None:
        """The booking that is checked in to it."""
        return next((each for each in self.bookings if each.status is Status.ACTIVE), None)

    @property
    def is_disputed(self) -> bool:
        """Whether its record names a booking that is not checked in to it."""
        return self.room.booking_id not in (None, self.stay and self.stay.booking_id)

    def arrival(self, now: datetime) -> Booking | None:
        """The next arrival: due by now, or later today."""
        arrivals = [b for b in self.bookings if b.status is Status.BOOKED and now < b.booked.end]
        return min(arrivals, key=lambda booking: booking.booked.start, default=None)


def named(deps: Deps, slug: str, room_ids: Iterable[str]) -> dict[str, str]:
    """Rooms as a request names them, by the ids they have: by id, or by a number that one zone of
    the site has. What names no room stands for itself. Each room once. Raises SiteNotFound."""
    room_ids = tuple(room_ids)
    numbered: dict[str, list[str]] = {}
    if any("." not in each for each in room_ids):
        zones = deps.catalogue.zones_of(deps.catalogue.site(slug).slug)
        for zone in zones:
            for space in deps.catalogue.spaces(zone.zone_id):
                numbered.setdefault(space.number, []).append(f"{zone.zone_id}.{space.number}")
    found: dict[str, str] = {}
    for each in room_ids:
        with_it = numbered.get(each, ())
        found.setdefault(with_it[0] if len(with_it) == 1 else each, each)
    return found


def find(deps: Deps, slug: str, room_ids: Collection[str]) -> dict[str, RoomState]:
    """The rooms of `room_ids` that belong to the site, open or closed, by id: two queries a zone
    and one batch read for each hundred bookings. Raises SiteNotFound."""
    site, now = deps.catalogue.site(slug), deps.now()
    today = Interval(now, localtime.day(localtime.local_date(now, site.tz), site.tz).end)
    zone_ids = {split_space_id(each)[0] for each in room_ids}
    zones = [zone for zone in deps.catalogue.all_zones_of(site.slug) if zone.zone_id in zone_ids]
    states = [
        state
        for zone in zones
        for state in _of_zone(deps, zone, today)
        if state.room.space_id in room_ids
    ]
    return {state.room.space_id: state for state in _with_bookings(deps, states)}


def settled(deps: Deps, state: RoomState) -> RoomState:
    """The room after the overdue deadlines of its bookings. Where one has ended, the record of the
    room is read again."""
    bookings = settle.each(deps, state.bookings)
    if bookings == state.bookings:
        return state
    room = deps.rooms.get(state.room.zone_id, state.room.number)
    own = tuple(each for each in bookings if each.space_id == room.space_id)
    return replace(state, room=room, bookings=own)


def _of_zone(deps: Deps, zone: Zone, today: Interval) -> Iterator[RoomState]:
    """The rooms of a zone. Records are read first, then sheets, then bookings: the booking that a
    record names is checked in by then."""
    records = deps.rooms.of_zone(zone.zone_id) if zone.policy.tracks_turnover else {}
    sheets: dict[str, list[Sheet]] = {}
    for sheet in read_sheets(deps, zone, today):
        sheets.setdefault(sheet.number, []).append(sheet)
    for number in deps.catalogue.all_numbers(zone.zone_id):
        room, own = records.get(number) or Room(zone.zone_id, number), sheets.get(number, ())
        yield RoomState(zone.site, room, own, _booking_ids(room, own, today.end))


def _booking_ids(room: Room, sheets: Iterable[Sheet], until: datetime) -> tuple[str, ...]:
    """The booking in the record of a room, and those that hold the room before `until`."""
    taken = (pair for sheet in sheets for pair in sheet.taken.items())
    holders = {holder for holder, interval in taken if interval.start < until}
    return tuple(sorted(holders | {room.booking_id} if room.booking_id else holders))


def _with_bookings(deps: Deps, states: Sequence[RoomState]) -> Iterator[RoomState]:
    read = deps.bookings.many(each for state in states for each in state.booking_ids)
    by_id = {booking.booking_id: booking for booking in read}
    for state in states:
        named = (by_id[each] for each in state.booking_ids if each in by_id)
        own = tuple(each for each in named if each.space_id == state.room.space_id)
        yield replace(state, bookings=own)
