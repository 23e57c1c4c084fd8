"""Choice of a space by its condition, for arrivals today only: for later dates the condition of a
room is ignored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps

OUT: Final = "The room is OUT_OF_SERVICE. Take another one."


def in_service(deps: Deps, zone: Zone, start: datetime, numbers: Sequence[str]) -> tuple[str, ...]:
    """The spaces that are not out of service, for an arrival at `start`."""
    return turnover.in_service(numbers, _rooms(deps, zone, start))


def choose(deps: Deps, zone: Zone, start: datetime, free: Sequence[str], *, named: bool) -> str:
    """A random one of the `free` spaces; for an arrival today one in service, and a ready one if
    there is any. Raises ZoneFull if none is in service; RoomNotReady if the customer `named` the
    space."""
    rooms = _rooms(deps, zone, start)
    usable = turnover.in_service(free, rooms)
    if not usable:
        raise errors.RoomNotReady(OUT) if named else errors.ZoneFull()
    return occupancy.choose(turnover.ready(usable, rooms) or usable, deps.random_bits(30))


def require_in_service(deps: Deps, zone: Zone, start: datetime, number: str) -> None:
    """Require a room in service, for an arrival today. Raises RoomNotReady."""
    if not in_service(deps, zone, start, (number,)):
        raise errors.RoomNotReady(OUT)


def _rooms(deps: Deps, zone: Zone, start: datetime) -> Mapping[str, Room]:
    """The rooms of a zone that have a record, by number, for an arrival today: one query. Empty
    for a later arrival, and in a zone without turnover."""
    if not zone.policy.tracks_turnover:
        return {}
    tz = deps.catalogue.site(zone.site).tz
    if localtime.local_date(start, tz) > localtime.local_date(deps.now(), tz):
        return {}
    return deps.rooms.of_zone(zone.zone_id)
