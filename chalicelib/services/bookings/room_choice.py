"""Choice of a space by its condition, for arrivals today only: for later dates the condition of a
room, and a guest who overstays in it, are ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps

OUT: Final = "The room is OUT_OF_SERVICE. Take another one."
STILL_IN: Final = "The last guest is still in this room. Take another one, or check that guest out."


def in_service(deps: Deps, zone: Zone, start: datetime, numbers: Sequence[str]) -> tuple[str, ...]:
    """The spaces that are not out of service and have no overstay, for an arrival at `start`."""
    return _usable(deps, zone, numbers, _rooms(deps, zone, start))


def choose(
    deps: Deps,
    zone: Zone,
    start: datetime,
    free: Sequence[str],
    *,
    named: bool,
    retry: Callable[[], None],
) -> str:
    """A random one of the `free` spaces; for an arrival today one in service without an overstay,
    and a ready one if there is any. Before it gives a room that is not ready, or none, it calls
    `retry`, which raises where settling has freed others. Raises ZoneFull if there is none; what
    `require_in_service` refuses if the customer `named` the space."""
    rooms = _rooms(deps, zone, start)
    usable = _usable(deps, zone, free, rooms)
    ready = turnover.ready(usable, rooms)
    if named and not usable:
        raise _refusal(rooms[free[0]])
    if not (ready or named):
        retry()
    if not usable:
        raise errors.ZoneFull()
    return occupancy.choose(ready or usable, deps.random_bits(30))


def require_in_service(deps: Deps, zone: Zone, start: datetime, number: str) -> None:
    """Require a room in service without an overstay, for an arrival today. Raises RoomNotReady,
    SpaceTaken."""
    rooms = _rooms(deps, zone, start)
    if not _usable(deps, zone, (number,), rooms):
        raise _refusal(rooms[number])


def _usable(
    deps: Deps, zone: Zone, numbers: Sequence[str], rooms: Mapping[str, Room]
) -> tuple[str, ...]:
    """Those in service without an overstay. Where time ends overstays, they count as free for
    arrivals later today."""
    found = turnover.in_service(numbers, rooms)
    if zone.policy.auto_checkout_after is not None:
        return found
    return turnover.without_overstay(found, rooms, deps.now())


def _refusal(room: Room) -> errors.Refusal:
    return errors.SpaceTaken(STILL_IN) if room.is_occupied else errors.RoomNotReady(OUT)


def _rooms(deps: Deps, zone: Zone, start: datetime) -> Mapping[str, Room]:
    """The rooms of a zone that have a record, by number, for an arrival today: one query. Empty
    for a later arrival, and in a zone without turnover."""
    if not zone.policy.tracks_turnover:
        return {}
    tz = deps.catalogue.site(zone.site).tz
    if localtime.local_date(start, tz) > localtime.local_date(deps.now(), tz):
        return {}
    return deps.rooms.of_zone(zone.zone_id)
