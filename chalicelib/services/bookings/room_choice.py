"""Which rooms a guest who comes today can be given. Whoever comes later is not told: by then the
room has been seen to."""

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
    """Those of the spaces that can be had from `start` on as far as their condition goes."""
    return turnover.in_service(numbers, _known(deps, zone, start))


def choose(deps: Deps, zone: Zone, start: datetime, free: Sequence[str], *, named: bool) -> str:
    """One of the `free` spaces, by lot; for somebody who comes today one that is in service, and a
    ready one if there is any. Raises ZoneFull where none is in service, RoomNotReady for one that
    was `named`."""
    rooms = _known(deps, zone, start)
    usable = turnover.in_service(free, rooms)
    if not usable:
        raise errors.RoomNotReady(OUT) if named else errors.ZoneFull()
    return occupancy.choose(turnover.ready(usable, rooms) or usable, deps.random_bits(30))


def require_in_service(deps: Deps, zone: Zone, start: datetime, number: str) -> None:
    """Refuse a room that is out of service (RoomNotReady) to somebody who comes today."""
    if not in_service(deps, zone, start, (number,)):
        raise errors.RoomNotReady(OUT)


def _known(deps: Deps, zone: Zone, start: datetime) -> Mapping[str, Room]:
    """The rooms of a zone by number, as far as anything is known of them, for somebody whose time
    begins today: one query where rooms are cleaned between guests, otherwise nothing."""
    if not zone.policy.tracks_turnover:
        return {}
    tz = deps.catalogue.site(zone.site).tz
    if localtime.local_date(start, tz) > localtime.local_date(deps.now(), tz):
        return {}
    return deps.rooms.of_zone(zone.zone_id)
