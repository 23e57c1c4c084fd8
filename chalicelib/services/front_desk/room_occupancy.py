"""Who is in a site's rooms, and who arrives in them today: read for many rooms at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy.occupancy import Sheet, Sheets
from chalicelib.domain.sites.site import Zone, split_space_id
from chalicelib.services.bookings.bookings import read_sheets
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class RoomState:
    """A room with its sheets; `names` are those whom its record and today's sheets name, and
    `bookings` those of them that are for this very room."""

    site: str
    room: Room
    sheets: Sheets
    names: tuple[str, ...]
    bookings: tuple[Booking, ...] = ()

    @property
    def stay(self) -> Booking | None:
        """The one that is in it."""
        return next((each for each in self.bookings if each.status is Status.ACTIVE), None)

    @property
    def is_disputed(self) -> bool:
        """Whether its record names somebody who is not in it."""
        return self.room.booking_id not in (None, self.stay and self.stay.booking_id)

    def arrival(self, now: datetime) -> Booking | None:
        """The one that is to come next: by now, or later today."""
        to_come = [b for b in self.bookings if b.status is Status.BOOKED and now < b.booked.end]
        return min(to_come, key=lambda booking: booking.booked.start, default=None)


def find(deps: Deps, slug: str, room_ids: Collection[str]) -> dict[str, RoomState]:
    """Those of the rooms that are the site's, by id: two queries a zone, and a batch read for a
    hundred bookings. Raises SiteNotFound."""
    site, now = deps.catalogue.site(slug), deps.now()
    today = Interval(now, localtime.day(localtime.local_date(now, site.tz), site.tz).end)
    asked = {split_space_id(each)[0] for each in room_ids}
    zones = [zone for zone in deps.catalogue.zones_of(site.slug) if zone.zone_id in asked]
    rooms = [
        found
        for zone in zones
        for found in _of_zone(deps, zone, today)
        if found.room.space_id in room_ids
    ]
    return {found.room.space_id: found for found in _with_bookings(deps, rooms)}


def _of_zone(deps: Deps, zone: Zone, today: Interval) -> Iterator[RoomState]:
    """Records first, then sheets, then bookings: whoever a record names has come by then."""
    touched = deps.rooms.of_zone(zone.zone_id) if zone.policy.tracks_turnover else {}
    sheets: dict[str, list[Sheet]] = {}
    for sheet in read_sheets(deps, zone, today):
        sheets.setdefault(sheet.number, []).append(sheet)
    for number in (space.number for space in deps.catalogue.spaces(zone.zone_id)):
        room, own = touched.get(number) or Room(zone.zone_id, number), sheets.get(number, ())
        yield RoomState(zone.site, room, own, _names(room, own, today.end))


def _names(room: Room, sheets: Iterable[Sheet], until: datetime) -> tuple[str, ...]:
    """Who is in the room by its record, and who has it before `until` by its sheets."""
    taken = (pair for sheet in sheets for pair in sheet.taken.items())
    holders = {holder for holder, interval in taken if interval.start < until}
    return tuple(sorted(holders | {room.booking_id} if room.booking_id else holders))


def _with_bookings(deps: Deps, rooms: Iterable[RoomState]) -> Iterator[RoomState]:
    every = tuple(rooms)
    read = deps.bookings.many(name for found in every for name in found.names)
    by_id = {booking.booking_id: booking for booking in read}
    for found in every:
        named = (by_id[name] for name in found.names if name in by_id)
        own = tuple(each for each in named if each.space_id == found.room.space_id)
        yield replace(found, bookings=own)
