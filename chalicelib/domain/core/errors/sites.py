"""Refusals of sites, zones, spaces, rooms and their hours."""

from __future__ import annotations

from typing import Self

from chalicelib.domain.core.errors.families import (
    AlreadyExists,
    Conflict,
    Gone,
    NotFound,
    StaleVersion,
)
from chalicelib.domain.core.sentence import Sentence, say


class SiteNotFound(NotFound):
    code = "SITE_NOT_FOUND"


class ZoneNotFound(NotFound):
    code = "ZONE_NOT_FOUND"


class SpaceNotFound(NotFound):
    code = "SPACE_NOT_FOUND"


class BlackoutNotFound(NotFound):
    code = "BLACKOUT_NOT_FOUND"


class IdRetired(AlreadyExists):
    code = "ID_RETIRED"


class ClosedForGood(Gone):
    code = "CLOSED_FOR_GOOD"


class ClosedMeanwhile(StaleVersion):
    """A place that a Change relies on was closed for good after it was read."""


class ZoneClosed(Conflict):
    code = "ZONE_CLOSED"


class OutsideOpeningHours(Conflict):
    code = "OUTSIDE_OPENING_HOURS"


class BlackedOut(Conflict):
    code = "BLACKED_OUT"


class RoomNotReady(Conflict):
    code = "ROOM_NOT_READY"

    @classmethod
    def of(cls, condition: Sentence) -> Self:
        """The refusal with the condition of the room."""
        return cls(say("room_is", condition=condition))
