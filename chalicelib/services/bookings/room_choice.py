"""The condition of rooms counts for arrivals today only; for later dates it, and a guest who
overstays in a room, are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.sentence import say
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps

OUT: Final = say("room_out_of_service")
STILL_IN: Final = say("last_guest_in_room")


def matters(deps: Deps, zone: Zone, start: datetime) -> bool:
    """Whether the condition of the rooms counts: for an arrival today in a zone with turnover."""
    if not zone.policy.tracks_turnover:
        return False
    tz = deps.catalogue.site(zone.site).tz
    return localtime.local_date(start, tz) <= localtime.local_date(deps.now(), tz)


def unusable(deps: Deps, zone: Zone, rooms: Mapping[str, Room]) -> frozenset[str]:
    """The rooms that are out of service or have an overstay. Where time ends overstays, they count
    as free for arrivals later today."""
    usable = turnover.in_service(rooms, rooms)
    if zone.policy.auto_checkout_after is None:
        usable = turnover.without_overstay(usable, rooms, deps.now())
    return frozenset(rooms).difference(usable)


def require_in_service(deps: Deps, zone: Zone, start: datetime, number: str) -> None:
    """Require a room in service without an overstay, for an arrival today: one read. Raises
    RoomNotReady, SpaceTaken."""
    if matters(deps, zone, start):
        room = deps.rooms.get(zone.zone_id, number)
        if unusable(deps, zone, {number: room}):
            raise errors.SpaceTaken(STILL_IN) if room.is_occupied else errors.RoomNotReady(OUT)
