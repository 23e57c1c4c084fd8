"""Incidents at a site, reported by staff and never changed (docs/rules/shifts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import say


class IncidentKind(StrEnum):
    """The kind of an incident."""

    ACCIDENT = "accident"
    DAMAGE = "damage"
    THEFT = "theft"
    DISPUTE = "dispute"
    EQUIPMENT = "equipment"
    OTHER = "other"


@dataclass(frozen=True)
class Incident:
    """An incident at a site, with its reporter and, where known, the booking, space or vehicle it
    is about. Raises Invalid for a time in the future."""

    incident_id: str
    site: str
    kind: IncidentKind
    text: str
    occurred_at: datetime
    reported_at: datetime
    reported_by: str
    booking_id: str | None = None
    space_id: str | None = None
    vehicle_number: str | None = None

    def __post_init__(self) -> None:
        if self.occurred_at > self.reported_at:
            raise errors.Invalid({"occurred_at": say("must_not_be_future")})

    @property
    def version(self) -> int:
        """Always 1: an incident is written once."""
        return 1
